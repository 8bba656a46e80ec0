"""Gates: what must be settled before a task may start.

A gate is part of the plan: the steps whose artifacts must bear an accepting verdict, and the steps
whose decision must be answered. It is checked in the transaction that dispatches the task and once
more by whoever runs it, because a message can claim anything.
"""

from crewboard.coordination import artifacts, tasks, verdicts
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.tasks import State, Task
from crewboard.errors import GateClosed


def check(tx: Transaction, task: Task, key: bytes) -> None:
    """GateClosed with the first thing that is not settled. `key` is the workspace's: a verdict that it does
    not vouch for settles nothing."""
    gate = task.spec.get("gate", {})
    for step in gate.get("verdicts", ()):
        _need_verdicts(tx, task, _step(tx, task, step), key)
    for step in gate.get("decisions", ()):
        asked = _step(tx, task, step)
        if asked.state is not State.COMPLETED:
            raise GateClosed(what=task.title, reason=f"the decision of step {step} is not made")


def _need_verdicts(tx: Transaction, task: Task, made: Task, key: bytes) -> None:
    """Each artifact's last verdict must accept it. A step that made nothing has nothing to show."""
    found = artifacts.of_task(tx, made.id).values()
    if not found:
        raise GateClosed(what=task.title, reason=f"step {made.step} has made nothing yet")
    for artifact in found:
        judged = [v for v in verdicts.of_hash(tx, artifact.sha256) if v.task == made.id]
        which = f"{artifact.name} of step {made.step} ({artifact.sha256[:8]})"
        if not judged or not judged[-1].accepts:
            raise GateClosed(what=task.title, reason=f"{which} has no accepting verdict")
        if judged[-1].signer in verdicts.makers(tx, artifact.sha256):
            raise GateClosed(what=task.title, reason=f"{which} was accepted by who made it")
        if not verdicts.holds(judged[-1], key):
            told = f"the verdict on {which} is not as its signer wrote it: see `crewboard doctor`"
            raise GateClosed(what=task.title, reason=told)


def _step(tx: Transaction, task: Task, step: str) -> Task:
    row = tx.one("task_of_step", goal=task.goal, revision=task.revision, step=step)
    if row is None:
        raise GateClosed(what=task.title, reason=f"its gate names no step {step!r}")
    return tasks.Task.of(row)
