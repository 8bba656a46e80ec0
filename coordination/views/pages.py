"""Keeping board, notes and ledger in step, after every change on either side and at little cost.

A page that cannot be written stops nobody: it is told once, and tried again at the next refresh.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from weakref import WeakKeyDictionary

from crewboard.clock import parse_stamp
from crewboard.coordination import steering, tasks
from crewboard.coordination.board import redacted, render_into, template
from crewboard.coordination.board.store import BoardStore
from crewboard.coordination.ledger import Event, Ledger, Transaction
from crewboard.coordination.settings import Settings
from crewboard.coordination.steering import BUILT_IN, CREW, Rules
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
    """What this process knows of a ledger's pages: the number of the last event that each tells, the
    board as the crew left it, and the faults that were reported since all was well."""

    store: BoardStore
    board: int = 0
    notes: int = 0
    steered: bool = False
    drawn: bytes | None = None
    reported: set[str] = field(default_factory=set)


_pages: WeakKeyDictionary[Ledger, _Pages] = WeakKeyDictionary()


def refresh(workspace: Workspace, ledger: Ledger) -> None:
    """Obey what people did on the board, and show there and in the notes what happened since.

    Safe to repeat, and from several processes: the ledger is read under the lock that the pages are
    written under, so an older look never covers a newer one. Raises what the ledger raises only.
    """
    pages = _pages_of(workspace, ledger)
    with ledger.read() as tx:
        last = _last(tx)
    if pages.steered and not pages.store.touched() and last <= min(pages.board, pages.notes):
        return
    lock = workspace.state / "views.lock"

    def write() -> None:
        with locked(lock, _PATIENCE_S):
            done = _reporting(pages, lambda: _keep_board(workspace, ledger, pages))
            if _reporting(pages, lambda: _tell(workspace, ledger, pages)) and done:
                pages.reported.clear()

    _reporting(pages, write)


def touched(workspace: Workspace, ledger: Ledger) -> bool:
    """Whether somebody saved the board since the last refresh. Costs a `stat`."""
    pages = _pages_of(workspace, ledger)
    return pages.steered and pages.store.touched()


def _pages_of(workspace: Workspace, ledger: Ledger) -> _Pages:
    if ledger not in _pages:
        store = BoardStore(workspace.board, workspace.state, workspace.root, ledger.clock)
        store.patience = _PATIENCE_S
        _pages[ledger] = _Pages(store)
    return _pages[ledger]


def _keep_board(workspace: Workspace, ledger: Ledger, pages: _Pages) -> None:
    """Take in what others wrote, then say what is new. A save that is obeyed makes news itself."""
    store = pages.store
    store.take_in()
    steering.take_in(ledger, store, _rules(workspace))
    pages.steered = True
    with ledger.read() as tx:
        last = _last(tx)
        if last <= pages.board:
            return
        synced = tx.run("events_after", seq=last - 1, count=1)[0]["at"]
        books = Books.read(tx)
    if not books.tasks and not books.decisions:  # nobody works here yet: the board stays as it was
        pages.board = last
        return
    view = redacted(board_view(books, workspace.root.name, parse_stamp(synced)))
    before = pages.drawn if pages.drawn is not None else _drawn(store)
    store.edit(lambda now: render_into(now, view, before), by=CREW, why=f"event {last}")
    pages.drawn, pages.board = _drawn(store), last


def _drawn(store: BoardStore) -> bytes | None:
    """The board as the crew last left it, None where that is not known any more."""
    own = [version for version in store.versions() if version.by == CREW]
    return store.text(own[-1].sha256) if own else None


def _rules(workspace: Workspace) -> Rules:
    settings, blank = Settings.load(workspace.config), template(workspace.root.name)
    return Rules(settings.rulebook(), BUILT_IN | settings.roles.keys(), workspace.root, blank)


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
