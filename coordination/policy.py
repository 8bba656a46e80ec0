"""Rules that a human wrote into crewboard.toml: what may be answered without asking, and by whom.

A rule's answer is recorded as the rule's (`policy:NAME`), never as a human's. No rule widens what the
one who asks may do: a decision that no rule matches waits for a human.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from crewboard.clock import parse_stamp
from crewboard.coordination import decisions
from crewboard.coordination.decisions import Answer, Decision, Question
from crewboard.coordination.ledger import Transaction
from crewboard.errors import ApproverNotAllowed

HUMANS_ONLY = frozenset({"waiver"})
"""What no rule answers: a waiver sets aside what was measured, and needs somebody to answer for it."""


@dataclass(frozen=True)
class Policy:
    """Answer `choose` to decisions of kind `kind` that cost at most `max_cost` (millionths of USD)."""

    name: str
    kind: str
    choose: str
    max_cost: int = 0
    reversible_only: bool = False

    def matches(self, decision: Decision) -> bool:
        return (
            decision.kind == self.kind
            and decision.kind not in HUMANS_ONLY
            and decision.cost <= self.max_cost
            and (decision.reversible or not self.reversible_only)
            and self.choose in [decisions.DENY, *(option.name for option in decision.options)]
        )


@dataclass(frozen=True)
class Rulebook:
    """The workspace's rules. A decision is due in `hours` where its question does not say. `approvers`
    maps a kind of decision (or `*`) to the humans who may answer it; a kind that it does not name may
    be answered by every human."""

    owner: str
    hours: float = 24
    policies: Sequence[Policy] = ()
    approvers: Sequence[tuple[str, Sequence[str]]] = ()

    def ask(self, tx: Transaction, question: Question) -> Decision:
        """Ask, and answer by the first rule that matches."""
        due = question.due or parse_stamp(tx.at) + timedelta(hours=self.hours)
        decision = decisions.ask(tx, replace(question, due=due))
        if not decision.waiting:
            return decision
        for policy in self.policies:
            if policy.matches(decision):
                note = f"rule {policy.name!r} of crewboard.toml"
                given = Answer(policy.choose, f"policy:{policy.name}", "policy", note)
                return decisions.answer(tx, decision.id, given)
        return decision

    def answer(self, tx: Transaction, decision_id: str, given: Answer) -> Decision:
        """A human's answer. ApproverNotAllowed for anybody else, whatever rule it claims to speak for,
        and when the rules name others for this kind."""
        decision = decisions.get(tx, decision_id)
        if not given.by.startswith("human:"):
            raise ApproverNotAllowed(
                approver=given.by,
                decision=decision.id,
                reason="only a human answers; rules are applied when a question is asked",
                owner=decision.owner,
            )
        named = [who for kind, who in self.approvers if kind in {decision.kind, "*"}]
        if named and not any(given.by.removeprefix("human:") in who for who in named):
            raise ApproverNotAllowed(
                approver=given.by,
                decision=decision.id,
                reason=f"crewboard.toml names others for {decision.kind!r}",
                owner=decision.owner,
            )
        return decisions.answer(tx, decision.id, given)
