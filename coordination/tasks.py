"""Tasks: one row each, one life each, and that life is an A2A task's life.

    SUBMITTED ─> WORKING ─> COMPLETED
                  │  ▲  └─> FAILED | REJECTED      (Blocked on the board, with its reason)
                  ▼  │
        INPUT_REQUIRED | AUTH_REQUIRED             (waits on a verdict, or on a human)

and CANCELED from every state that is not an end. A task runs when it has unread mail: a message from
whoever asked for it, or a wake because something that it waits on has changed.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from crewboard.canonical import canonical_json, digest, short_id
from crewboard.clock import parse_stamp, stamp
from crewboard.coordination.ledger import Transaction
from crewboard.errors import TaskEnded, UnknownName


class State(StrEnum):
    SUBMITTED = "SUBMITTED"
    WORKING = "WORKING"
    INPUT_REQUIRED = "INPUT_REQUIRED"
    AUTH_REQUIRED = "AUTH_REQUIRED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    REJECTED = "REJECTED"
    CANCELED = "CANCELED"


ENDED = frozenset({State.COMPLETED, State.FAILED, State.REJECTED, State.CANCELED})
BLOCKED = frozenset({State.FAILED, State.REJECTED})
GONE = "GONE"


@dataclass(frozen=True)
class Reason:
    """Why a task is blocked, in the four facts that a person needs."""

    cause: str
    owner: str
    tried: str
    needed: str


@dataclass(frozen=True)
class Pause:
    """A task and all below it are held back by a human, whose card stands in `column` for that time
    (`BLOCKED`, or `BACKLOG` for not now). `GONE` means that the card was deleted: unless it comes back
    within a day, the task is cancelled."""

    by: str
    at: str
    column: str

    @property
    def gone(self) -> bool:
        return self.column == GONE


@dataclass(frozen=True)
class NewTask:
    """A task to be. `goal` None makes it a goal of its own; `step` names it within a plan."""

    kind: str
    role: str
    sender: str
    title: str
    spec: Mapping[str, Any]
    goal: str | None = None
    parent: str | None = None
    context: str | None = None
    revision: int = 0
    step: str | None = None
    position: int = 0
    deadline: datetime | None = None
    waits: str | None = None


@dataclass(frozen=True)
class Task:
    """One row of the ledger's tasks, as it was when it was read."""

    id: str
    kind: str
    goal: str
    parent: str | None
    context: str
    role: str
    sender: str
    title: str
    state: State
    waits: str | None
    reason: Reason | None
    spec: dict[str, Any]
    revision: int
    step: str | None
    position: int
    attempts: int
    retries: int
    recoveries: int
    turn: int
    holder: int | None
    not_before: str | None
    deadline: str | None
    created: str
    updated: str
    paused: "Pause | None" = None
    ended: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ended", self.state in ENDED)

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Task":
        values = dict(row)
        values["state"] = State(values["state"])
        values["spec"] = json.loads(values["spec"])
        values["reason"] = Reason(**json.loads(values["reason"])) if values["reason"] else None
        values["paused"] = Pause(**json.loads(values["paused"])) if values["paused"] else None
        return cls(**values)


def create(tx: Transaction, new: NewTask) -> Task:
    """Write a new task; a step that its plan already holds is given back as it is."""
    if new.step is not None and new.goal is not None:
        known = tx.one("task_of_step", goal=new.goal, revision=new.revision, step=new.step)
        if known is not None:
            return Task.of(known)
    task_id = fresh_id(tx, "g" if new.goal is None else "t")
    tx.change(
        "insert_task",
        id=task_id,
        kind=new.kind,
        goal=new.goal or task_id,
        parent=new.parent,
        context=new.context or f"ctx-{new.goal or task_id}",
        role=new.role,
        sender=new.sender,
        title=new.title,
        state=State.SUBMITTED,
        waits=new.waits,
        spec=canonical_json(new.spec),
        revision=new.revision,
        step=new.step,
        position=new.position,
        deadline=stamp(new.deadline) if new.deadline else None,
        at=tx.at,
    )
    tx.event(
        "task.created",
        new.sender,
        new.goal or task_id,
        task_id,
        kind=new.kind,
        role=new.role,
        title=new.title,
        parent=new.parent,
        step=new.step,
    )
    return get(tx, task_id)


def fresh_id(tx: Transaction, prefix: str) -> str:
    """A short id that no task and no decision bears."""
    while tx.one("id_taken", id=(candidate := short_id(prefix))):
        pass
    return candidate


def get(tx: Transaction, task_id: str) -> Task:
    row = tx.one("get_task", id=task_id)
    if row is None:
        raise UnknownName(kind="task", name=task_id, known="see `crewboard tasks`")
    return Task.of(row)


def children(tx: Transaction, task_id: str) -> list[Task]:
    return [Task.of(row) for row in tx.run("children_of", parent=task_id)]


def of_goal(tx: Transaction, goal: str) -> list[Task]:
    return [Task.of(row) for row in tx.run("tasks_of_goal", goal=goal)]


def goals(tx: Transaction) -> list[Task]:
    return [Task.of(row) for row in tx.run("goals")]


def everything(tx: Transaction) -> list[Task]:
    return [Task.of(row) for row in tx.run("all_tasks")]


@dataclass(frozen=True)
class Change:
    """What a task becomes. `delay` (seconds) keeps it from running before then; `told` is added to
    the event."""

    state: State
    waits: str | None = None
    reason: Reason | None = None
    delay: float | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


def move(tx: Transaction, task: Task, actor: str, change: Change) -> Task:
    """Change a task and say so in an event; who waits for the task is woken. TaskEnded for a task
    that has ended: it stays as it ended."""
    now = get(tx, task.id)
    if now.ended:
        raise TaskEnded(task=now.id, state=now.state)
    later = stamp(parse_stamp(tx.at) + timedelta(seconds=change.delay)) if change.delay else None
    becomes = (change.state, change.waits, change.reason, later)
    if (now.state, now.waits, now.reason, now.not_before) == becomes:
        return now
    tx.change(
        "move_task",
        id=task.id,
        state=change.state,
        waits=change.waits,
        reason=canonical_json(vars(change.reason)) if change.reason else None,
        not_before=later,
        at=tx.at,
    )
    facts = {"was": now.state, "state": change.state, "waits": change.waits, **change.told}
    if change.reason:
        facts["reason"] = vars(change.reason)
    event = tx.event("task.moved", actor, now.goal, now.id, **facts)
    if change.state in ENDED:
        _withdraw(tx, now)
    if now.parent is not None and (now.state, now.waits) != (change.state, change.waits):
        wake(tx, now.parent, f"{now.id}:{event.seq}")
    return get(tx, task.id)


def _withdraw(tx: Transaction, task: Task) -> None:
    """Nobody needs to answer what an ended task asked."""
    for row in tx.run("withdraw_decisions", task=task.id):
        tx.event("decision.withdrawn", "crew", task.goal, task.id, decision=row["id"])


def wake(tx: Transaction, task_id: str, cause: str) -> None:
    """Put a wake into a task's mail. The same cause wakes once; an ended task is let lie, and so is a step
    of a plan that nobody has handed out yet: its turn comes by its message. A question, which nobody
    works on, wakes whoever asked it."""
    task = get(tx, task_id)
    if task.ended or (task.state is State.SUBMITTED and task.waits == "plan"):
        return
    if task.kind == "question" and task.parent is not None:
        wake(tx, task.parent, cause)
        return
    tx.change(
        "insert_mail",
        sender="ledger",
        message_id=f"wake:{task_id}:{cause}",
        task=task_id,
        kind="wake",
        body="{}",
        digest=digest({}),
        at=tx.at,
    )


def cancel(tx: Transaction, task: Task, actor: str, note: str = "") -> list[str]:
    """Cancel a task and everything below it; the ids of what was cancelled."""
    done: list[str] = []
    if not task.ended:
        move(tx, task, actor, Change(State.CANCELED, told={"note": note}))
        done.append(task.id)
    for child in children(tx, task.id):
        done += cancel(tx, child, actor, note)
    return done


def block(tx: Transaction, task: Task, actor: str, reason: Reason) -> Task:
    return move(tx, task, actor, Change(State.FAILED, reason=reason))


def claim(tx: Transaction, task: Task, fence: int) -> bool:
    """Take a task for one turn; False when another has it, or when it has ended meanwhile."""
    now = get(tx, task.id)
    if not tx.change("claim_task", id=now.id, fence=fence, at=tx.at):
        return False
    if now.state is State.SUBMITTED:
        tx.event("task.moved", now.role, now.goal, now.id, was=now.state, state=State.WORKING)
    return True


def release(tx: Transaction, task_id: str, fence: int, read_up_to: int) -> None:
    """End a turn: the mail that it read is done, the task is free again."""
    tx.change("finish_mail", task=task_id, seq=read_up_to)
    tx.change("release_task", id=task_id, fence=fence, at=tx.at)


def recover(tx: Transaction, fence: int, most: int) -> list[Task]:
    """After a crash: wake every task that the dead crew was on; one that was found so more than
    `most` times is given up, because it may be what kills the crew."""
    found = [Task.of(row) for row in tx.run("abandoned_tasks", fence=fence)]
    for task in found:
        tx.change("recover_task", id=task.id, at=tx.at)
        if task.ended:
            continue
        if task.recoveries + 1 > most:
            reason = Reason(
                cause=f"the crew died {task.recoveries + 1} times while it worked on this",
                owner="human",
                tried=f"{task.recoveries} recoveries",
                needed="find out whether this task kills the crew, then start the goal again",
            )
            block(tx, task, "crew", reason)
            continue
        tx.event("task.recovered", "crew", task.goal, task.id, recoveries=task.recoveries + 1)
        wake(tx, task.id, f"recovery:{task.recoveries + 1}:{fence}")
    return found


def pause(tx: Transaction, task: Task, actor: str, cause: str, delay: float) -> None:
    """Let a task rest for `delay` seconds, then run it again."""
    tx.change("count_retry", id=task.id, at=tx.at)
    move(tx, task, actor, Change(State.WORKING, "retry", delay=delay, told={"cause": cause}))
    wake(tx, task.id, f"retry:{task.retries + 1}:{tx.at}")


def cancel_rest(tx: Transaction, found: Iterable[Task], actor: str) -> None:
    """Cancel what of a plan has not ended when the plan has."""
    for task in found:
        if not get(tx, task.id).ended:
            cancel(tx, task, actor, "the plan ended without it")
