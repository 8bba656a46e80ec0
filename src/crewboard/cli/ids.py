"""Ids as people type them: with or without `^`, in full or as a prefix that means one thing."""

from typing import TYPE_CHECKING

from crewboard.cli import facts
from crewboard.errors import Ambiguous, UnknownName

if TYPE_CHECKING:
    from crewboard.coordination.ledger import Transaction
    from crewboard.coordination.tasks import Task

_MOST_SHOWN = 8


def decision_id(tx: "Transaction", given: str) -> str:
    """The id of the decision that `given` means. UnknownName, Ambiguous."""
    waiting = [decision.id for decision in facts.open_decisions(tx)]
    return _meant("decision", given, [row["id"] for row in tx.run("all_decisions")], waiting)


def find_task(tx: "Transaction", given: str) -> "Task":
    """The task or goal that `given` means. UnknownName, Ambiguous."""
    from crewboard.coordination import tasks

    return tasks.get(tx, _meant("task", given, *_ids(tasks.everything(tx))))


def find_goal(tx: "Transaction", given: str) -> "Task":
    from crewboard.coordination import tasks

    return tasks.get(tx, _meant("goal", given, *_ids(tasks.goals(tx))))


def _ids(found: "list[Task]") -> tuple[list[str], list[str]]:
    return [task.id for task in found], [task.id for task in found if not task.ended]


def _meant(kind: str, given: str, ids: list[str], alive: list[str]) -> str:
    """A prefix means what is alive before it means what is past."""
    wanted = given.strip().removeprefix("^").lower()
    if wanted in ids:
        return wanted
    found = [each for each in alive if wanted and each.startswith(wanted)]
    found = found or [each for each in ids if wanted and each.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Ambiguous(name=given, known=_list(found))
    raise UnknownName(kind=kind, name=given, known=_list(ids[-_MOST_SHOWN:]) or "none yet")


def _list(ids: list[str]) -> str:
    more = [f"and {len(ids) - _MOST_SHOWN} more"] if len(ids) > _MOST_SHOWN else []
    return ", ".join([*ids[:_MOST_SHOWN], *more])
