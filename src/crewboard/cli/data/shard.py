"""`crewboard data shard` and `data validate-mixture`: rows into token arrays, and what sources share."""

from pathlib import Path
from typing import Any

import click

from crewboard.cli import exits
from crewboard.cli.options import into, option, with_json


@click.command
@click.argument("sources", nargs=-1, required=True, metavar="[NAME=]FILE[:WEIGHT]...")
@option("--tokenizer", required=True, metavar="FILE", help="A tokenizer.json.")
@option("--tokenizer-sha256", metavar="HEX", help="What it must hash to.")
@option("--sequence", default=2048, show_default=True, type=click.IntRange(2), help="Tokens.")
@option("--shard-sequences", default=8192, show_default=True, type=click.IntRange(1))
@option(
    "--tail",
    default="keep",
    show_default=True,
    type=click.Choice(["keep", "pad", "drop"]),
    help="The last tokens of a source: a shorter sequence, filled up, or cut off and counted.",
)
@option("--end", default="<|endoftext|>", show_default=True, metavar="TOKEN", help="'' for none.")
@option("--pad", metavar="TOKEN", help="The end's token by default.")
@option("--passes", default=1.0, show_default=True, type=click.FloatRange(min=1))
@option("--field", "fields", multiple=True, metavar="NAME", help="A column of text.")
@option("--seed", default=42, show_default=True)
@into()
@with_json
def shard(sources: tuple[str, ...], seed: int, out: Path, *, as_json: bool, **given: Any) -> None:
    """Tokenize rows into .npy arrays with an index of documents, and a schedule that mixes sources by
    weight. Run it again after a stop, and it goes on where it was."""
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.cli.terminal import table
    from crewboard.tools.shard import shard as tool

    given["end"] = given["end"] or None
    arguments = given | _sources(sources)
    done = run_alone(tool, arguments, out, seed, [*arguments["sources"], given["tokenizer"]])
    tell(done, out, as_json=as_json)
    if not as_json:
        table(map(_row, done.outcome.measured["sources"]), _HEADS)


@click.command("validate-mixture")
@click.argument("sources", nargs=-1, required=True, metavar="DIR | [NAME=]FILE...")
@option(
    "--threshold",
    default=0.05,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="The share of one source that may stand in another.",
)
@option("--field", "fields", multiple=True, metavar="NAME", help="A column of text.")
@into()
@with_json
def validate_mixture(sources: tuple[str, ...], out: Path, *, as_json: bool, **given: Any) -> int:
    """Check the files of a folder of shards, and what sources share by content: whole documents, and
    passages of 13 words (16 tokens). Exit code 0 when all is well, 5 when it is not."""
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.cli.terminal import table
    from crewboard.tools.shard import validate_mixture as tool

    arguments = given | _sources(sources)
    arguments.pop("weights", None)
    done = run_alone(tool, arguments, out, 0, arguments["sources"])
    tell(done, out, as_json=as_json)
    measured = done.outcome.measured
    if not as_json and measured["overlaps"]:
        table(
            map(_pair, measured["overlaps"]), ("", "sources", "documents", "of first", "of second")
        )
    return exits.DONE if measured["within"] else exits.FAILED


_HEADS = (
    "source",
    "rows",
    "documents",
    "tokens",
    "sequences",
    "cut off",
    "padded",
    "weight",
    "scheduled",
)


def _sources(given: tuple[str, ...]) -> dict[str, Any]:
    """Names and weights are for all of them or for none."""
    three = [_parts(each) for each in given]
    found: dict[str, Any] = {"sources": [file for _, file, _ in three]}
    names = [name for name, _, _ in three if name]
    weights = {name or file: weight for name, file, weight in three if weight is not None}
    if names and len(names) != len(three):
        raise click.UsageError("name every source, or none")
    if names:
        found["names"] = names
    if weights:
        wanted = list(dict.fromkeys(name or file for name, file, _ in three))
        if set(weights) != set(wanted):
            raise click.UsageError("weigh every source, or none")
        found["weights"] = [weights[name] for name in wanted]
    return found


def _parts(text: str) -> tuple[str, str, float | None]:
    """(name, file, weight); a number after the last colon is a weight."""
    name, equals, rest = text.partition("=")
    if not equals:
        name, rest = "", text
    file, colon, last = rest.rpartition(":")
    try:
        return (name, file, float(last)) if colon else (name, rest, None)
    except ValueError:
        return name, rest, None


def _row(told: dict[str, Any]) -> tuple[str, ...]:
    keys = ("rows_in", "documents", "tokens", "sequences", "dropped_tokens", "padded")
    counts = (f"{told[key]:,}" for key in keys)
    return (told["name"], *counts, f"{told['weight']:.2%}", f"{told['scheduled']:,}")


def _pair(told: dict[str, Any]) -> tuple[str, ...]:
    return (
        "OVER" if told["over"] else "",
        f"{told['first']} and {told['second']}",
        f"{told['documents']:,}",
        f"{told['first_share']:.2%}",
        f"{told['second_share']:.2%}",
    )
