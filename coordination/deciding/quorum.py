"""Who may answer what, in whose right, and how many of them it takes.

A right is a human's by name. It may be passed on, never on from there: for some kinds of decision and
until a day, so that whoever got it may do less than whoever gave it. However many rights one human
speaks for, they are one human; however many speak for a right, it is one right. Who asked never counts.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from crewboard.canonical import canonical_json
from crewboard.coordination import decisions
from crewboard.coordination.decisions import DENY, Answer, Decision
from crewboard.coordination.ledger import Transaction
from crewboard.errors import ApproverNotAllowed
from crewboard.redact import redact_json

EVERY = "*"


@dataclass(frozen=True)
class Delegation:
    """`giver` lets `to` answer decisions of these kinds in their stead until then (UTC text)."""

    giver: str
    to: str
    kinds: Sequence[str]
    until: str

    def holds(self, kind: str, at: str) -> bool:
        return kind in self.kinds and at < self.until


@dataclass(frozen=True)
class Rights:
    """`approvers` maps a kind of decision (or `*`) to the humans who may answer it; a kind that it does
    not name may be answered by every human. `needs` maps a kind to how many of them it takes."""

    approvers: Sequence[tuple[str, Sequence[str]]] = ()
    needs: Sequence[tuple[str, int]] = ()
    delegations: Sequence[Delegation] = ()

    def needed(self, kind: str) -> int:
        return max((count for named, count in self.needs if named in {kind, EVERY}), default=1)

    def named(self, kind: str) -> list[str] | None:
        """The humans who may answer this kind; None where every human may."""
        found = [who for each, who in self.approvers if each in {kind, EVERY}]
        return list(dict.fromkeys(name for who in found for name in who)) if found else None

    def principals(self, decision: Decision, by: str, at: str) -> list[str]:
        """In whose right `by` may answer: their own before that of others. Empty when in nobody's."""
        named = self.named(decision.kind)
        if named is None:
            return [by]
        own = [by] if by.removeprefix("human:") in named else []
        given = [
            f"human:{each.giver}"
            for each in self.delegations
            if f"human:{each.to}" == by
            and each.giver in named
            and each.holds(decision.kind, at)
            and f"human:{each.giver}" != decision.asked_by
        ]
        return own or given

    def deadlock(self, decision: Decision) -> str:
        """Why nobody can answer a decision, in words; empty where somebody can."""
        named = self.named(decision.kind)
        if named is None:
            return ""
        left = [name for name in named if f"human:{name}" != decision.asked_by]
        needs = max(decision.needs, self.needed(decision.kind))
        if not named:
            return (
                f"crewboard.toml names nobody who may answer a decision of kind {decision.kind!r}"
            )
        if not left:
            return f"{named[0]} asked it, and is the only one who may answer {decision.kind!r}"
        if len(left) < needs:
            return f"it needs {needs} approvals, and only {', '.join(left)} may give one"
        return ""


def entitled(rights: Rights, decision: Decision, given: Answer, at: str) -> Answer:
    """The answer with the right that it is given in. ApproverNotAllowed for whoever has none left:
    a right that another human has used already cannot be used once more."""
    found = rights.principals(decision, given.by, at)
    used = {vote.principal for vote in decision.votes if vote.by != given.by}
    free = [each for each in found if each == given.by or each not in used]
    if free:
        return replace(given, on_behalf="" if free[0] == given.by else free[0])
    raise ApproverNotAllowed(
        approver=given.by,
        decision=decision.id,
        reason=f"another has answered in the right of {found[0]} already"
        if found
        else f"crewboard.toml names others for {decision.kind!r}",
        owner=decision.owner,
    )


def vote(tx: Transaction, decision: Decision, given: Answer) -> Decision:
    """Count an answer. One no denies; a yes answers once enough distinct humans gave it, and until then
    stands beside the question. A human who votes again changes their vote."""
    decisions.check(decision, given)
    if given.choice == DENY or decision.needs <= 1:
        return decisions.answer(tx, decision.id, given)
    others = [v for v in decision.votes if given.by not in {v.by, v.principal}]
    written = canonical_json([redact_json(asdict(each)) for each in [*others, given]])
    tx.change("set_votes", id=decision.id, votes=written)
    counted = decisions.get(tx, decision.id)
    has = len(counted.approvals(given.choice))
    tx.event(
        "decision.approved", given.by, decision.goal, decision.task,
        decision=decision.id, choice=given.choice, via=given.via, note=given.note,
        on_behalf=given.on_behalf, has=has, needs=decision.needs, request=decision.request,
    )  # fmt: skip
    return decisions.answer(tx, decision.id, given) if has >= decision.needs else counted


def withdraw(tx: Transaction, decision: Decision, by: str, note: str) -> bool:
    """Take back one's vote for a question that still waits; whether there was one."""
    left = [v for v in decision.votes if v.by != by]
    if len(left) == len(decision.votes):
        return False
    tx.change("set_votes", id=decision.id, votes=canonical_json([asdict(v) for v in left]))
    tx.event(
        "decision.unapproved", by, decision.goal, decision.task, decision=decision.id, note=note,
        has=len(left), needs=decision.needs,
    )  # fmt: skip
    return True
