"""Questions: what is put to a human, before it is a decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crewboard.canonical import digest
from crewboard.coordination.grants import Permission
from crewboard.errors import DecisionUnanswerable

HOLD = "hold"
DENY = "deny"
COMPENSATION = "compensation"
"""The kind of question that asks what becomes of something done under an answer that was revoked."""
UNDO = "undo"
HUMANS_ONLY = frozenset({"waiver", COMPENSATION})
"""What no rule answers: it sets aside what was measured, or was done, and somebody answers for it."""


@dataclass(frozen=True)
class Option:
    """One answer: `cost` in millionths of a US dollar."""

    name: str
    consequence: str
    cost: int = 0
    recommended: bool = False


@dataclass(frozen=True)
class Question:
    """What is asked. `action` is the exact thing that an answer allows (plain JSON); an answer gives
    the `grants` that it stands for. `on_expiry` is `hold`, or the option taken then. `decides` says in
    one plain line why it is asked now; `needs` is the number of humans who must approve."""

    kind: str
    goal: str
    task: str
    text: str
    options: Sequence[Option]
    action: Any
    asked_by: str
    owner: str
    evidence: Sequence[str] = ()
    due: datetime | None = None
    on_expiry: str = HOLD
    reversible: bool = False
    grants: Sequence[Permission] = ()
    decides: str = ""
    needs: int = 1

    @property
    def cost(self) -> int:
        """The most that an answer can cost."""
        dearest = max((option.cost for option in self.options), default=0)
        return max(dearest, sum(permission.cap for permission in self.grants))

    def digest(self) -> str:
        return digest([self.goal, self.kind, self.action])

    def check(self) -> None:
        """DecisionUnanswerable for a question that would bind somebody unfairly."""
        names = [option.name for option in self.options]
        if not names or len(set(names)) != len(names) or {DENY, HOLD} & set(names):
            raise DecisionUnanswerable(
                decision="(new)", reason="its options are not distinct names"
            )
        if any(amount < 0 for amount in self._amounts()):  # it would hide what the others cost
            raise DecisionUnanswerable(
                decision="(new)", reason="no option and no grant costs below 0"
            )
        if self.on_expiry == HOLD:
            return
        bound = self.cost or self.grants or not self.reversible or self.needs > 1
        if bound or self.on_expiry not in names:
            raise DecisionUnanswerable(
                decision="(new)",
                reason="a default must be one of its options, reversible, free, and grant nothing",
            )

    def _amounts(self) -> list[int]:
        return [o.cost for o in self.options] + [permission.cap for permission in self.grants]
