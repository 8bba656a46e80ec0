"""Events: what happened, in order, each bound to the one before by its hash.

hash = SHA-256 of the canonical JSON of [prev, seq, at, kind, actor, goal, task, data]. The chain shows
that something was changed, taken out or put in between. It does not show that the newest events were
cut off, and does not stop who may write the file from making a whole new chain; keep a copy of the
last hash elsewhere where that matters.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crewboard.canonical import digest

GENESIS = "0" * 64


@dataclass(frozen=True)
class Event:
    """`at` is UTC (`2026-11-21T09:00:00.000Z`), `data` plain JSON, already redacted."""

    seq: int
    at: str
    kind: str
    actor: str
    goal: str | None
    task: str | None
    data: dict[str, Any]
    prev: str
    hash: str

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Event":
        return cls(**{**dict(row), "data": _parsed(row["data"])})

    def computed_hash(self) -> str:
        parts = [self.prev, self.seq, self.at, self.kind, self.actor, self.goal, self.task]
        return digest([*parts, self.data])


def _parsed(text: str) -> dict[str, Any]:
    """What is no JSON any more is shown as it is: it cannot match its hash."""
    try:
        data: dict[str, Any] = json.loads(text, parse_constant=str)
    except ValueError:
        return {"unreadable": text}
    return data


def verify(events: Iterable[Event]) -> str | None:
    """The first fault of a chain that starts at its first event, in words; None when it holds."""
    seq, prev = 0, GENESIS
    for event in events:
        if event.seq != seq + 1:
            return f"event {seq + 1} is missing"
        if event.prev != prev:
            return f"event {event.seq} does not follow event {seq}"
        if event.computed_hash() != event.hash:
            return f"event {event.seq} was changed"
        seq, prev = event.seq, event.hash
    return None
