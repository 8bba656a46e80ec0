"""Receiving: each message takes effect once, each question is answered by one.

A message and its effect are one transaction. A second copy of a message gets the first one's receipt.
Of several answers to one waiting task the first wins, and the others are told so. A sender sees its
own tasks only, so that nobody answers, reads or cancels another's.
"""

from dataclasses import dataclass

from crewboard.coordination import tasks
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.tasks import NewTask, State, Task
from crewboard.errors import (
    ContextMismatch,
    MessageReused,
    NotByMessage,
    NotWaiting,
    TaskEnded,
    TaskUnknown,
    TooMuchWork,
)

_MOST_CHILDREN = 200
_MOST_LEVELS = 8
_LONGEST_TITLE = 120


@dataclass(frozen=True)
class Receipt:
    """The task that a message led to, and whether the message had been received before."""

    task: str
    duplicate: bool


def receive(tx: Transaction, envelope: Envelope) -> Receipt:
    """Take a message in. Its effect is durable once the transaction is."""
    known = tx.one("get_mail", sender=envelope.sender, message_id=envelope.message_id)
    if known is not None:
        if known["digest"] != envelope.digest():
            raise MessageReused(message_id=envelope.message_id)
        return Receipt(known["task"], duplicate=True)
    task = _existing(tx, envelope) if envelope.task else _new(tx, envelope)
    tx.change(
        "insert_mail",
        sender=envelope.sender,
        message_id=envelope.message_id,
        task=task.id,
        kind="message",
        body=envelope.body(),
        digest=envelope.digest(),
        at=tx.at,
    )
    tx.event(
        "message.received", envelope.sender, task.goal, task.id,
        message=envelope.message_id, to=envelope.recipient, text=envelope.text,
    )  # fmt: skip
    return Receipt(task.id, duplicate=False)


def visible(tx: Transaction, task_id: str, sender: str) -> Task:
    """The task, to whoever asked for it; TaskUnknown to everybody else."""
    row = tx.one("get_task", id=task_id)
    if row is None or row["sender"] != sender:
        raise TaskUnknown(task=task_id, sender=sender)
    return Task.of(row)


def _existing(tx: Transaction, envelope: Envelope) -> Task:
    task = visible(tx, envelope.task or "", envelope.sender)
    if envelope.context not in {None, task.context}:
        raise ContextMismatch(task=task.id)
    if task.ended:
        raise TaskEnded(task=task.id, state=task.state)
    if task.state is State.SUBMITTED and task.waits == "plan":
        tx.change(
            "move_task", id=task.id, state=State.SUBMITTED, waits=None, reason=None,
            not_before=None, at=tx.at,
        )  # fmt: skip
        return task
    _refuse_stand_in(task)
    if not tx.change("take_turn", id=task.id, at=tx.at):
        raise NotWaiting(task=task.id, state=task.state)
    tx.event("task.moved", envelope.sender, task.goal, task.id, was=task.state, state=State.WORKING)
    return task


def _refuse_stand_in(task: Task) -> None:
    """A message is no decision and no verdict: those come from an authenticated human, or from QA."""
    waits = task.waits or ""
    by_peer = task.sender.startswith("peer:")
    if waits.startswith("decision:") or (by_peer and waits in {"review", "human"}):
        raise NotByMessage(task=task.id, waits=waits)


def _new(tx: Transaction, envelope: Envelope) -> Task:
    parent = _parent(tx, envelope) if envelope.parent else None
    if parent is not None:
        _bound(tx, envelope, parent)
    is_goal = envelope.data.get("kind", "goal") == "goal"
    new = NewTask(
        kind=str(envelope.data.get("kind", "goal")),
        role=envelope.recipient,
        sender=envelope.sender,
        title=envelope.text.strip().splitlines()[0][:_LONGEST_TITLE]
        if envelope.text.strip()
        else "(untitled)",
        spec={**envelope.data, "text": envelope.text},
        goal=None if is_goal or parent is None else parent.goal,
        parent=parent.id if parent else None,
        context=envelope.context or (parent.context if parent else None),
    )
    return tasks.create(tx, new)


def _parent(tx: Transaction, envelope: Envelope) -> Task:
    """Only whoever does a task, or asked for it, puts another below it: its goal pays for that."""
    row = tx.one("get_task", id=envelope.parent)
    if row is None or envelope.sender not in {row["role"], row["sender"]}:
        raise TaskUnknown(task=envelope.parent, sender=envelope.sender)
    return Task.of(row)


def _bound(tx: Transaction, envelope: Envelope, parent: Task) -> None:
    """Caps on depth and fan-out: a runaway sender must not bury the crew."""
    if len(tasks.children(tx, parent.id)) >= _MOST_CHILDREN:
        raise TooMuchWork(
            sender=envelope.sender, reason=f"{_MOST_CHILDREN} tasks below {parent.id}"
        )
    level, above = 1, parent
    while above.parent is not None:
        above, level = tasks.get(tx, above.parent), level + 1
    if level >= _MOST_LEVELS:
        raise TooMuchWork(sender=envelope.sender, reason=f"{_MOST_LEVELS} levels of tasks")
