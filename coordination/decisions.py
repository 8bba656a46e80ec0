"""Decisions: questions that only a human, or a rule that a human wrote, may answer.

A decision is bound to the digest of the exact action it is about. The same question asked again is
the same decision, so its answer holds; another action is another question. Silence is never consent:
an overdue decision is held, unless it named a default that is reversible, free and grants nothing.

    open ─> overdue ─┬─> answered | rejected ─> revoked      (and asked anew, as another decision)
     ▲  └────────────┘
     └── withdrawn                                           (its task ended; open when asked again)
"""

import json
import sqlite3
from dataclasses import asdict, dataclass, field
from typing import Any

from crewboard.canonical import canonical_json, digest
from crewboard.clock import stamp
from crewboard.coordination import grants, tasks
from crewboard.coordination.deciding.questions import (
    COMPENSATION,
    DENY,
    HOLD,
    HUMANS_ONLY,
    UNDO,
    Option,
    Question,
)
from crewboard.coordination.grants import Permission
from crewboard.coordination.ledger import Transaction
from crewboard.errors import ApproverNotAllowed, DecisionUnanswerable, UnknownName
from crewboard.redact import redact_json

__all__ = [
    "COMPENSATION", "DENY", "HOLD", "HUMANS_ONLY", "UNDO",
    "Answer", "Decision", "Option", "Question", "Remark", "Taken",
    "answer", "ask", "check", "everything", "expire", "get", "refuse_agent", "remark", "waiting",
]  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """Who chose what, and how: `by` is an authenticated identity (`human:ada`, `policy:demo`), `via`
    the way it came (`cli`, `board`, `policy`, `standing`, `expiry`). `on_behalf` is the human whose
    right it is, where that is another one."""

    choice: str
    by: str
    via: str
    note: str = ""
    on_behalf: str = ""

    @property
    def principal(self) -> str:
        return self.on_behalf or self.by

    @property
    def signature(self) -> str:
        """As it is recorded: `human:bob for ada`."""
        behalf = self.on_behalf.removeprefix("human:")
        return f"{self.by} for {behalf}" if behalf else self.by


@dataclass(frozen=True)
class Remark:
    """What the board says of the last tick, or of why nobody can answer: one sentence, and where one is
    needed the command that follows it."""

    outcome: str
    says: str
    by: str = ""
    choices: tuple[str, ...] = ()
    command: str = ""


@dataclass(frozen=True)
class Taken:
    """An answer that somebody took back: it stays on record, and binds nobody any more."""

    by: str
    at: str
    note: str


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
    decides: str
    needs: int
    votes: tuple[Answer, ...]
    reminded: int
    reopened: str | None
    remark: Remark | None
    revoked: Taken | None
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
        values["votes"] = tuple(Answer(**v) for v in json.loads(values["votes"]))
        values["remark"] = _remark(values["remark"])
        values["revoked"] = Taken(**json.loads(values["revoked"])) if values["revoked"] else None
        return cls(**values)

    @property
    def asked(self) -> str:
        """When it was asked last."""
        return self.reopened or self.at

    @property
    def request(self) -> str:
        """Digest of everything that an answer answers; what was shown with other words is another."""
        offered = [asdict(option) for option in self.options]
        permits = [asdict(permission) for permission in self.grants]
        terms = [self.reversible, self.cost, self.on_expiry, self.needs]
        shown = [self.id, self.kind, self.text, offered, list(self.evidence)]
        return digest([*shown, self.digest, permits, terms])

    def option(self, name: str) -> Option | None:
        return next((option for option in self.options if option.name == name), None)

    def approvals(self, choice: str) -> tuple[Answer, ...]:
        """The votes for one option that count: one of each human, and one of each human's right."""
        by, right, found = set[str](), set[str](), []
        for vote in self.votes:
            if vote.choice == choice and vote.by not in by and vote.principal not in right:
                found.append(vote)
            by.add(vote.by)
            right.add(vote.principal)
        return tuple(found)


def _remark(text: str | None) -> Remark | None:
    values = json.loads(text) if text else None
    return Remark(**{**values, "choices": tuple(values["choices"])}) if values else None


def ask(tx: Transaction, question: Question) -> Decision:
    """The decision on this question: a new one, or the one that was asked before, answered or not. One
    that was withdrawn because its task ended is open again."""
    known = tx.one("decision_of_question", question=question.digest())
    if known is not None and known["state"] == "withdrawn":
        return _reopen(tx, known["id"], question)
    if known is not None:
        return Decision.of(known)
    question.check()
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
        decides=question.decides,
        needs=question.needs,
    )
    _tell(tx, decision_id, question)
    return get(tx, decision_id)


def answer(tx: Transaction, decision_id: str, given: Answer) -> Decision:
    """Record an answer, give the grant that it stands for, and wake what waited on it.

    DecisionUnanswerable when it was answered already, has no such option, or lacks approvals;
    ApproverNotAllowed for an agent, and for whoever asked.
    """
    decision = get(tx, decision_id)
    check(decision, given)
    _check_quorum(decision, given)
    state = "rejected" if given.choice == DENY else "answered"
    tx.change(
        "answer_decision",
        id=decision.id,
        state=state,
        choice=given.choice,
        note=given.note,
        decided_by=_signatures(decision, given),
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
        request=decision.request,
        by=_signatures(decision, given),
    )
    if state == "answered":
        grants.give(tx, decision.id, decision.grants)
    _wake(tx, decision, f"{decision.id}:{event.seq}")
    _settle_compensation(tx, decision, given)
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
        if decision.on_expiry != HOLD and decision.needs == 1:
            answer(tx, decision.id, Answer(decision.on_expiry, "policy:expiry", "expiry"))
    return found


def get(tx: Transaction, decision_id: str) -> Decision:
    row = tx.one("get_decision", id=decision_id.lstrip("^"))
    if row is None:
        known = ", ".join(d.id for d in waiting(tx)) or "none is waiting"
        raise UnknownName(kind="decision", name=decision_id, known=known)
    return Decision.of(row)


def remark(tx: Transaction, decision: Decision, said: Remark | None) -> None:
    """Have the board say something beneath a decision, in place of what it said before."""
    text = canonical_json(redact_json(asdict(said))) if said else None
    tx.change("remark_decision", id=decision.id, remark=text)


def waiting(tx: Transaction) -> list[Decision]:
    return [Decision.of(row) for row in tx.run("open_decisions")]


def everything(tx: Transaction) -> list[Decision]:
    return [Decision.of(row) for row in tx.run("all_decisions")]


def _reopen(tx: Transaction, decision_id: str, question: Question) -> Decision:
    due = stamp(question.due) if question.due else None
    tx.change(
        "reopen_decision",
        id=decision_id,
        task=question.task,
        due=due,
        needs=question.needs,
        at=tx.at,
    )
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


def check(decision: Decision, given: Answer) -> None:
    """Whether this may be an answer at all: DecisionUnanswerable, ApproverNotAllowed."""
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


def _check_quorum(decision: Decision, given: Answer) -> None:
    """One no is enough; a yes takes as many humans as the question needs."""
    has = len(decision.approvals(given.choice))
    if decision.needs > 1 and given.choice != DENY and has < decision.needs:
        raise DecisionUnanswerable(
            decision=decision.id, reason=f"it needs {decision.needs} approvals and has {has}"
        )


def _signatures(decision: Decision, given: Answer) -> str:
    """Who decided, all of them: `human:ada, human:bob for cy`."""
    if decision.needs == 1 or given.choice == DENY:
        return given.signature
    return ", ".join(vote.signature for vote in decision.approvals(given.choice))


def _wake(tx: Transaction, decision: Decision, cause: str) -> None:
    """The task that asked, and where something was granted whatever of its goal waits for a human."""
    tasks.wake(tx, decision.task, cause)
    if decision.grants:
        for row in tx.run("waiting_on_decision", goal=decision.goal, decision=decision.id):
            tasks.wake(tx, row["id"], cause)


def _settle_compensation(tx: Transaction, decision: Decision, given: Answer) -> None:
    """Close the card of what was done under a revoked answer, or block it on whoever takes it back."""
    if decision.kind != COMPENSATION:
        return
    task = tasks.get(tx, decision.task)
    if given.choice != UNDO:
        told = {"decision": decision.id, "choice": given.choice, "by": given.by}
        tasks.move(tx, task, given.by, tasks.Change(tasks.State.COMPLETED, task.waits, told=told))
        return
    reason = tasks.Reason(
        cause="an answer was revoked after what it allowed had been done",
        owner=given.by.removeprefix("human:"),
        tried="nothing: the crew takes nothing back by itself",
        needed=given.note or "take it back by hand",
    )
    tasks.block(tx, task, given.by, reason)


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
