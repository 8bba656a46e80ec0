"""`crewboard data dedup`: rows that are the same, or nearly."""

from pathlib import Path
from typing import Any

import click

from crewboard.cli.options import into, option, with_json

_USUAL = 0.7


@click.command
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@option(
    "--key",
    multiple=True,
    default=("messages",),
    show_default=True,
    metavar="KEY",
    help="messages, stripped, answer, row, or a field; all of several must be equal.",
)
@option(
    "--near",
    is_flag=False,
    flag_value=_USUAL,
    type=click.FloatRange(0, 1, min_open=True),
    metavar="[JACCARD]",
    help=f"Near duplicates too, from {_USUAL} on unless told.",
)
@option(
    "--keep",
    default="first",
    show_default=True,
    metavar="RULE",
    help="Which one stays: first, last, longest, or best:FIELD.",
)
@option(
    "--policy",
    default="drop",
    show_default=True,
    type=click.Choice(["drop", "keep-as-weight", "mark", "keep"]),
)
@option("--weight-field", default="weight", show_default=True, metavar="NAME")
@option("--mark-field", default="duplicate_of", show_default=True, metavar="NAME")
@into()
@with_json
def dedup(files: tuple[str, ...], out: Path, *, as_json: bool, **given: Any) -> None:
    """Find copies and treat them by a policy: drop them, add their weight to the row that stays, mark them,
    or only count them. Which row stays for which, and why, stands in clusters.jsonl."""
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.tools.dedup import dedup as tool

    done = run_alone(
        tool, given | {"data": files[0] if len(files) == 1 else files}, out, seed=0, read=files
    )
    tell(done, out, as_json=as_json)
