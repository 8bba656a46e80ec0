"""The books of a workspace as one look saw them: what every view is made of."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from crewboard.clock import parse_stamp
from crewboard.coordination import artifacts, budget, decisions, marks, tasks, verdicts
from crewboard.coordination.artifacts import Artifact
from crewboard.coordination.budget import Budget
from crewboard.coordination.decisions import Decision
from crewboard.coordination.ledger import Event, Transaction
from crewboard.coordination.marks import CardMark
from crewboard.coordination.tasks import BLOCKED, State, Task
from crewboard.coordination.verdicts import Verdict

HUMAN = "human"
"""What a task waits on when a person has to do something outside of the crew."""
REVIEW = "review"


@dataclass(frozen=True)
class Cost:
    """Millionths of a US dollar; what was estimated for what was done stands apart from its price."""

    estimate: int
    actual: int


@dataclass(frozen=True)
class Books:
    """Everything at one moment. `since` holds, for each blocked task, when its block began."""

    tasks: dict[str, Task]
    decisions: tuple[Decision, ...]
    artifacts: tuple[Artifact, ...]
    verdicts: tuple[Verdict, ...]
    budgets: dict[str, Budget]
    costs: dict[str, Cost]
    since: dict[str, datetime]
    marks: dict[str, CardMark] = field(default_factory=dict)

    @classmethod
    def read(cls, tx: Transaction) -> "Books":
        found = tasks.everything(tx)
        return cls(
            tasks={task.id: task for task in found},
            decisions=tuple(decisions.everything(tx)),
            artifacts=tuple(artifacts.everything(tx)),
            verdicts=tuple(verdicts.everything(tx)),
            budgets={each.scope: each for each in budget.everything(tx)},
            costs=_costs(tx.run("all_effects")),
            since={task.id: _since(tx, task) for task in found if is_blocked(task)},
            marks=marks.everything(tx),
        )

    def steps(self, goal: str) -> list[Task]:
        """The steps of a goal's newest plan."""
        steps = self._steps.get(goal, [])
        newest = max((step.revision for step in steps), default=0)
        return [step for step in steps if step.revision == newest]

    def is_stale(self, task: Task) -> bool:
        """Whether a task is a step of a plan that a newer one has replaced."""
        newest = max((step.revision for step in self._steps.get(task.goal, [])), default=0)
        return task.step is not None and task.revision < newest

    def made(self, task: str) -> list[Artifact]:
        """The latest artifact of each name that a task made."""
        return list({each.name: each for each in self._made.get(task, [])}.values())

    def verdict(self, artifact: Artifact) -> Verdict | None:
        """The last word on what one task made."""
        return self._judged.get((artifact.task, artifact.sha256))

    def open_decisions(self) -> list[Decision]:
        """What still wants an answer: a question whose task has ended wants none."""
        asked = ((each, self.tasks.get(each.task)) for each in self.decisions if each.waiting)
        return [each for each, task in asked if task is None or not task.ended]

    def held_by(self, task: str) -> list[Decision]:
        """The open decisions that a card waits on: its own, and those of its reviews."""
        return [each for each in self.open_decisions() if task in {each.task, self.card_of(each)}]

    def answer(self, question: str) -> Decision | None:
        """What was answered to the question that a step of the plan is."""
        task = self.tasks[question]
        found = [each for each in self.decisions if each.task == question and each.choice]
        return found[-1] if found and task.kind == "question" else None

    def card_of(self, decision: Decision) -> str:
        """The task whose card a decision holds up: a review has none, so it is that of the work."""
        task = self.tasks.get(decision.task)
        return (task.parent or task.id) if task and task.kind == REVIEW else decision.task

    @cached_property
    def _steps(self) -> dict[str, list[Task]]:
        steps = (task for task in self.tasks.values() if task.step and task.parent == task.goal)
        return _grouped((task.goal, task) for task in steps)

    @cached_property
    def _made(self) -> dict[str, list[Artifact]]:
        return _grouped((each.task, each) for each in self.artifacts)

    @cached_property
    def _judged(self) -> dict[tuple[str, str], Verdict]:
        return {(each.task, each.sha256): each for each in self.verdicts}


def is_blocked(task: Task) -> bool:
    return task.state in BLOCKED or (not task.ended and task.waits == HUMAN)


def is_withdrawn(books: Books, task: Task) -> bool:
    """Whether a task's card goes: cancelled, or left behind by a newer plan without having ended well."""
    return task.state is State.CANCELED or (
        books.is_stale(task) and task.state is not State.COMPLETED
    )


def _since(tx: Transaction, task: Task) -> datetime:
    """When a block began: with the first of the latest moves that gave the same cause."""
    began = task.updated
    moves = [Event.of(row) for row in tx.run("events_of_task", task=task.id)]
    for event in reversed([each for each in moves if "reason" in each.data]):
        if task.reason is None or event.data["reason"]["cause"] != task.reason.cause:
            break
        began = event.at
    return parse_stamp(began)


def _costs(rows: Iterable[sqlite3.Row]) -> dict[str, Cost]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        if row["cost"]:
            sums[row["task"]][0] += row["estimate"]
            sums[row["task"]][1] += row["cost"]
    return {task: Cost(*both) for task, both in sums.items()}


def _grouped(pairs: Iterator[tuple[str, Any]]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return dict(groups)
