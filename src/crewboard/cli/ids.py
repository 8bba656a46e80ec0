"""Ids as people type them: with or without `^`, in full or as a prefix that means one thing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crewboard.cli.failure import Ambiguous
from crewboard.errors import UnknownName

if TYPE_CHECKING:
    from crewboard.coordination.ledger import Transaction
    from crewboard.coordination.tasks import Task

_MOST_SHOWN = 8


def decision_id(tx: "Transaction", given: str) -> str:
    """The id of the decision that `given` means. UnknownName, Ambiguous."""
    return _meant("decision", given, [row["id"] for row in tx.run("all_decisions")])


def find_task(tx: "Transaction", given: str) -> "Task":
    """The task or goal that `given` means. UnknownName, Ambiguous."""
    from crewboard.coordination import tasks

    return tasks.get(tx, _meant("task", given, [row["id"] for row in tx.run("all_tasks")]))


def find_goal(tx: "Transaction", given: str) -> "Task":
    from crewboard.coordination import tasks

    return tasks.get(tx, _meant("goal", given, [row["id"] for row in tx.run("goals")]))


def _meant(kind: str, given: str, known: Iterable[str]) -> str:
    wanted = given.strip().removeprefix("^").lower()
    ids = list(known)
    if wanted in ids:
        return wanted
    found = [each for each in ids if wanted and each.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Ambiguous(name=given, known=_list(found))
    raise UnknownName(kind=kind, name=given, known=_list(ids[-_MOST_SHOWN:]) or "none yet")


def _list(ids: list[str]) -> str:
    more = [f"and {len(ids) - _MOST_SHOWN} more"] if len(ids) > _MOST_SHOWN else []
    return ", ".join([*ids[:_MOST_SHOWN], *more])
