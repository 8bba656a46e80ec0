"""Holding work back: a human pauses a task and all below it, lets it go on, or takes its card away.

A deleted card is a task held back for a day, in which the card may come back; then it is cancelled.
"""

from dataclasses import asdict
from datetime import datetime, timedelta

from crewboard.canonical import canonical_json
from crewboard.clock import parse_stamp, stamp
from crewboard.coordination import tasks
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.tasks import Pause, Task

UNDO = timedelta(days=1)
"""So long a deleted card may come back."""


def pause(tx: Transaction, task: Task, by: str, column: str) -> None:
    """Hold `task` back from now on (see `Pause`). What runs goes on to its end, unless the card is gone."""
    now = tasks.get(tx, task.id)
    if now.ended or (now.paused and now.paused.column == column):
        return
    held = Pause(by, tx.at, column)
    tx.change("pause_task", id=now.id, paused=canonical_json(asdict(held)), at=tx.at)
    tx.event("task.paused", by, now.goal, now.id, column=column)


def resume(tx: Transaction, task: Task, by: str) -> None:
    """Let a paused task go on. The time that it was held back does not count against its deadline."""
    now = tasks.get(tx, task.id)
    if now.paused is None:
        return
    tx.change("pause_task", id=now.id, paused=None, at=tx.at)
    event = tx.event("task.resumed", by, now.goal, now.id, was=now.paused.column)
    held = parse_stamp(tx.at) - parse_stamp(now.paused.at)
    for each in [now, *_below(tx, now)]:
        if each.deadline:
            later = stamp(parse_stamp(each.deadline) + held)
            tx.change("move_deadline", id=each.id, deadline=later)
        tasks.wake(tx, each.id, f"resumed:{event.seq}")


def gone_for_good(tx: Transaction, now: datetime) -> list[Task]:
    """The tasks whose cards were deleted more than a day ago."""
    found = [Task.of(row) for row in tx.run("paused_tasks")]
    return [
        t for t in found if t.paused and t.paused.gone and parse_stamp(t.paused.at) + UNDO <= now
    ]


def cancel_gone(tx: Transaction, now: datetime) -> list[str]:
    """Cancel what was taken off the board more than a day ago; the ids of all that was cancelled."""
    done: list[str] = []
    for task in gone_for_good(tx, now):
        by = task.paused.by if task.paused else "crew"
        done += tasks.cancel(tx, task, by, "its card was deleted a day ago")
    return done


def held(tx: Transaction, task: Task) -> Pause | None:
    """What holds a task back: its own pause, or that of something above it."""
    for each in dict.fromkeys((task.id, task.parent, task.goal)):
        if each and (found := tasks.get(tx, each).paused):
            return found
    return None


def _below(tx: Transaction, task: Task) -> list[Task]:
    found = tasks.children(tx, task.id)
    return found + [deeper for each in found for deeper in _below(tx, each)]
