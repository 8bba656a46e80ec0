"""Rules that a human wrote into crewboard.toml: what may be answered without asking, and by whom.

A rule's answer is recorded as the rule's (`policy:NAME`), never as a human's. No rule widens what the
one who asks may do: a decision that no rule matches waits for a human. A rule that denies beats every
rule and standing answer that allows, and what is allowed ends where its cap does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from crewboard.clock import parse_stamp
from crewboard.coordination import decisions
from crewboard.coordination.budget import usd
from crewboard.coordination.deciding import quorum, standing
from crewboard.coordination.deciding.caps import Caps, Used
from crewboard.coordination.deciding.quorum import Rights
from crewboard.coordination.decisions import (
    DENY,
    HOLD,
    HUMANS_ONLY,
    Answer,
    Decision,
    Question,
    Remark,
)
from crewboard.coordination.ledger import Transaction
from crewboard.errors import ApproverNotAllowed

BOARD = "board"
DEADLOCK, CAPPED = "deadlock", "capped"


@dataclass(frozen=True)
class Policy:
    """Answer `choose` to decisions of kind `kind` that cost at most `max_cost` (millionths of USD), so
    many times for a goal or in all on one day (UTC). A rule that denies does so whatever it costs."""

    name: str
    kind: str
    choose: str
    max_cost: int = 0
    reversible_only: bool = False
    per_goal_day: int | None = None
    per_crew_day: int | None = None

    @property
    def actor(self) -> str:
        return f"policy:{self.name}"

    @property
    def denies(self) -> bool:
        return self.choose == DENY

    def matches(self, decision: Decision) -> bool:
        if decision.kind != self.kind or decision.kind in HUMANS_ONLY:
            return False
        return self.denies or (
            decision.needs == 1
            and decision.cost <= self.max_cost
            and (decision.reversible or not self.reversible_only)
            and decision.option(self.choose) is not None
        )

    def held_back(self, used: Used, goal: str) -> str:
        """Why it may not answer any more today, in words; empty where it may."""
        if self.per_goal_day is not None and used.today(self.actor, goal) >= self.per_goal_day:
            return f"it has answered {self.per_goal_day} times for this goal"
        if self.per_crew_day is not None and used.today(self.actor) >= self.per_crew_day:
            return f"it has answered {self.per_crew_day} times"
        return ""


@dataclass(frozen=True)
class Rulebook:
    """The workspace's rules. A decision is due in `hours` where its question does not say. For
    `approvers`, `needs` and `delegations` see `quorum`; `carries` names the kinds of decision that a
    tick on the board may answer."""

    owner: str
    hours: float = 24
    policies: Sequence[Policy] = ()
    approvers: Sequence[tuple[str, Sequence[str]]] = ()
    needs: Sequence[tuple[str, int]] = ()
    delegations: Sequence[quorum.Delegation] = ()
    carries: Sequence[str] = ()
    caps: Caps = field(default_factory=Caps)

    @property
    def rights(self) -> Rights:
        return Rights(self.approvers, self.needs, self.delegations)

    def ask(self, tx: Transaction, question: Question) -> Decision:
        """Ask, and answer by a rule that denies, else a standing answer, else the first rule that
        matches and has something left to give."""
        needs = max(question.needs, self.rights.needed(question.kind))
        due = question.due or parse_stamp(tx.at) + timedelta(hours=self.hours)
        default = question.on_expiry if needs == 1 else HOLD
        decision = decisions.ask(tx, replace(question, due=due, needs=needs, on_expiry=default))
        if not decision.waiting:
            return decision
        decision = self._at_present(tx, decision)
        given = self._denial(tx, decision) or self._allowance(tx, decision)
        if isinstance(given, Answer):
            return decisions.answer(tx, decision.id, given)
        stuck = self.rights.deadlock(decision)
        _remark(
            tx, decision, Remark(DEADLOCK, f"nobody can answer this: {stuck}") if stuck else given
        )
        return decisions.get(tx, decision.id)

    def answer(self, tx: Transaction, decision_id: str, given: Answer) -> Decision:
        """A human's answer: the decision, answered, or waiting still where it takes more than one.
        ApproverNotAllowed for anybody else, whatever rule it claims to speak for, and when the rules
        name others for this kind."""
        decision = self._at_present(tx, decisions.get(tx, decision_id))
        return quorum.vote(tx, decision, self.check(decision, given, tx.at))

    def check(self, decision: Decision, given: Answer, at: str) -> Answer:
        """The answer with the right that it is given in. ApproverNotAllowed, DecisionUnanswerable."""
        refused = ""
        if not given.by.startswith("human:"):
            refused = "only a human answers; rules are applied when a question is asked"
        elif given.via == BOARD:
            refused = self.uncarried(decision, given.choice)
        if refused:
            raise ApproverNotAllowed(
                approver=given.by, decision=decision.id, reason=refused, owner=decision.owner
            )
        decisions.check(decision, given)
        return quorum.entitled(self.rights, decision, given, at)

    def uncarried(self, decision: Decision, choice: str) -> str:
        """Why a tick cannot choose that option, in words; empty where it can. Whoever can write the file
        can tick: what harms if somebody else did is confirmed by who is logged in."""
        if decision.kind in HUMANS_ONLY:
            return f"a {decision.kind} is nothing that a tick can give"
        if decision.grants:
            return "it gives a permission"
        option = decision.option(choice)
        if option is not None and option.cost:
            return f"it may cost {usd(option.cost)} USD"
        if not decision.reversible:
            return "it cannot be taken back"
        if decision.kind not in self.carries:
            return f"crewboard.toml does not let the board carry {decision.kind!r}"
        return ""

    def _at_present(self, tx: Transaction, decision: Decision) -> Decision:
        """As many approvals as the rules ask for today, and never fewer than when it was asked."""
        needs = self.rights.needed(decision.kind)
        if tx.change("raise_needs", id=decision.id, needs=needs):
            return decisions.get(tx, decision.id)
        return decision

    def _denial(self, tx: Transaction, decision: Decision) -> Answer | None:
        for policy in self.policies:
            if policy.denies and policy.matches(decision):
                return _by_rule(policy, Used.of(tx))
        return None

    def _allowance(self, tx: Transaction, decision: Decision) -> Answer | Remark | None:
        """What answers without asking; or why that which would may not any more today."""
        if tx.one("revoked_before", goal=decision.goal, kind=decision.kind, digest=decision.digest):
            return None  # a human took back what was answered: the next word is a human's
        used = Used.of(tx)
        held_back = self.caps.held_back(used, decision)
        for kept in self._standing(tx, decision):
            if not held_back:
                given, hits = kept.answer(), used.hits(kept.rule) + 1
                return replace(given, note=f"{given.note}; use {hits}")
        capped = []
        for policy in self.policies:
            if policy.denies or not policy.matches(decision):
                continue
            full = held_back or policy.held_back(used, decision.goal)
            if not full:
                return _by_rule(policy, used)
            capped.append(f"rule {policy.name!r} answers no more today: {full}")
        return Remark(CAPPED, capped[0]) if capped else None

    def _standing(self, tx: Transaction, decision: Decision) -> list[standing.Standing]:
        """Those whose giver may answer this kind today still, in their own right."""
        if decision.needs > 1 or decision.kind in HUMANS_ONLY:
            return []
        return [
            each
            for each in standing.fitting(tx, decision)
            if each.given_by in self.rights.principals(decision, each.given_by, tx.at)
            and each.given_by != decision.asked_by
        ]


def _by_rule(policy: Policy, used: Used) -> Answer:
    note = f"rule {policy.name!r} of crewboard.toml, answer {used.hits(policy.actor) + 1} by it"
    return Answer(policy.choose, policy.actor, "policy", note)


def _remark(tx: Transaction, decision: Decision, said: Remark | None) -> None:
    """Say on the board why nothing answers by itself; an event once, however often it is asked."""
    before = decision.remark
    if said is None and (before is None or before.outcome not in {DEADLOCK, CAPPED}):
        return  # nothing to take back; what was said of a tick stays
    if said == before:
        return
    decisions.remark(tx, decision, said)
    if said is not None:
        tx.event(
            f"decision.{said.outcome}", "crew", decision.goal, decision.task,
            decision=decision.id, why=said.says,
        )  # fmt: skip
