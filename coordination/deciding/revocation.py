"""Revoking an answer: what it allowed and nobody has done is closed, and asked anew; what was done is said.

The answer stays on record. Grants that nobody used are closed, and so is a standing answer. The same
question is another decision from then on: it waits. Where something was done under the answer already,
nobody can undo that by a word: a question is put of what becomes of it, and a waiver that was signed
into a verdict is followed by a verdict without it, so that nothing more is built on those bytes.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from crewboard.canonical import canonical_json
from crewboard.clock import parse_stamp
from crewboard.coordination import artifacts, decisions, grants, tasks, verdicts
from crewboard.coordination.deciding import quorum, standing
from crewboard.coordination.decisions import COMPENSATION, UNDO, Decision, Option, Question, Taken
from crewboard.coordination.effects import action_digest
from crewboard.coordination.ledger import Event, Transaction
from crewboard.coordination.policy import Rulebook
from crewboard.coordination.tasks import Change, NewTask, State, Task
from crewboard.coordination.verdicts import REWORK, WAIVED, Judgement
from crewboard.errors import ApproverNotAllowed, DecisionUnanswerable
from crewboard.redact import redact_json

ACCEPT = "accept"
_TRACES = frozenset({"effect.intended", "effect.done", "artifact.made", "verdict.signed"})


@dataclass(frozen=True)
class Revocation:
    """Who takes an answer back, and why. `key` is the workspace's own, which signs verdicts."""

    by: str
    note: str
    key: bytes


@dataclass(frozen=True)
class Revoked:
    """What came of it. `reopened` is the question as it waits now; `done` are the tasks that had used
    the answer, and `compensation` asks what becomes of that."""

    decision: Decision
    closed: int = 0
    reopened: Decision | None = None
    done: tuple[str, ...] = ()
    compensation: Decision | None = None


def revoke(tx: Transaction, rulebook: Rulebook, decision_id: str, given: Revocation) -> Revoked:
    """Take an answer back, or where the question still waits one's own approval.

    ApproverNotAllowed for whoever may not answer that kind; DecisionUnanswerable where there is nothing
    to take back.
    """
    decision = decisions.get(tx, decision_id)
    _check(tx, rulebook, decision, given.by)
    if decision.waiting:
        if not quorum.withdraw(tx, decision, given.by, given.note):
            raise _nothing(decision, f"{given.by} has not approved it")
        return Revoked(decisions.get(tx, decision.id))
    if decision.state not in {"answered", "rejected"}:
        raise _nothing(decision, f"it is {decision.state}")
    done = _users(tx, decision)
    closed = grants.revoke(tx, decision.id)
    standing.end(tx, decision, given.by, given.note)
    _mark(tx, decision, given)
    _disavow(tx, decision, given)
    reopened = _ask_again(tx, rulebook, decision)
    asked = _compensate(tx, rulebook, decision, done, given) if done else None
    tx.event(
        "decision.revoked", given.by, decision.goal, decision.task, decision=decision.id,
        choice=decision.choice, note=given.note, closed=closed, done=list(done),
        reopened=reopened.id if reopened else None, compensation=asked.id if asked else None,
    )  # fmt: skip
    return Revoked(decisions.get(tx, decision.id), closed, reopened, done, asked)


def end_standing(tx: Transaction, rulebook: Rulebook, decision_id: str, given: Revocation) -> None:
    """End what was answered for always, and let the answer itself stand. UnknownName where it was not."""
    decision = decisions.get(tx, decision_id)
    _check(tx, rulebook, decision, given.by)
    standing.end_named(tx, decision, given.by, given.note)


# ── what depends on it ─────────────────────────────────────────────────────────────────────────


def _users(tx: Transaction, decision: Decision) -> tuple[str, ...]:
    """The tasks that have used the answer: they are at work, hold one of its grants, or have left a trace
    since it was given."""
    events = [Event.of(row) for row in tx.run("events_of_goal", goal=decision.goal)]
    answered = max((e.seq for e in events if _answers(e, decision)), default=0)
    traced = {e.task for e in events if e.seq > answered and e.kind in _TRACES}
    holding = {grant.used_by for grant in grants.of_decision(tx, decision.id)}
    begun = traced | holding
    found = {t.id for t in _dependents(tx, decision) if t.holder is not None or t.id in begun}
    return tuple(sorted(found))


def _dependents(tx: Transaction, decision: Decision) -> list[Task]:
    """The tasks that the answer let go on: those that its grants are for, those that need the step which
    asked, the work that a review waived something of, and the task that asked, where it is one that works.
    """
    asking = tasks.get(tx, decision.task)
    granted = {permission.digest for permission in decision.grants}
    found = [
        task
        for task in tasks.of_goal(tx, decision.goal)
        if (granted and action_digest(task) in granted) or _needs(task, asking)
    ]
    if asking.kind == "review" and asking.parent is not None:
        return [*found, tasks.get(tx, asking.parent)]
    return [*found, asking] if asking.kind == "work" else found


def _needs(task: Task, asking: Task) -> bool:
    return (
        asking.kind == "question"
        and asking.step in task.spec.get("needs", ())
        and task.revision == asking.revision
    )


def _answers(event: Event, decision: Decision) -> bool:
    return event.kind == "decision.answered" and event.data["decision"] == decision.id


# ── what follows ───────────────────────────────────────────────────────────────────────────────


def _mark(tx: Transaction, decision: Decision, given: Revocation) -> None:
    taken = redact_json(asdict(Taken(given.by, tx.at, given.note)))
    tx.change("revoke_decision", id=decision.id, revoked=canonical_json(taken))


def _ask_again(tx: Transaction, rulebook: Rulebook, decision: Decision) -> Decision | None:
    """The same question, open; None where whoever asked it has ended and nobody would hear the answer.
    No rule answers it: a human has just said no to what was answered."""
    asking = tasks.get(tx, decision.task)
    step = asking.kind == "question" and asking.state is State.COMPLETED
    if step and not tasks.get(tx, decision.goal).ended:
        asked = decisions.ask(tx, _question(tx, rulebook, decision))
        _reopen_step(tx, asking, asked)
        return asked
    return None if asking.ended else decisions.ask(tx, _question(tx, rulebook, decision))


def _question(tx: Transaction, rulebook: Rulebook, decision: Decision) -> Question:
    return Question(
        kind=decision.kind,
        goal=decision.goal,
        task=decision.task,
        text=decision.text,
        options=decision.options,
        action=decision.action,
        asked_by=decision.asked_by,
        owner=decision.owner,
        evidence=decision.evidence,
        due=parse_stamp(tx.at) + timedelta(hours=rulebook.hours),
        reversible=decision.reversible,
        grants=decision.grants,
        decides=decision.decides,
        needs=max(decision.needs, rulebook.rights.needed(decision.kind)),
    )


def _reopen_step(tx: Transaction, step: Task, asked: Decision) -> None:
    """Let the step of a plan that was this question wait again: what has not begun waits for it."""
    waits = f"decision:{asked.id}"
    if tx.change("reopen_question", id=step.id, waits=waits, at=tx.at):
        tx.event(
            "task.moved", "crew", step.goal, step.id, was=step.state,
            state=State.INPUT_REQUIRED, waits=waits, cause="its answer was revoked",
        )  # fmt: skip


def _disavow(tx: Transaction, decision: Decision, given: Revocation) -> None:
    """After each verdict that the waiver was signed into, one that does not accept."""
    for verdict in verdicts.everything(tx):
        if verdict.review == decision.task and verdict.judgement == WAIVED:
            findings = [f"{given.by} revoked the waiver {decision.id}: {given.note}"]
            judged = Judgement(
                verdict.sha256, verdict.task, decision.id, REWORK,
                verdict.measured, verdict.thresholds, findings,
            )  # fmt: skip
            verdicts.sign(tx, judged, given.by, given.key)


def _compensate(
    tx: Transaction, rulebook: Rulebook, decision: Decision, done: Iterable[str], given: Revocation
) -> Decision:
    """Put it to a human what becomes of what was done. It has a card of its own, which stays until then."""
    made = [a for task in done for a in artifacts.of_task(tx, task).values()]
    names = ", ".join(f"«{tasks.get(tx, task).title}» ({task})" for task in done)
    task = tasks.create(tx, NewTask(
        "question", "crew", "crew", f"What becomes of what {decision.id} allowed", {},
        goal=decision.goal, parent=decision.goal,
    ))  # fmt: skip
    asked = rulebook.ask(tx, Question(
        kind=COMPENSATION,
        goal=decision.goal,
        task=task.id,
        text=f"{given.by} revoked {decision.id} ({decision.choice}) after it was used by {names}. "
        "What becomes of that?",
        options=(
            Option(ACCEPT, "it stays as it is; nothing more is done under that answer"),
            Option(UNDO, "somebody takes it back by hand; say who and how in the note"),
        ),
        action={"revoked": decision.id, "done": sorted(done)},
        asked_by="crew",
        owner=decision.owner,
        evidence=[f"{a.path} sha256:{a.sha256[:8]}" for a in made],
        decides="whether work that is done under a revoked answer may stay",
    ))  # fmt: skip
    tasks.move(tx, task, "crew", Change(State.INPUT_REQUIRED, f"decision:{asked.id}"))
    return asked


def _check(tx: Transaction, rulebook: Rulebook, decision: Decision, by: str) -> None:
    """Whoever may answer a kind may take its answers back, whoever gave them, and whoever asked."""
    asked_by_other = replace(decision, asked_by="")
    if by.startswith("human:") and rulebook.rights.principals(asked_by_other, by, tx.at):
        return
    raise ApproverNotAllowed(
        approver=by, decision=decision.id, owner=decision.owner,
        reason=f"who may not answer {decision.kind!r} may not revoke it either",
    )  # fmt: skip


def _nothing(decision: Decision, reason: str) -> DecisionUnanswerable:
    return DecisionUnanswerable(
        decision=decision.id, reason=f"there is nothing to revoke: {reason}"
    )
