"""What rules may allow in a day, and what they have allowed already, counted from the ledger.

A decision counts with the most that its answer can cost, on the day (UTC) it was answered, also where
the answer was revoked since. What was denied costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crewboard.coordination.budget import usd
from crewboard.coordination.decisions import DENY, Decision
from crewboard.coordination.ledger import Transaction


@dataclass(frozen=True)
class Caps:
    """The most that all rules and standing answers together may allow on one day (UTC), in millionths of
    USD: for a goal, and for the crew. None: nothing but the budget bounds it."""

    goal_day: int | None = None
    crew_day: int | None = None

    def held_back(self, used: "Used", decision: Decision) -> str:
        """Why nothing more may be allowed today, in words; empty where this fits."""
        of_goal, of_crew = used.spent(decision.goal), used.spent()
        if self.goal_day is not None and of_goal + decision.cost > self.goal_day:
            return f"rules may allow {usd(self.goal_day)} USD a day for one goal"
        if self.crew_day is not None and of_crew + decision.cost > self.crew_day:
            return f"rules may allow {usd(self.crew_day)} USD a day in all"
        return ""


@dataclass(frozen=True)
class _Given:
    rule: str
    goal: str
    cost: int
    today: bool


@dataclass(frozen=True)
class Used:
    """Every answer that a rule has given."""

    answers: Sequence[_Given]

    @classmethod
    def of(cls, tx: Transaction) -> "Used":
        day = tx.at[:10]
        return cls([
            _Given(
                row["decided_by"], row["goal"], 0 if row["choice"] == DENY else row["cost"],
                row["decided"][:10] == day,
            )
            for row in tx.run("answers_of_rules")
        ])  # fmt: skip

    def hits(self, rule: str) -> int:
        """How often it has answered, ever."""
        return sum(each.rule == rule for each in self.answers)

    def today(self, rule: str, goal: str | None = None) -> int:
        return sum(
            each.today and each.rule == rule and goal in {None, each.goal} for each in self.answers
        )

    def spent(self, goal: str | None = None) -> int:
        return sum(each.cost for each in self.answers if each.today and goal in {None, each.goal})
