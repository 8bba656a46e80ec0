"""From references to values: what a step's arguments and thresholds mean once its needs are met."""

from collections.abc import Mapping
from typing import Any

from crewboard.coordination import artifacts, decisions
from crewboard.coordination.artifacts import Artifact
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.tasks import Task
from crewboard.errors import GateClosed
from crewboard.tools.contract.manifest import SUFFIX


def resolve(tx: Transaction, task: Task, value: Any) -> Any:
    """`value` with every reference replaced, within the plan that holds `task`. GateClosed when a step
    has not made or answered yet what is referred to."""
    if isinstance(value, Mapping):
        if "$artifact" in value:
            return referred(tx, task, str(value["$artifact"])).path
        if "$manifest" in value:
            return referred(tx, task, str(value["$manifest"])).path + SUFFIX
        if "$choice" in value:
            return _chosen(tx, task, value)
        return {key: resolve(tx, task, part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(tx, task, part) for part in value]
    return value


def referred(tx: Transaction, task: Task, reference: str) -> Artifact:
    """The artifact that `step.name` stands for in the plan of `task`."""
    step, _, name = reference.partition(".")
    made = artifacts.of_task(tx, step_task(tx, task, step).id)
    if name not in made:
        raise GateClosed(what=task.title, reason=f"step {step} has not made {name!r}")
    return made[name]


def step_task(tx: Transaction, task: Task, step: str) -> Task:
    row = tx.one("task_of_step", goal=task.goal, revision=task.revision, step=step)
    if row is None:
        raise GateClosed(what=task.title, reason=f"the plan has no step {step!r}")
    return Task.of(row)


def answer_of(tx: Transaction, task: Task) -> str | None:
    """What the question of a question step was answered with. The step names the decision, which an
    earlier plan may have asked for."""
    kind, _, decision = (task.waits or "").partition(":")
    return decisions.get(tx, decision).choice if kind == "decision" else None


def _chosen(tx: Transaction, task: Task, reference: Mapping[str, Any]) -> Any:
    step = str(reference["$choice"])
    choice = answer_of(tx, step_task(tx, task, step))
    if choice not in reference["of"]:
        raise GateClosed(what=task.title, reason=f"step {step} was answered with {choice!r}")
    return reference["of"][choice]
