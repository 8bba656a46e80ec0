"""What happened in a stretch of time, and the books as they stand: what stand-ups and reviews tell of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crewboard.clock import parse_stamp, stamp
from crewboard.coordination.lease import holder
from crewboard.coordination.ledger import Event, Ledger, Transaction
from crewboard.coordination.standup import Said
from crewboard.coordination.views import words
from crewboard.coordination.views.books import Books

CREW = "crew"
_ALL = 1 << 60
NO_MOVE = frozenset({
    "crew.started", "effect.intended", "memory.curated", "review.written", "schedule.set",
    "standup.written",
})  # fmt: skip
"""Events that move no work."""


@dataclass(frozen=True)
class Window:
    """The events from `since` to `until`; with `after`, those that were written after that one, whatever
    the clock said: a clock that was set back puts no event out of sight."""

    since: datetime
    until: datetime
    after: int | None = None

    @classmethod
    def open_end(cls, tx: Transaction, since: datetime, now: datetime) -> "Window":
        """Everything that was written after the last event before `since`."""
        row = tx.one("last_before", at=stamp(since))
        return cls(since, now, (row["seq"] if row else None) or 0)


@dataclass(frozen=True)
class Look:
    """`lost` are messages that were given up, by sender; `idle` is what waits for a crew when none
    lives."""

    window: Window
    events: Sequence[Event]
    books: Books
    lost: Sequence[tuple[str, Said]]
    idle: Said | None

    @classmethod
    def at(cls, ledger: Ledger, window: Window) -> "Look":
        with ledger.read() as tx:
            lost = [_lost(row) for row in map(dict, tx.run("out_dead"))]
            idle = None if _lives(ledger) else _idle(tx)
            return cls(window, _events(tx, window), Books.read(tx), lost, idle)

    @property
    def told(self) -> int | None:
        """The number of the newest event that is told: what comes next begins behind it. None for a
        window of hours without events, behind which nobody can begin."""
        return max((event.seq for event in self.events), default=self.window.after)

    @property
    def moves(self) -> list[Event]:
        return [event for event in self.events if event.kind not in NO_MOVE]


def _events(tx: Transaction, window: Window) -> list[Event]:
    if window.after is None:
        since, until = stamp(window.since), stamp(window.until)
        rows = tx.run("events_between", since=since, until=until)
    else:
        rows = tx.run("events_after", seq=window.after, count=_ALL)
    return [Event.of(row) for row in rows]


def _lives(ledger: Ledger) -> bool:
    return holder(ledger.path.with_name("crew.lock")) is not None


def _idle(tx: Transaction) -> Said | None:
    """What could go on if a crew lived: tasks with mail, and those that a dead one was on."""
    rows = [*tx.run("runnable_tasks", at=tx.at), *tx.run("abandoned_tasks", fence=-1)]
    if not rows:
        return None
    oldest = parse_stamp(min(row["updated"] for row in rows))
    waiting = words.count(len({row["id"] for row in rows}), "task")
    return Said(f"no crew runs, {waiting} could go on: `crewboard resume`", since=oldest)


def _lost(row: dict[str, str]) -> tuple[str, Said]:
    why = json.loads(row["error"])["text"] if row["error"] else "no reason was given"
    text = f"a message to {row['recipient']} was given up: {why}"
    return row["sender"], Said(text, row["task"] or "", since=parse_stamp(row["at"]))
