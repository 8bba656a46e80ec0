"""`crewboard data repair`: rows that break a rule, mended or left out, as was chosen for each rule."""

from pathlib import Path
from typing import Any

import click

from crewboard.cli.options import option, with_json

_FILE = click.Path(path_type=Path)


@click.command
@click.argument("file", required=False, metavar="FILE")
@option(
    "--fix",
    "fixes",
    multiple=True,
    metavar="RULE=ACTION",
    help="drop, reconstruct[:WAY], leave; may be repeated.",
)
@option("--plan", type=_FILE, metavar="TOML", help="A repair.toml with [fix] and [aliases].")
@option("--max-words", type=click.IntRange(1), help="For over-long.")
@option("--config", type=_FILE, metavar="TOML", help="An audit.toml: thresholds, fields.")
@option("--findings", type=_FILE, metavar="FILE", help="What `data audit --findings` wrote.")
@option("--offers", "only_offers", is_flag=True, help="Show what is offered for each rule.")
@option("--out", default="repaired", type=_FILE, metavar="DIR", show_default=True)
@with_json
def repair(file: str | None, out: Path, *, as_json: bool, **given: Any) -> None:
    """Mend or leave out the rows of FILE that break the named rules of the audit. Nothing is mended that
    was not asked for, and what was, is counted again in what was written."""
    if given["only_offers"]:
        _show_offers(as_json=as_json)
        return
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.cli.terminal import table
    from crewboard.tools.repair import repair as tool

    if file is None:
        raise click.UsageError("name a FILE, or --offers")
    arguments = {"data": file, **_chosen(given)}
    read = [path for key in ("data", "config", "findings") if (path := arguments.get(key))]
    done = run_alone(tool, arguments, out, 0, read)
    tell(done, out, as_json=as_json)
    if not as_json:
        rules = done.outcome.measured["rules"]
        table([_row(rule, told) for rule, told in rules.items()], _HEADS)


_HEADS = ("rule", "action", "before", "mended", "after")


def _row(rule: str, told: dict[str, Any]) -> tuple[str, ...]:
    action = ":".join([told["action"], *(["+".join(told["ways"])] if told["ways"] else [])])
    after = "not looked for" if told["after"] is None else f"{told['after']:,}"
    return (rule, action, f"{told['before']:,}", f"{told['mended']:,}", after)


def _chosen(given: dict[str, Any]) -> dict[str, Any]:
    """The plan, and what the command line says otherwise."""
    from crewboard.tools.files.jsonl import check_readable
    from crewboard.tools.repair import load_repair

    told: dict[str, Any] = {"fixes": {}}
    if given["plan"]:
        check_readable(given["plan"])
        plan = load_repair(given["plan"])
        told = {"fixes": dict(plan.fix), "aliases": plan.aliases, "max_words": plan.max_words}
    for each in given["fixes"]:
        rule, equals, action = each.partition("=")
        if not equals:
            raise click.UsageError(f"--fix {each!r} is no choice: write RULE=ACTION; see --offers")
        told["fixes"][rule] = action
    if not told["fixes"]:
        raise click.UsageError("nothing was chosen: name --fix RULE=ACTION; see --offers")
    said = {key: given[key] for key in ("max_words", "config", "findings") if given[key]}
    return told | {k: str(v) if isinstance(v, Path) else v for k, v in said.items()}


def _show_offers(*, as_json: bool) -> None:
    from dataclasses import asdict

    from crewboard.cli.terminal import document, table
    from crewboard.tools.repair import offers

    if as_json:
        told = [{**asdict(offer), "actions": offer.actions} for offer in offers().values()]
        document({"offers": told})
        return
    rows = [
        (offer.rule, " ".join(offer.actions), _words(offer.reconstruct, offer.instead))
        for offer in offers().values()
    ]
    table(rows, ("rule", "actions", "what is mended"))


def _words(reconstruct: str, instead: str) -> str:
    return reconstruct or (f"rather: {instead}" if instead else "")
