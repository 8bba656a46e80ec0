"""`crewboard cost`: what was estimated, what was paid, and what is set aside."""

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crewboard.cli.options import find_workspace, option, reading

if TYPE_CHECKING:
    from crewboard.coordination.ledger import Transaction


@click.command
@option("--goal", metavar="GOAL", help="Of this goal only.")
@reading
def cost(workspace: Path | None, goal: str | None, *, as_json: bool) -> None:
    """Estimates and bills, per goal and per model or tool.

    What is reserved belongs to calls whose outcome nobody knows yet: it counts as spent.
    """
    from crewboard.agents.models.prices import price_table
    from crewboard.cli import facts
    from crewboard.cli.ids import find_goal
    from crewboard.cli.terminal import document
    from crewboard.coordination import budget, tasks

    with find_workspace(workspace).ledger().read() as tx:
        goals = [find_goal(tx, goal)] if goal else tasks.goals(tx)
        told: dict[str, Any] = {
            "goals": [
                {
                    "id": each.id,
                    "title": each.title,
                    **facts.of_budget(budget.get(tx, f"goal:{each.id}")),
                    "calls": _calls(tx, each.id),
                }
                for each in goals
            ],
            "day": {
                "date": tx.at[:10],
                **facts.of_budget(budget.get(tx, f"day:{tx.at[:10]}")),
            },
            "price_table": price_table()["version"],
        }
    if as_json:
        document(told)
    else:
        _tell(told)


def _calls(tx: "Transaction", goal: str) -> list[dict[str, Any]]:
    """By tool or model: settled calls with their estimates and bills, open ones with what they hold."""
    found: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"calls": 0, "estimate_micro_usd": 0, "cost_micro_usd": 0, "reserved_micro_usd": 0}
    )
    for row in tx.run("effects_of_goal", goal=goal):
        entry = found[row["tool"]]
        entry["calls"] += 1
        entry["estimate_micro_usd"] += row["estimate"]
        entry["cost_micro_usd"] += row["cost"] or 0
        if row["state"] == "intent":
            entry["reserved_micro_usd"] += row["estimate"]
    return [{"tool": tool, **entry} for tool, entry in sorted(found.items())]


def _tell(told: dict[str, Any]) -> None:
    from crewboard.cli.account import tell_cost
    from crewboard.cli.terminal import line, out, table
    from crewboard.coordination.budget import usd

    for goal in told["goals"]:
        out(f"{goal['id']} «{line(goal['title'])}»: {tell_cost(goal)}")
        names = ("estimate_micro_usd", "cost_micro_usd", "reserved_micro_usd")
        rows = [(c["tool"], c["calls"], *(usd(c[name]) for name in names)) for c in goal["calls"]]
        if rows:
            table(rows, ("who or what", "calls", "estimated", "paid", "reserved"))
    out(f"{told['day']['date']}: {tell_cost(told['day'])}")
    out(f"US dollars; price table {told['price_table']}")
