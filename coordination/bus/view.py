"""What whoever asked for a task sees of it: where it stands, what was said, what was made.

A goal shows what was made for it at any depth; any other task shows what it made itself.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from crewboard.coordination import artifacts, decisions
from crewboard.coordination.artifacts import Artifact
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.ingress import visible
from crewboard.coordination.decisions import Decision
from crewboard.coordination.ledger import Event, Transaction
from crewboard.coordination.tasks import ENDED, Reason, State, Task

INTERRUPTED = frozenset({State.INPUT_REQUIRED, State.AUTH_REQUIRED})


@dataclass(frozen=True)
class Standing:
    """A task's state at one instant, and why: what it waits on, or what blocks it."""

    state: State
    at: str
    waits: str | None = None
    reason: Reason | None = None
    decision: Decision | None = None

    @property
    def stopped(self) -> bool:
        """Whether it moves no further by itself."""
        return self.state in ENDED or self.state in INTERRUPTED


@dataclass(frozen=True)
class View:
    """A task as its sender sees it after event `seq`."""

    task: Task
    standing: Standing
    said: Sequence[Envelope]
    made: Sequence[Artifact]
    seq: int


@dataclass(frozen=True)
class News:
    """What one event changed: the task's standing, or one artifact."""

    seq: int
    standing: Standing | None = None
    artifact: Artifact | None = None


def look(tx: Transaction, task_id: str, sender: str) -> View:
    """The task now. TaskUnknown for whoever did not ask for it."""
    task = visible(tx, task_id, sender)
    return _view(tx, task, _made(tx, task))


@dataclass(frozen=True)
class Page:
    """Which of a sender's tasks to show, newest first. `since` and the texts of `after` (the last
    task of the page before: when updated, id) are ledger instants and ids."""

    size: int
    context: str | None = None
    state: State | None = None
    since: str | None = None
    after: tuple[str, str] | None = None
    with_made: bool = False


def list_tasks(tx: Transaction, sender: str, page: Page) -> tuple[list[View], int]:
    """One page of the sender's tasks, with one more where more follow, and how many there are.

    A task that changes while its sender turns pages moves to the front, and may be seen twice.
    """
    wanted = {"sender": sender, "context": page.context, "state": page.state, "since": page.since}
    before, before_id = page.after or (None, None)
    rows = tx.run(
        "tasks_of_sender", **wanted, before=before, before_id=before_id, count=page.size + 1
    )
    total = tx.one("count_of_sender", **wanted)
    found = [Task.of(row) for row in rows]
    views = [_view(tx, task, _made(tx, task) if page.with_made else ()) for task in found]
    return views, int(total["count"]) if total else 0


def news(tx: Transaction, task_id: str, after: int) -> list[News]:
    """What happened to a task since event `after`, in order; 200 pieces at most."""
    found: list[News] = []
    for row in tx.run("news_of_task", task=task_id, seq=after):
        event = Event.of(row)
        if event.kind == "artifact.made":
            found.append(News(event.seq, artifact=_artifact_of(tx, event)))
        else:
            found.append(News(event.seq, standing=_standing_of(tx, event)))
    return found


def crew_is_alive(tx: Transaction) -> bool:
    """Whether a crew holds a lease that has not run out."""
    lease = tx.one("get_lease", name="crew")
    return lease is not None and lease["expires"] > tx.at


def _view(tx: Transaction, task: Task, made: Sequence[Artifact]) -> View:
    decision = _decision(tx, task.id, task.waits)
    standing = Standing(task.state, task.updated, task.waits, task.reason, decision)
    said = [_said(row) for row in tx.run("messages_of_task", task=task.id)]
    last = tx.one("last_event")
    return View(task, standing, said, made, last["seq"] if last else 0)


def _said(row: sqlite3.Row) -> Envelope:
    return Envelope(**json.loads(row["body"]))


def _made(tx: Transaction, task: Task) -> Sequence[Artifact]:
    """The latest of each name: what was made again stands in for what it replaces."""
    found = artifacts.of_goal(tx, task.id) if task.id == task.goal else []
    latest = {(each.task, each.name): each for each in found}
    return tuple(latest.values()) if found else tuple(artifacts.of_task(tx, task.id).values())


def _standing_of(tx: Transaction, event: Event) -> Standing:
    told, waits = event.data, event.data.get("waits")
    reason = Reason(**told["reason"]) if told.get("reason") else None
    return Standing(State(told["state"]), event.at, waits, reason, _decision(tx, event.task, waits))


def _artifact_of(tx: Transaction, event: Event) -> Artifact | None:
    made = [Artifact.of(row) for row in tx.run("artifacts_of_task", task=event.task)]
    name, sha256 = event.data["name"], event.data["sha256"]
    return next((each for each in made if (each.name, each.sha256) == (name, sha256)), None)


def _decision(tx: Transaction, task_id: str | None, waits: str | None) -> Decision | None:
    """The decision that a task waits on: the one it names, or else the first open one about it."""
    kind, _, decision_id = (waits or "").partition(":")
    if kind != "decision":
        return None
    named = tx.one("get_decision", id=decision_id)
    if named is not None:
        return Decision.of(named)
    return next((each for each in decisions.waiting(tx) if each.task == task_id), None)
