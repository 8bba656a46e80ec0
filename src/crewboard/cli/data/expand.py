"""`crewboard data expand`: fill up each agent's training set from agents that are close to it."""

from pathlib import Path
from typing import Any

import click

from crewboard.cli.options import into, option, with_json


@click.command
@click.argument("sources", nargs=-1, required=True, metavar="AGENT=FILE... | FILE --by FIELD")
@option("--by", metavar="FIELD", help="One file holds all rows, and each names its agent there.")
@option("--rows", required=True, type=click.IntRange(min=1), help="Rows for each target.")
@option("--matrix", metavar="FILE", help="How close the agents are: TOML, CSV or Markdown.")
@option(
    "--native-share",
    default=0.067,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="The most that a target's own rows may be of its set.",
)
@option(
    "--rounding",
    default="largest-remainder",
    show_default=True,
    type=click.Choice(["largest-remainder", "truncate"]),
)
@option("--target", "targets", multiple=True, metavar="AGENT", help="For whom; all by default.")
@option("--seed", default=42, show_default=True)
@into()
@with_json
def expand(sources: tuple[str, ...], seed: int, out: Path, *, as_json: bool, **given: Any) -> None:
    """Draw each target's rows from its own and from others' by compatibility. A weight of a row becomes
    its number of copies, because no trainer applies a fraction."""
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.cli.terminal import table
    from crewboard.tools.expand.tool import expand as tool

    agents, files = _parted(sources, named=given["by"] is None)
    arguments = given | {"sources": files, "agents": agents}
    read = [*files, given["matrix"]] if given["matrix"] else files
    done = run_alone(tool, arguments, out, seed, read)
    tell(done, out, as_json=as_json)
    if not as_json:
        drawn = done.outcome.measured["drawn"]
        givers = list(dict.fromkeys(source for counts in drawn.values() for source in counts))
        table((_row(target, counts, givers) for target, counts in drawn.items()), ("for", *givers))


def _row(target: str, counts: dict[str, int], givers: list[str]) -> tuple[str, ...]:
    return (target, *(f"{counts.get(giver, 0):,}" for giver in givers))


def _parted(sources: tuple[str, ...], *, named: bool) -> tuple[list[str], list[str]]:
    """(agents, files); no agents where each row names its own."""
    if not named:
        return [], list(sources)
    pairs = [_pair(each) for each in sources]
    return [agent for agent, _ in pairs], [file for _, file in pairs]


def _pair(text: str) -> tuple[str, str]:
    agent, equals, file = text.partition("=")
    if not (agent and equals and file):
        raise click.UsageError(f"{text!r} names no agent: write AGENT=FILE, or give --by FIELD")
    return agent, file
