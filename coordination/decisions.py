"""Decisions: questions that only a human, or a rule that a human wrote, may answer.

A decision is bound to the digest of the exact action it is about. The same question asked again is
the same decision, so its answer holds; another action is another question. Silence is never consent:
an overdue decision is held, unless it named a default that is reversible, free and grants nothing.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from crewboard.canonical import canonical_json, digest
from crewboard.clock import stamp
from crewboard.coordination import grants, tasks
from crewboard.coordination.grants import Permission
from crewboard.coordination.ledger import Transaction
from crewboard.errors import ApproverNotAllowed, DecisionUnanswerable, UnknownName

HOLD = "hold"
DENY = "deny"


@dataclass(frozen=True)
class Option:
    """One answer: `cost` in millionths of a US dollar."""

    name: str
    consequence: str
    cost: int = 0


@dataclass(frozen=True)
class Question:
    """What is asked. `action` is the exact thing that an answer allows (plain JSON); an answer gives
    the `grants` that it stands for. `on_expiry` is `hold`, or the option taken then."""

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

    @property
    def cost(self) -> int:
        """The most that an answer can cost."""
        dearest = max((option.cost for option in self.options), default=0)
        return max(dearest, sum(permission.cap for permission in self.grants))

    def digest(self) -> str:
        return digest([self.goal, self.kind, self.action])


@dataclass(frozen=True)
class Answer:
    """Who chose what, and how: `by` is an authenticated identity (`human:ada`, `policy:demo`), `via`
    the way it came (`cli`, `policy`, `expiry`)."""

    choice: str
    by: str
    via: str
    note: str = ""


@dataclass(frozen=True)
class Decision:
    id: str
    question: str
    goal: str
    task: str
    kind: str
    text: str
    options: tuple[Option, ...]
    evidence: tuple[str, ...]
    action: Any
    digest: str
    owner: str
    asked_by: str
    due: str | None
    on_expiry: str
    reversible: bool
    cost: int
    grants: tuple[Permission, ...]
    state: str
    choice: str | None
    note: str | None
    decided_by: str | None
    via: str | None
    decided: str | None
    at: str
    waiting: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "waiting", self.state in {"open", "overdue"})

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Decision":
        values = dict(row)
        values["options"] = tuple(Option(**o) for o in json.loads(values["options"]))
        values["evidence"] = tuple(json.loads(values["evidence"]))
        values["action"] = json.loads(values["action"])
        values["grants"] = tuple(Permission(**g) for g in json.loads(values["grants"]))
        values["reversible"] = bool(values["reversible"])
        return cls(**values)


def ask(tx: Transaction, question: Question) -> Decision:
    """The decision on this question: a new one, or the one that was asked before, answered or not. One
    that was withdrawn because its task ended is open again."""
    known = tx.one("decision_of_question", question=question.digest())
    if known is not None and known["state"] == "withdrawn":
        return _reopen(tx, known["id"], question)
    if known is not None:
        return Decision.of(known)
    _check(question)
    decision_id = tasks.fresh_id(tx, "d")
    tx.change(
        "insert_decision",
        id=decision_id,
        question=question.digest(),
        goal=question.goal,
        task=question.task,
        kind=question.kind,
        text=question.text,
        options=canonical_json([asdict(option) for option in question.options]),
        evidence=canonical_json(list(question.evidence)),
        action=canonical_json(question.action),
        digest=digest(question.action),
        owner=question.owner,
        asked_by=question.asked_by,
        due=stamp(question.due) if question.due else None,
        on_expiry=question.on_expiry,
        reversible=int(question.reversible),
        cost=question.cost,
        grants=canonical_json([asdict(permission) for permission in question.grants]),
        at=tx.at,
    )
    _tell(tx, decision_id, question)
    return get(tx, decision_id)


def answer(tx: Transaction, decision_id: str, given: Answer) -> Decision:
    """Record an answer, give the grant that it stands for, and wake what waited on it.

    DecisionUnanswerable when it was answered already or has no such option; ApproverNotAllowed for
    an agent, and for whoever asked.
    """
    decision = get(tx, decision_id)
    _check_answer(decision, given)
    state = "rejected" if given.choice == DENY else "answered"
    tx.change(
        "answer_decision",
        id=decision.id,
        state=state,
        choice=given.choice,
        note=given.note,
        decided_by=given.by,
        via=given.via,
        at=tx.at,
    )
    event = tx.event(
        "decision.answered",
        given.by,
        decision.goal,
        decision.task,
        decision=decision.id,
        choice=given.choice,
        via=given.via,
        note=given.note,
        action=decision.digest,
    )
    if state == "answered":
        grants.give(tx, decision.id, decision.grants)
    tasks.wake(tx, decision.task, f"{decision.id}:{event.seq}")
    return get(tx, decision.id)


def expire(tx: Transaction) -> list[Decision]:
    """Deal with every decision whose deadline has passed; each is told in an event, once."""
    found = [Decision.of(row) for row in tx.run("expired_decisions", at=tx.at)]
    for decision in found:
        tx.change("decision_overdue", id=decision.id)
        tx.event(
            "decision.overdue", "crew", decision.goal, decision.task,
            decision=decision.id, on_expiry=decision.on_expiry,
        )  # fmt: skip
        if decision.on_expiry != HOLD:
            answer(tx, decision.id, Answer(decision.on_expiry, "policy:expiry", "expiry"))
    return found


def get(tx: Transaction, decision_id: str) -> Decision:
    row = tx.one("get_decision", id=decision_id.lstrip("^"))
    if row is None:
        known = ", ".join(d.id for d in waiting(tx)) or "none is waiting"
        raise UnknownName(kind="decision", name=decision_id, known=known)
    return Decision.of(row)


def waiting(tx: Transaction) -> list[Decision]:
    return [Decision.of(row) for row in tx.run("open_decisions")]


def everything(tx: Transaction) -> list[Decision]:
    return [Decision.of(row) for row in tx.run("all_decisions")]


def _reopen(tx: Transaction, decision_id: str, question: Question) -> Decision:
    due = stamp(question.due) if question.due else None
    tx.change("reopen_decision", id=decision_id, task=question.task, due=due)
    _tell(tx, decision_id, question)
    return get(tx, decision_id)


def _tell(tx: Transaction, decision_id: str, question: Question) -> None:
    tx.event(
        "decision.asked",
        question.asked_by,
        question.goal,
        question.task,
        decision=decision_id,
        question=question.text,
        options=[option.name for option in question.options],
        owner=question.owner,
        action=digest(question.action),
    )


def _check(question: Question) -> None:
    names = [option.name for option in question.options]
    if not names or len(set(names)) != len(names) or {DENY, HOLD} & set(names):
        raise DecisionUnanswerable(decision="(new)", reason="its options are not distinct names")
    if any(amount < 0 for amount in _amounts(question)):  # it would hide what the others cost
        raise DecisionUnanswerable(decision="(new)", reason="no option and no grant costs below 0")
    if question.on_expiry == HOLD:
        return
    bound = question.cost or question.grants or not question.reversible
    if bound or question.on_expiry not in names:
        raise DecisionUnanswerable(
            decision="(new)",
            reason="a default must be one of its options, reversible, free, and grant nothing",
        )


def _amounts(question: Question) -> list[int]:
    return [o.cost for o in question.options] + [permission.cap for permission in question.grants]


def _check_answer(decision: Decision, given: Answer) -> None:
    if not decision.waiting:
        raise DecisionUnanswerable(
            decision=decision.id,
            reason=f"{decision.decided_by} chose {decision.choice!r} at {decision.decided}",
        )
    names = [option.name for option in decision.options]
    if given.choice not in [*names, DENY]:
        raise DecisionUnanswerable(
            decision=decision.id, reason=f"{given.choice!r} is none of {', '.join(names)}"
        )
    refuse_agent(decision, given.by)


def refuse_agent(decision: Decision, by: str) -> None:
    """Only a human, or a rule that a human wrote, answers; and never whoever asked."""
    kind, _, name = by.partition(":")
    if kind not in {"human", "policy"} or not name or by == decision.asked_by:
        raise ApproverNotAllowed(
            approver=by,
            decision=decision.id,
            reason="an agent never answers a question of the crew, nor does who asked",
            owner=decision.owner,
        )
