"""`crewboard data mix`: several datasets into one, by a recipe or by hand."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crewboard.cli.options import into, option, with_json

if TYPE_CHECKING:
    from crewboard.tools.mix import MixArguments

_SEED = 42


@click.command
@click.argument("given", nargs=-1, required=True, metavar="MIX.toml | NAME=FILE:RATIO...")
@option("--seed", type=int, help=f"Instead of the recipe's; {_SEED} when it says none.")
@option("--anchor", metavar="NAME", help="The source that is used whole and sets the size.")
@option("--rows", type=click.IntRange(1), help="The size, instead of an anchor.")
@option("--max-words", type=click.IntRange(1))
@option("--over-length", type=click.Choice(["drop", "replace", "keep", "refuse"]))
@into()
@with_json
def mix(given: tuple[str, ...], out: Path, *, as_json: bool, **more: Any) -> None:
    """Draw rows in given ratios. The same rows, ratios and seed give the same bytes on any machine, in
    whatever order files and rows come. Caps, copies and pins stand in the recipe."""
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.cli.terminal import table
    from crewboard.tools.mix import load_mix
    from crewboard.tools.mix import mix as tool

    if len(given) == 1 and given[0].endswith(".toml"):
        arguments = _overridden(load_mix(Path(given[0])), more)
    else:
        arguments = _by_hand(given, more)
    read = [path for path in (*arguments["sources"], arguments.get("tokenizer")) if path]
    seed = _SEED if arguments.get("seed") is None else arguments["seed"]
    done = run_alone(tool, arguments, out, seed, read)
    tell(done, out, as_json=as_json)
    if not as_json:
        table(map(_row, done.outcome.measured["sources"]), _HEADS)


_HEADS = ("source", "rows", "asked", "got", "drawn", "written", "over-long", "duplicates")


def _row(told: dict[str, Any]) -> tuple[str, ...]:
    counts = [f"{told[key]:,}" for key in ("drawn", "written", "over_long", "duplicates")]
    ratios = [f"{told[key]:.2%}" for key in ("asked_ratio", "got_ratio")]
    return (told["name"], f"{told['rows']:,}", *ratios, *counts)


def _overridden(written: "MixArguments", more: dict[str, Any]) -> dict[str, Any]:
    """The recipe with what the command line says otherwise."""
    arguments = written.model_dump()
    said = {key: value for key, value in more.items() if value is not None}
    if "anchor" in said:
        said["anchor"] = _index(said["anchor"], list(written.labels))
    for size, other in (("rows", "anchor"), ("anchor", "rows")):
        if size in said and other not in said:
            arguments[other] = None
    return arguments | said


def _by_hand(given: tuple[str, ...], more: dict[str, Any]) -> dict[str, Any]:
    three = [_parts(each) for each in given]
    names = list(dict.fromkeys(name for name, _, _ in three))
    ratios = {name: ratio for name, _, ratio in three}
    arguments: dict[str, Any] = {key: value for key, value in more.items() if value is not None}
    if "anchor" in arguments:
        arguments["anchor"] = _index(arguments["anchor"], names)
    return arguments | {
        "sources": [file for _, file, _ in three],
        "names": [name for name, _, _ in three],
        "ratios": [ratios[name] for name in names],
    }


def _parts(text: str) -> tuple[str, str, float]:
    name, equals, rest = text.partition("=")
    file, colon, ratio = rest.rpartition(":")
    try:
        share = float(ratio)
    except ValueError:
        share = 0.0
    if not (name and equals and file and colon and share > 0):
        raise click.UsageError(f"{text!r} is no source: write NAME=FILE:RATIO, or name a MIX.toml")
    return name, file, share


def _index(name: str, names: list[str]) -> int:
    if name not in names:
        raise click.UsageError(f"--anchor {name!r} is no source; there are {', '.join(names)}")
    return names.index(name)
