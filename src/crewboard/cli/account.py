"""Where a goal stands when its crew has come as far as it can: what was made, shown, and is needed."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crewboard.cli import facts, outcome
from crewboard.cli.terminal import line, out
from crewboard.coordination import budget, tasks, verdicts
from crewboard.coordination.workspace import Workspace

if TYPE_CHECKING:
    from crewboard.coordination.ledger import Transaction

_SHORT = 12
_STATES = {
    "COMPLETED": "done",
    "FAILED": "blocked",
    "REJECTED": "rejected",
    "CANCELED": "cancelled",
}


def account(tx: "Transaction", workspace: Workspace, goal_id: str) -> facts.Facts:
    """Everything about one goal, as JSON."""
    goal = tasks.get(tx, goal_id)
    decisions = [d for d in facts.open_decisions(tx) if d.goal == goal_id]
    today = datetime.now(UTC).date().isoformat()
    return {
        "goal": facts.of_goal(tx, goal),
        "exit_code": outcome.exit_code(tx, goal_id),
        "decisions": [facts.of_decision(decision) for decision in decisions],
        "blocked": [facts.of_task(t) for t in facts.stuck_of(tx, goal)],
        "artifacts": artifacts(tx, goal_id),
        "evaluation": _evaluation(tx, goal_id),
        "board": str(workspace.board),
        "notes": str(workspace.notes / f"{today}.md"),
    }


def artifacts(tx: "Transaction", goal_id: str) -> list[facts.Facts]:
    """What the goal made, the latest of each name of each task, with QA's last word on it."""
    latest = {(r["task"], r["name"]): r for r in tx.run("artifacts_of_goal", goal=goal_id)}
    return [
        {
            "task": row["task"],
            "name": row["name"],
            "kind": row["kind"],
            "path": row["path"],
            "sha256": row["sha256"],
            "rows": row["rows"],
            "made_by": row["made_by"],
            "verdict": _verdict(tx, row["task"], row["sha256"]),
        }
        for row in latest.values()
    ]


def tell(told: facts.Facts) -> None:
    """The account for people, on stdout."""
    goal = told["goal"]
    state = _STATES.get(goal["state"], "not finished")
    steps = goal["steps"]
    out(
        f"goal {goal['id']} «{line(goal['title'])}»: {state}, {steps['done']} of {steps['total']} steps"
    )
    if goal["state"] in {"FAILED", "REJECTED"} and not told["blocked"]:
        tell_blocked(goal)
    for decision in told["decisions"]:
        tell_decision(decision)
    for task in told["blocked"]:
        tell_blocked(task)
    for task in goal["held_back"]:
        tell_held_back(task)
    for artifact in told["artifacts"]:
        tell_artifact(artifact)
    _tell_evaluation(told["evaluation"])
    out(f"  cost       {tell_cost(goal['cost'])}")
    out(f"  board      {line(told['board'])}")
    out(f"  notes      {line(told['notes'])}")
    out("  stand-up   crewboard standup")


def tell_decision(decision: facts.Facts) -> None:
    """One question: everything that its answer needs, and the exact command that gives it."""
    out(f"  needs you  {decision['id']}: {line(decision['question'])}")
    for evidence in decision["evidence"]:
        out(f"             evidence: {line(evidence)}")
    for option, command in zip(decision["options"], decision["answer"], strict=True):
        cost = option["cost_micro_usd"]
        price = f" ({budget.usd(cost)} USD)" if cost else ""
        out(f"             {line(command)}")
        out(f"                 {line(option['consequence'])}{price}")
    out(f"             crewboard reject {decision['id']} --note WHY")
    due = f"; due {decision['due']}, then: {decision['on_expiry']}" if decision["due"] else ""
    asked = f"asked by {line(decision['asked_by'])}, {decision['asked']}"
    out(f"             {line(decision['owner'])} decides; {asked}{due}")


def tell_blocked(task: facts.Facts) -> None:
    reason: dict[str, Any] = task["reason"] or {}
    out(
        f"  blocked    {task['id']} «{line(task['title'])}»: {line(reason.get('cause', task['state']))}"
    )
    if reason:
        out(f"             tried: {line(reason['tried'])}")
        out(f"             needed, by {line(reason['owner'])}: {line(reason['needed'])}")


def tell_held_back(task: facts.Facts) -> None:
    """What no crew takes up before a person lets it go on."""
    pause = task["paused"]
    who, gone = line(pause["by"].removeprefix("human:")), pause["column"] == tasks.GONE
    why = (
        f"{who} deleted its card, which cancels it in a day" if gone else f"by {who}, on the board"
    )
    on = (
        "`crewboard board undo`, or paste its line again"
        if gone
        else f"crewboard board move {task['id']} 'in progress'"
    )
    out(f"  held back  {task['id']} «{line(task['title'])}»: {why}")
    out(f"             to go on: {on}")


def tell_artifact(artifact: facts.Facts) -> None:
    rows = f" {artifact['rows']:,} rows" if artifact["rows"] is not None else ""
    verdict = artifact["verdict"]
    judged = f"{verdict['judgement']} by {verdict['signer']}" if verdict else "not judged yet"
    shown = f"{line(artifact['path'])}{rows} sha256:{artifact['sha256'][:_SHORT]} ({line(judged)})"
    out(f"  {artifact['kind'] if artifact['kind'] in {'report', 'plot'} else 'made':<10} {shown}")


def tell_cost(cost: facts.Facts) -> str:
    ceiling = cost["ceiling_micro_usd"]
    most = f" of {budget.usd(ceiling)}" if ceiling is not None else ""
    reserved = cost["reserved_micro_usd"]
    open_calls = (
        f", {budget.usd(reserved)} reserved for calls without an outcome" if reserved else ""
    )
    return f"{budget.usd(cost['spent_micro_usd'])}{most} USD{open_calls}"


def _tell_evaluation(found: facts.Facts | None) -> None:
    if found is None:
        return
    low, high = found["ci95"]
    out(
        f"  held out   nll {found['before']:.4f} before, {found['after']:.4f} after: "
        f"{found['delta']:+.4f} (95 % CI {low:+.4f} to {high:+.4f}, n = {found['n']})"
    )


def _verdict(tx: "Transaction", task: str, sha256: str) -> facts.Facts | None:
    found = [v for v in verdicts.of_task(tx, task) if v.sha256 == sha256]
    if not found:
        return None
    last = found[-1]
    return {
        "judgement": last.judgement,
        "signer": last.signer,
        "findings": last.findings,
        "at": last.at,
    }


def _evaluation(tx: "Transaction", goal_id: str) -> facts.Facts | None:
    """Held-out loss before and after, out of the last evaluation's own manifest."""
    made = [r for r in tx.run("artifacts_of_goal", goal=goal_id) if r["kind"] == "evaluation"]
    if not made:
        return None
    measured = json.loads(made[-1]["manifest"])["measured"]
    return {
        "before": measured["base"]["nll"],
        "after": measured["tuned"]["nll"],
        "delta": measured["delta"],
        "ci95": measured["ci95"],
        "n": measured["n"],
        "path": made[-1]["path"],
        "sha256": made[-1]["sha256"],
    }
