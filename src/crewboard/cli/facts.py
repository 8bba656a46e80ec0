"""What the reading verbs tell, as plain JSON values: one shape for `--json`, and what the text is made of.

Money is whole millionths of a US dollar (`..._micro_usd`), instants are UTC text.
"""

from dataclasses import asdict
from shlex import quote
from typing import TYPE_CHECKING, Any

from crewboard.coordination import budget, decisions, tasks
from crewboard.coordination.decisions import Decision
from crewboard.coordination.tasks import State, Task

if TYPE_CHECKING:
    from crewboard.coordination.ledger import Transaction

Facts = dict[str, Any]


def of_decision(decision: Decision) -> Facts:
    """A question with everything that is needed to answer it."""
    return {
        "id": decision.id,
        "state": decision.state,
        "kind": decision.kind,
        "goal": decision.goal,
        "task": decision.task,
        "question": decision.text,
        "options": [
            {"name": o.name, "consequence": o.consequence, "cost_micro_usd": o.cost}
            for o in decision.options
        ],
        "evidence": list(decision.evidence),
        "owner": decision.owner,
        "asked_by": decision.asked_by,
        "asked": decision.at,
        "due": decision.due,
        "on_expiry": decision.on_expiry,
        "reversible": decision.reversible,
        "choice": decision.choice,
        "note": decision.note,
        "decided_by": decision.decided_by,
        "via": decision.via,
        "decided": decision.decided,
        "answer": [
            f"crewboard approve {decision.id} --choose {quote(o.name)}" for o in decision.options
        ],
    }


def of_task(task: Task) -> Facts:
    return {
        "id": task.id,
        "kind": task.kind,
        "goal": task.goal,
        "parent": task.parent,
        "step": task.step,
        "revision": task.revision,
        "title": task.title,
        "role": task.role,
        "state": str(task.state),
        "waits": task.waits,
        "reason": asdict(task.reason) if task.reason else None,
        "tool": task.spec.get("tool"),
        "attempts": task.attempts,
        "recoveries": task.recoveries,
        "at_work": task.holder is not None and not task.ended,
        "paused": asdict(task.paused) if task.paused and not task.ended else None,
        "created": task.created,
        "updated": task.updated,
    }


def of_goal(tx: "Transaction", goal: Task) -> Facts:
    """A goal with its steps of the newest plan, and what it spends."""
    found = tasks.of_goal(tx, goal.id)
    steps = newest_steps(goal, found)
    return {
        **of_task(goal),
        "steps": {
            "done": sum(step.state is State.COMPLETED for step in steps),
            "total": len(steps),
        },
        "at_work_on": [of_task(t) for t in found if t.holder is not None and not t.ended],
        "held_back": [of_task(t) for t in found if t.paused and not t.ended],
        "waits_for_decisions": [d.id for d in open_decisions(tx) if d.goal == goal.id],
        "cost": of_budget(budget.get(tx, f"goal:{goal.id}")),
    }


def newest_steps(goal: Task, found: list[Task]) -> list[Task]:
    planned = [t for t in found if t.parent == goal.id and t.step]
    newest = max((t.revision for t in planned), default=0)
    return [t for t in planned if t.revision == newest]


def of_budget(found: budget.Budget) -> Facts:
    return {
        "spent_micro_usd": found.spent,
        "reserved_micro_usd": found.reserved,
        "ceiling_micro_usd": found.ceiling,
    }


def open_decisions(tx: "Transaction") -> list[Decision]:
    """The decisions that still matter: a question of a task that has ended is moot."""
    return [d for d in decisions.waiting(tx) if not tasks.get(tx, d.task).ended]


def blocked(tx: "Transaction") -> list[Task]:
    """What stands still, in unfinished goals, until a person does something."""
    return [t for goal in tasks.goals(tx) if not goal.ended for t in stuck_of(tx, goal)]


def stuck_of(tx: "Transaction", goal: Task) -> list[Task]:
    """The tasks below a goal that are blocked. What a newer plan has replaced is past, and so is
    everything once the goal is done."""
    if goal.state in {State.COMPLETED, State.CANCELED}:
        return []
    found = tasks.of_goal(tx, goal.id)
    current = {step.id for step in newest_steps(goal, found)}
    own = [t for t in found if not t.step or t.id in current]
    return [t for t in own if _stuck(t) and not (t.id == goal.id and goal.ended)]


def _stuck(task: Task) -> bool:
    return task.state in tasks.BLOCKED or (task.waits == "human" and not task.ended)


def crew(pid: int | None) -> Facts:
    return {"alive": pid is not None, "pid": pid}
