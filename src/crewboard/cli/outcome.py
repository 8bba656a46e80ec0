"""How a goal stands: what its exit code is, and whether anything still moves it."""

from typing import TYPE_CHECKING

from crewboard.cli import exits, facts
from crewboard.coordination import pauses, tasks
from crewboard.coordination.tasks import State, Task

if TYPE_CHECKING:
    from crewboard.coordination.ledger import Transaction


def exit_code(tx: "Transaction", goal_id: str) -> int:
    """0 when it is completed, 5 when it ended otherwise, 3 while it waits for decisions, else 4."""
    goal = tasks.get(tx, goal_id)
    if goal.state is State.COMPLETED:
        return exits.DONE
    if goal.ended:
        return exits.FAILED
    if any(decision.goal == goal_id for decision in facts.open_decisions(tx)):
        return exits.WAITING
    return exits.BLOCKED


def worst(codes: list[int]) -> int:
    """The code over several goals: what a person can move first, then what has failed."""
    order = (exits.WAITING, exits.BLOCKED, exits.FAILED)
    return next((code for code in order if code in codes), exits.DONE)


def moves(tx: "Transaction", goal_id: str) -> bool:
    """Whether a living crew still has something to do for the goal without a human."""
    found = tasks.of_goal(tx, goal_id)
    ids = {task.id for task in found}
    return (
        any(_alive(task) and not pauses.held(tx, task) for task in found)
        or any(row["id"] in ids for row in tx.run("runnable_tasks", at=tx.at))
        or any(row["task"] in ids for row in tx.run("out_due", at="9999"))
    )


def _alive(task: Task) -> bool:
    """A crew holds it, or it rests until a set time."""
    return not task.ended and (task.holder is not None or task.waits == "retry")
