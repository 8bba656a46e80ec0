"""What people wrote beneath the cards of a goal."""

import json

from crewboard.coordination.ledger import Transaction

_MOST, _LONGEST = 20, 400


def noted(tx: Transaction, goal: str) -> list[str]:
    """The newest notes, oldest first. They are words for whoever plans, never permissions: a file
    cannot say who wrote it."""
    rows = tx.run("notes_of_goal", goal=goal, most=_MOST)
    told = [json.loads(row["data"]) for row in reversed(rows)]
    return [f"{each['title']}: {each['now']}"[:_LONGEST] for each in told if each.get("now")]
