"""`crewboard data rebalance`: the values of a field brought to target shares."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from crewboard.cli import exits
from crewboard.cli.options import option, with_json

if TYPE_CHECKING:
    from crewboard.cli.data.alone import Done

_FILE = click.Path(path_type=Path)
_SEED = 42


@click.command
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@option(
    "--target",
    "targets",
    multiple=True,
    metavar="FIELD[,FIELD]=LABEL:SHARE,...",
    help="Shares of a field's values; twice for two fields at once.",
)
@option("--plan", type=_FILE, metavar="TOML", help="An audit.toml: its plans and tolerance.")
@option("--tolerance", type=click.FloatRange(0, 0.5), help="By how much a share may differ.")
@option(
    "--by",
    type=click.Choice(["sampling", "oversampling", "generating"]),
    default="sampling",
    show_default=True,
)
@option("--rows", type=click.IntRange(1), help="How many there are to be in the end.")
@option(
    "--most-copies", type=click.IntRange(1, 1000), help="Oversampling: of one row; 3 if absent."
)
@option("--seed", type=int, default=_SEED, show_default=True)
@option("--recipe", metavar="RECIPE", help="Generating: what asks for the rows.")
@option("--model", metavar="P/M", help="Generating: whose price the estimate takes.")
@option("--check", is_flag=True, help="Only tell the shares; exit code 5 when they are off.")
@option("--out", default="rebalanced", type=_FILE, metavar="DIR", show_default=True)
@with_json
def rebalance(files: tuple[str, ...], out: Path, *, as_json: bool, **given: Any) -> int:
    """Bring the values of a field to target shares: leave rows out, repeat rows, or write the recipe
    that `data generate` fills the gap by."""
    arguments = {"data": files, **_targets(given)}
    if given["check"]:
        return _check(arguments, as_json=as_json)
    from crewboard.cli.data.alone import run_alone, tell

    if given["by"] == "generating":
        _generating(arguments, given, out, as_json=as_json)
        return exits.DONE
    from crewboard.tools.rebalance import rebalance as tool

    more = {key: given[key] for key in ("rows", "most_copies") if given[key]}
    done = run_alone(tool, {**arguments, "by": given["by"], **more}, out, given["seed"], files)
    tell(done, out, as_json=as_json)
    if not as_json:
        _show(done.outcome.measured["axes"])
    return exits.DONE


_HEADS = ("axis", "label", "target", "before", "share", "after", "share")


def _show(axes: dict[str, Any]) -> None:
    from crewboard.cli.terminal import table

    rows = [
        (
            axis,
            each["label"],
            f"{each['planned']:.2%}",
            *(
                text
                for name in ("before", "after")
                for text in (f"{each[name]:,}", f"{each[f'share_{name}']:.2%}")
            ),
        )
        for axis, labels in axes.items()
        for each in labels
    ]
    table(rows, _HEADS)


def _generating(
    arguments: dict[str, Any], given: dict[str, Any], out: Path, *, as_json: bool
) -> None:
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.tools.generate.shipped import shipped
    from crewboard.tools.rebalance import rebalance_recipe as tool

    if not given["recipe"]:
        raise click.UsageError("--by generating needs --recipe: what asks for the rows")
    recipe = str(shipped(given["recipe"]) or given["recipe"])
    more = {key: given[key] for key in ("rows", "model") if given[key]}
    read = [*arguments["data"], recipe]
    done = run_alone(tool, {**arguments, "recipe": recipe, **more}, out, given["seed"], read)
    tell(done, out, as_json=as_json)
    if not as_json:
        _show(done.outcome.measured["axes"])
        _show_commands(done, arguments["data"], given["model"], out)


def _show_commands(done: "Done", files: tuple[str, ...], model: str | None, out: Path) -> None:
    """What to run next, one line for each recipe."""
    import shlex

    from crewboard.cli.terminal import line
    from crewboard.cli.terminal import out as say

    folder = out / next(m.path for m in done.manifests if m.name == "recipes")
    for each in done.outcome.measured["recipes"]:
        recipe = folder / each["recipe"]
        words = ["crewboard", "data", "generate", str(recipe), "--out", recipe.stem]
        words += [part for file in files for part in ("--existing", file)]
        words += ["--model", model, "--budget", _budget(each["estimate"])] if model else []
        say(line(shlex.join(words)))


def _budget(estimate: dict[str, Any]) -> str:
    """Half as much again as the estimate, in cents: answers that are refused are paid too."""
    from math import ceil

    return f"{ceil(estimate['cost'] * 1.5 / 10_000) / 100:.2f}"


def _check(arguments: dict[str, Any], *, as_json: bool) -> int:
    from crewboard.cli.data.pace import Pace
    from crewboard.cli.terminal import document, talk
    from crewboard.tools.rebalance import RebalanceArguments
    from crewboard.tools.rebalance import rebalance as tool
    from crewboard.tools.rebalance.check import shares_of

    parsed = cast("RebalanceArguments", tool.parse(arguments))
    pace = Pace("rebalance")
    try:
        found = shares_of(parsed, pace)
    finally:
        pace.end()
    if as_json:
        document(found)
    else:
        _show(found["axes"])
    told = "within" if found["within"] else "beyond"
    talk(f"{found['rows']:,} rows, {told} the tolerance of {found['tolerance']:.1%}")
    return exits.DONE if found["within"] else exits.FAILED


def _targets(given: dict[str, Any]) -> dict[str, Any]:
    targets, tolerance = _planned(given["plan"]) if given["plan"] else ({}, 0.0)
    targets |= dict(map(_target, given["targets"]))
    if not targets:
        raise click.UsageError("name --target FIELD=LABEL:SHARE,... or --plan audit.toml")
    if given["tolerance"] is not None:
        tolerance = given["tolerance"]
    return {"targets": targets, "tolerance": tolerance}


def _planned(path: Path) -> tuple[dict[str, dict[str, float]], float]:
    """The plans of an audit.toml under the names of its fields; of several tolerances the least."""
    from crewboard.tools.audit.config import load_config
    from crewboard.tools.files.jsonl import check_readable

    check_readable(path)
    config = load_config(path)
    targets = {
        str(getattr(config.fields, axis)): dict(balance.plan)
        for axis, balance in config.balance.items()
    }
    return targets, min((each.tolerance for each in config.balance.values()), default=0.0)


def _target(text: str) -> tuple[str, dict[str, float]]:
    axis, equals, rest = text.partition("=")
    shares: dict[str, float] = {}
    for part in rest.split(","):
        label, colon, share = part.rpartition(":")
        try:
            shares[label.strip()] = float(share)
        except ValueError:
            colon = ""
        if not (axis and equals and colon and label):
            raise click.UsageError(
                f"{text!r} is no target: write FIELD=LABEL:SHARE,LABEL:SHARE, or a plan"
            )
    return axis, shares
