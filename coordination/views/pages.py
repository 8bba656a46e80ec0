"""Bringing board and notes up to date with the ledger, after every change and at little cost.

A page that cannot be written stops nobody: it is told once, and tried again at the next refresh.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from weakref import WeakKeyDictionary

from crewboard.clock import parse_stamp
from crewboard.coordination import tasks
from crewboard.coordination.board import BoardWriter
from crewboard.coordination.ledger import Event, Ledger, Transaction
from crewboard.coordination.views.board import board_view
from crewboard.coordination.views.books import Books
from crewboard.coordination.views.notes import note_of
from crewboard.coordination.workspace import Workspace
from crewboard.errors import (
    BoardNotAFile,
    DiskFull,
    InputUnreadable,
    PageBusy,
    PathOutside,
    WorkspaceUnwritable,
)
from crewboard.memory import notes
from crewboard.memory.notes import Note
from crewboard.memory.page import locked

log = logging.getLogger(__name__)
_PATIENCE_S = 2.0  # so long the crew's loop waits for a page; it looks again soon
_BATCH = 1000
_NOTED = "noted"
_FAULTS = (
    BoardNotAFile, DiskFull, InputUnreadable, OSError, PageBusy, PathOutside, WorkspaceUnwritable,
)  # fmt: skip


@dataclass
class _Pages:
    """What this process knows of a ledger's pages: the number of the last event that each tells, and
    the faults that were reported since all was well."""

    board: int = 0
    notes: int = 0
    reported: set[str] = field(default_factory=set)


_pages: WeakKeyDictionary[Ledger, _Pages] = WeakKeyDictionary()


def refresh(workspace: Workspace, ledger: Ledger) -> None:
    """Show on the board and in the notes what happened since the last time.

    Safe to repeat, and from several processes: the ledger is read under the lock that the pages are
    written under, so an older look never covers a newer one. Raises what the ledger raises only.
    """
    pages = _pages.setdefault(ledger, _Pages())
    with ledger.read() as tx:
        last = _last(tx)
    if last <= min(pages.board, pages.notes):
        return
    lock = workspace.state / "views.lock"

    def write() -> None:
        with locked(lock, _PATIENCE_S):
            done = pages.board >= last or _reporting(pages, lambda: _show(workspace, ledger, pages))
            if _reporting(pages, lambda: _tell(workspace, ledger, pages)) and done:
                pages.reported.clear()

    _reporting(pages, write)


def _show(workspace: Workspace, ledger: Ledger, pages: _Pages) -> None:
    with ledger.read() as tx:
        last = _last(tx)
        synced = tx.run("events_after", seq=last - 1, count=1)[0]["at"]
        books = Books.read(tx)
    writer = BoardWriter(workspace.board, workspace.state / "board.lock", workspace.root)
    writer.patience = _PATIENCE_S
    writer.sync(board_view(books, workspace.root.name, parse_stamp(synced)))
    pages.board = last


def _tell(workspace: Workspace, ledger: Ledger, pages: _Pages) -> None:
    """Each event once: the ledger keeps the number of the last one that was told, and a note that was
    written just before a crash is known again by the event that it names."""
    while events := _untold(ledger, pages):
        with ledger.read() as tx:
            about = {task.id: task for task in tasks.everything(tx)}
        told = [note_of(event, about.get(event.task or "")) for event in events]
        for day, of_day in groupby(filter(None, told), _day):
            notes.append(workspace.notes, day, of_day)
        with ledger.write() as tx:
            tx.change("set_meta", name=_NOTED, value=str(events[-1].seq))
        pages.notes = events[-1].seq


def _untold(ledger: Ledger, pages: _Pages) -> list[Event]:
    with ledger.read() as tx:
        noted = tx.one("get_meta", name=_NOTED)
        pages.notes = max(pages.notes, int(noted["value"]) if noted else 0)
        return [Event.of(row) for row in tx.run("events_after", seq=pages.notes, count=_BATCH)]


def _day(note: Note) -> date:
    return note.at.date()


def _last(tx: Transaction) -> int:
    row = tx.one("last_event")
    return int(row["seq"]) if row else 0


def _reporting(pages: _Pages, write: Callable[[], None]) -> bool:
    """Whether `write` went through. A page in its way is reported, once in the same words."""
    try:
        write()
    except _FAULTS as error:
        text = f"{type(error).__name__}: {error}"
        if text not in pages.reported:
            pages.reported.add(text)
            log.warning("board or notes are behind the ledger: %s", text)
        return False
    return True
