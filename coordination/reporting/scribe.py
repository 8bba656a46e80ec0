"""What the ledger has told and a page does not bear yet: stand-ups for their log, reviews for the notes.

The text is left in the ledger in the transaction that tells of it, and taken from there once it is on
its page. So a page that is locked, read-only or on a full disk holds nothing up and loses nothing, and
a crash between the two writes it once. A text that people take out of a page stays out.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from crewboard.canonical import canonical_json
from crewboard.coordination.ledger import Ledger, Transaction
from crewboard.coordination.reporting import standup_log
from crewboard.coordination.workspace import Workspace
from crewboard.errors import CrewboardError
from crewboard.memory import notes
from crewboard.memory.page import locked, rewrite
from crewboard.redact import redact

_ROW = "unwritten"
LOG, NOTES = "log", "notes"


@dataclass(frozen=True)
class Entry:
    """One text for a page: `key` is what the page knows it by, `day` the day of the notes."""

    page: str
    key: str
    day: str
    markdown: str


def leave(tx: Transaction, entry: Entry) -> None:
    _set(tx, [*_left(tx), entry])


def log_of(workspace: Workspace) -> Path:
    return workspace.root / standup_log.NAME


def deliver(workspace: Workspace, ledger: Ledger) -> int:
    """Put everything that was left onto its page, and count what was new there. What a page in the way
    keeps from it waits for the next time, and holds up no other; the first such fault is raised."""
    with ledger.read() as tx:
        if not _left(tx):
            return 0
    done, faults = 0, list[Exception]()
    with locked(workspace.state / "scribe.lock"):
        with ledger.read() as tx:
            left = _left(tx)
        for entry in left:
            try:
                done += _put(workspace, entry)
            except (CrewboardError, OSError) as error:
                faults.append(error)
                continue
            with ledger.write() as tx:
                _set(tx, [each for each in _left(tx) if each != entry])
    if faults:
        raise faults[0]
    return done


def _put(workspace: Workspace, entry: Entry) -> bool:
    text = redact(entry.markdown)
    if entry.page == NOTES:
        return notes.add_section(workspace.notes, date.fromisoformat(entry.day), entry.key, text)
    return rewrite(log_of(workspace), lambda data: standup_log.with_entry(data, entry.key, text))


def _left(tx: Transaction) -> list[Entry]:
    row = tx.one("get_meta", name=_ROW)
    return [Entry(**each) for each in json.loads(row["value"])] if row else []


def _set(tx: Transaction, entries: Sequence[Entry]) -> None:
    tx.change("set_meta", name=_ROW, value=canonical_json([asdict(each) for each in entries]))
