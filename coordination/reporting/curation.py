"""Curation: what of the ledger's events is worth keeping in mind, and MEMORY.md with it.

A curator proposes facts; which of them stand, how they read and what goes for want of room is settled
by `memory.longterm`, whoever proposed them. What a curator words that is not our own code is quoted as
its words, and facts that rest on a peer's goal are marked as that peer's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from crewboard.canonical import canonical_json
from crewboard.coordination.ledger import Event, Ledger, Transaction
from crewboard.coordination.reporting.curator import Curator, Material, RulesCurator
from crewboard.coordination.views.books import Books
from crewboard.coordination.views.notes import name_of
from crewboard.coordination.workspace import Workspace
from crewboard.memory import longterm, notes
from crewboard.memory.inert import inert
from crewboard.memory.longterm import BUDGET, Curated, Fact, Night, Remembered
from crewboard.memory.page import locked, rewrite

_ROW = "longterm"
_BATCH = 5_000


def curate(
    workspace: Workspace, ledger: Ledger, curator: Curator, budget: int = BUDGET
) -> Curated | None:
    """Bring MEMORY.md up to date with the events since the last time; None when there were none.

    The page is written before the ledger says so: a crash in between does the same work again, which
    finds its own lines. PageBusy, WorkspaceUnwritable, DiskFull change nothing.
    """
    with locked(workspace.state / "longterm.lock"):
        with ledger.read() as tx:
            seq, known = _remembered(tx)
        new, last = _proposed(ledger, curator, known.facts, seq)
        if last == seq:
            return None
        night = Night(known, tuple(new), _Sources(workspace).of, budget)
        done: list[Curated] = []

        def change(data: bytes) -> bytes:
            done[:] = [longterm.curated(data, night)]
            return done[0].data if done[0].remembered.facts or data else data

        rewrite(workspace.root / longterm.NAME, change)
        with ledger.write() as tx:
            _remember(tx, last, done[0], budget)
        return done[0]


def _proposed(
    ledger: Ledger, curator: Curator, known: Sequence[Fact], seq: int
) -> tuple[list[Fact], int]:
    """What the curator makes of the events after `seq`, a batch at a time, and the last one's number."""
    new: list[Fact] = []
    while True:
        with ledger.read() as tx:
            events = [Event.of(row) for row in tx.run("events_after", seq=seq, count=_BATCH)]
            if not events:
                return new, seq
            books = Books.read(tx)
        material = Material(events, books, known)
        new += (_marked(_worded(fact, curator), material) for fact in curator.curate(material))
        seq = events[-1].seq


def _remembered(tx: Transaction) -> tuple[int, Remembered]:
    row = tx.one("get_meta", name=_ROW)
    if row is None:
        return 0, Remembered()
    value = json.loads(row["value"])
    removed = frozenset((key, fact) for key, fact in value["removed"])
    return value["seq"], Remembered(tuple(map(Fact.from_json, value["facts"])), removed)


def _remember(tx: Transaction, seq: int, done: Curated, budget: int) -> None:
    facts = [fact.as_json() for fact in done.remembered.facts]
    removed = sorted(done.remembered.removed)
    value = {"seq": seq, "facts": facts, "removed": removed}
    tx.change("set_meta", name=_ROW, value=canonical_json(value))
    if done.added or done.struck or done.dropped:
        tx.event("memory.curated", "crew", None, None, says=_says(done, budget))


def _says(done: Curated, budget: int) -> str:
    changes = (
        f"{done.added} added",
        f"{done.struck} struck",
        f"{len(done.dropped)} left to the notes",
    )
    size = f"{len(done.data):,} of {budget:,} bytes"
    full = "; people's own lines fill it: raise bytes under [memory]" if done.full else ""
    return f"{longterm.NAME}: {', '.join(changes)}, {size}{full}"


@dataclass
class _Sources:
    """Where each fact's proof stands now: the line of the notes that tells its event, found again each
    night, because people edit notes."""

    workspace: Workspace
    days: dict[Path, Mapping[str, int]] = field(default_factory=dict)

    def of(self, fact: Fact) -> str:
        path = notes.path_of(self.workspace.notes, fact.day)
        if path not in self.days:
            self.days[path] = notes.lines_of(self.workspace.notes, fact.day)
        line = self.days[path].get(fact.event)
        name = f"{self.workspace.notes.name}/{path.name}"
        return f"{name}:{line}" if line else f"event {fact.event.partition('.')[0]}"


def _worded(fact: Fact, curator: Curator) -> Fact:
    """`fact` as it may stand: only the rules below word anything themselves; all that another curator
    says is quoted as its own."""
    if isinstance(curator, RulesCurator):
        return fact
    said = " ".join(filter(None, (fact.text, fact.quoted)))
    told = " for ".join(filter(None, (type(curator).__name__, fact.origin)))
    return replace(fact, text="noted", quoted=said, origin=told)


def _marked(fact: Fact, material: Material) -> Fact:
    """`fact` with the mark of the peer on whose goal it rests, whoever worded it."""
    event = next((each for each in material.events if name_of(each) == fact.event), None)
    goal = material.books.tasks.get(event.goal or "") if event else None
    if goal is None or not goal.sender.startswith("peer:"):
        return fact
    if fact.quoted:
        return replace(fact, origin=f"{fact.origin}, for {goal.sender}")
    return replace(
        fact, text=f"on a goal of {inert(goal.sender)}", quoted=fact.text, origin=goal.sender
    )
