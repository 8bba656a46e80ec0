"""`crewboard board archive`: what was done long ago leaves the board, and can come back."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crewboard.cli.board.desk import Desk
from crewboard.cli.options import in_workspace, option

if TYPE_CHECKING:
    from crewboard.coordination.board.archive import Put
    from crewboard.coordination.board.store import BoardStore
    from crewboard.coordination.ledger import Ledger


@click.command
@option(
    "--older-than",
    default="30d",
    show_default=True,
    metavar="WHEN",
    help="Done so long ago: 12h, 30d.",
)
@in_workspace
def archive(workspace: Path | None, older_than: str) -> None:
    """Move cards that were done long ago into KANBAN-archive/YYYY-MM.md.

    `crewboard board undo` brings them back. How long a card is done is what the ledger says, and for
    cards of people's own what the versions of the board show; where neither knows, it stays.
    """
    from crewboard.cli.moments import moment
    from crewboard.cli.terminal import line, out
    from crewboard.coordination.board.archive import bring_back, ended_at, put_away, ripe, taken_off

    desk = Desk.at(workspace)
    store, ledger, by = desk.store, desk.place.ledger(), desk.by()
    data, now, lock = store.take_in(), ledger.clock.now(), desk.archive_lock
    ended = ended_at(data, _told(ledger), _history(store))
    put = ripe(data, ended, moment(older_than, now, "--older-than"))
    if not put:
        out(f"No card is known to be done for {line(older_than)}.")
        return
    files = sorted({each.file for each in put})
    why = f"archive: {len(put)} done card{'s'[: len(put) > 1]} to {', '.join(files)}"
    put_away(desk.place.root, lock, put, by, now)
    version = store.edit(lambda text: taken_off(text, put), by=by, why=why)
    left = bring_back(desk.place.root, lock, store.take_in(), why)
    _note(ledger, by, put, version.number if version else None)
    for each in put:
        if each.title not in left:
            out(f"{each.file}  {line(each.title, 100)}")
    if version:
        out(f"`crewboard board undo {version.number}` brings them back")


def _history(store: "BoardStore") -> "Iterator[tuple[datetime, bytes]]":
    """The versions whose bytes are kept, newest first."""
    from crewboard.clock import parse_stamp
    from crewboard.errors import VersionGone

    for version in reversed(store.versions()):
        try:
            yield parse_stamp(version.at), store.text(version.sha256)
        except VersionGone:
            return


def _told(ledger: "Ledger") -> dict[str, datetime]:
    """When the ledger's cards ended: {id: when}."""
    from crewboard.clock import parse_stamp
    from crewboard.coordination import decisions, tasks

    with ledger.read() as tx:
        ended = {task.id: task.updated for task in tasks.everything(tx) if task.ended}
        given = {each.id: each.decided for each in decisions.everything(tx) if each.decided}
    return {name: parse_stamp(at) for name, at in {**ended, **given}.items() if at}


def _note(ledger: "Ledger", by: str, put: "list[Put]", version: int | None) -> None:
    with ledger.write() as tx:
        tx.event(
            "board.archived", by, None, None,
            version=version, cards=[{"card": p.key, "title": p.title, "file": p.file} for p in put],
        )  # fmt: skip
