"""Revoking: what was allowed and not done is closed and asked anew, what was done is said and asked about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from unit.core.books import (
    chain_fault,
    child_of,
    events,
    kinds,
    mail,
    move_clock,
    open_ledger,
    permission,
    question,
    read_task,
    register,
    start,
)

from crewboard.coordination import decisions, grants, tasks, verdicts
from crewboard.coordination.deciding import revocation, standing
from crewboard.coordination.deciding.revocation import Revocation, Revoked
from crewboard.coordination.decisions import COMPENSATION, DENY, Answer, Decision
from crewboard.coordination.effects import action_digest
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.policy import Policy, Rulebook
from crewboard.coordination.tasks import Change, NewTask, State, Task
from crewboard.coordination.verdicts import REWORK, WAIVED, Judgement
from crewboard.errors import ApproverNotAllowed, DecisionUnanswerable, GateClosed

ADA, BOB, KEY = "human:ada", "human:bob", b"k" * 32
RULES = Rulebook("ada")
SHA = "c" * 64


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


@pytest.fixture
def goal(ledger: Ledger) -> Task:
    return start(ledger)


def ask(ledger: Ledger, task: Task, rules: Rulebook = RULES, **more: Any) -> Decision:
    with ledger.write() as tx:
        return rules.ask(tx, question(task, **more))


def give(ledger: Ledger, decision: Decision, choice: str = "run", by: str = ADA) -> Decision:
    with ledger.write() as tx:
        return RULES.answer(tx, decision.id, Answer(choice, by, "cli"))


def revoke(ledger: Ledger, decision: Decision, by: str = ADA, rules: Rulebook = RULES) -> Revoked:
    with ledger.write() as tx:
        return revocation.revoke(tx, rules, decision.id, Revocation(by, "too early", KEY))


def move(ledger: Ledger, task: Task, state: State, waits: str | None = None) -> None:
    with ledger.write() as tx:
        tasks.move(tx, task, "lead", Change(state, waits))


def plan(ledger: Ledger, goal: Task) -> tuple[Decision, Task]:
    """A step, and the human's word that allows exactly what it does."""
    step = child_of(ledger, goal, "train")
    asked = ask(ledger, goal, kind="plan", grants=[permission(action_digest(step))])
    return give(ledger, asked), step


def test_what_was_allowed_and_not_done_is_closed_and_asked_anew(ledger: Ledger, goal: Task) -> None:
    decision, step = plan(ledger, goal)
    found = revoke(ledger, decision)
    assert (found.closed, found.done, found.compensation) == (1, (), None)
    with pytest.raises(GateClosed, match="no human has approved"), ledger.write() as tx:
        grants.consume(tx, action_digest(step), step.id)
    assert found.reopened is not None
    assert found.reopened.waiting
    assert ask(ledger, goal, kind="plan").id == found.reopened.id
    give(ledger, found.reopened)
    with ledger.write() as tx:
        assert grants.consume(tx, action_digest(step), step.id).id == f"{found.reopened.id}.1"
    assert chain_fault(ledger) is None


def test_the_answer_stays_on_record_with_who_took_it_back_and_why(
    ledger: Ledger, goal: Task
) -> None:
    """F5."""
    decision, _ = plan(ledger, goal)
    now = revoke(ledger, decision, BOB).decision
    assert (now.state, now.choice, now.decided_by) == ("revoked", "run", ADA)
    assert now.revoked is not None
    assert (now.revoked.by, now.revoked.note) == (BOB, "too early")
    with ledger.read() as tx:
        assert now in decisions.everything(tx)
    told = next(e for e in events(ledger) if e.kind == "decision.revoked")
    assert (told.actor, told.data["note"], told.data["closed"]) == (BOB, "too early", 1)


def test_what_waited_for_a_human_is_woken_when_the_permission_comes_back(
    ledger: Ledger, goal: Task
) -> None:
    decision, step = plan(ledger, goal)
    found = revoke(ledger, decision)
    move(ledger, step, State.INPUT_REQUIRED, "human")  # its gate was closed when it began
    assert found.reopened is not None
    assert mail(ledger, step) == []
    give(ledger, found.reopened)
    assert len(mail(ledger, step)) == 1


def test_two_grants_for_one_action_are_two_uses_and_each_user_keeps_its_own(
    ledger: Ledger, goal: Task
) -> None:
    for number in range(2):
        give(ledger, ask(ledger, goal, action=number, grants=[permission("a" * 64)]))
        move_clock(ledger, seconds=1)
    with ledger.write() as tx:
        first, second = (grants.consume(tx, "a" * 64, user) for user in ("t1", "t2"))
        assert first.id != second.id
        assert grants.consume(tx, "a" * 64, "t2").id == second.id
        with pytest.raises(GateClosed, match="already used"):
            grants.consume(tx, "a" * 64, "t3")


def test_what_was_done_is_said_and_put_to_a_human(ledger: Ledger, goal: Task) -> None:
    decision, step = plan(ledger, goal)
    with ledger.write() as tx:
        grants.consume(tx, action_digest(step), step.id)
        register(tx, step, SHA)
    found = revoke(ledger, decision)
    assert (found.closed, found.done) == (0, (step.id,))
    asked = found.compensation
    assert asked is not None
    assert (asked.kind, asked.waiting, asked.owner) == (COMPENSATION, True, "ada")
    assert step.id in asked.text
    assert asked.evidence == (f"data/rows.{SHA[:8]}.jsonl sha256:{SHA[:8]}",)
    with ledger.write() as tx:
        assert grants.consume(tx, action_digest(step), step.id), "what has begun may end"
        assert tasks.get(tx, asked.task).waits == f"decision:{asked.id}"


@pytest.mark.parametrize(("choice", "state"), [("accept", State.COMPLETED), ("undo", State.FAILED)])
def test_the_card_of_what_was_done_ends_as_it_is_answered(
    ledger: Ledger, goal: Task, choice: str, state: State
) -> None:
    decision, step = plan(ledger, goal)
    with ledger.write() as tx:
        grants.consume(tx, action_digest(step), step.id)
    asked = revoke(ledger, decision).compensation
    assert asked is not None
    give(ledger, asked, choice)
    with ledger.read() as tx:
        card = tasks.get(tx, asked.task)
    assert card.state is state
    assert (card.reason is not None) == (state is State.FAILED)


def test_no_rule_accepts_what_was_done_under_a_revoked_answer(ledger: Ledger, goal: Task) -> None:
    lax = replace(RULES, policies=[Policy("lax", COMPENSATION, "accept", max_cost=9_000_000)])
    decision, step = plan(ledger, goal)
    with ledger.write() as tx:
        grants.consume(tx, action_digest(step), step.id)
    asked = revoke(ledger, decision, rules=lax).compensation
    assert asked is not None
    assert asked.waiting


def of_step(ledger: Ledger, goal: Task) -> tuple[Decision, Task, Task]:
    """A step that is a question, answered; and one that needs it."""
    step = child_of(ledger, goal, "decide", kind="question", waits="plan")
    decision = give(ledger, ask(ledger, step))
    move(ledger, step, State.COMPLETED, f"decision:{decision.id}")
    spec = {"needs": ["decide"], "tool": "filter", "arguments": {}}
    return decision, step, child_of(ledger, goal, "filter", spec=spec, waits="plan")


def test_a_step_that_was_the_question_waits_again(ledger: Ledger, goal: Task) -> None:
    decision, step, _ = of_step(ledger, goal)
    found = revoke(ledger, decision)
    assert found.reopened is not None
    now = read_task(ledger, step)
    assert (now.state, now.waits) == (State.INPUT_REQUIRED, f"decision:{found.reopened.id}")
    assert events(ledger)[-2].data["state"] == "INPUT_REQUIRED", "the log says what the table says"
    before = mail(ledger, goal)
    give(ledger, found.reopened, "smaller")
    assert len(mail(ledger, goal)) == len(before) + 1


Trace = Callable[[Ledger, Task], None]


def _at_work(ledger: Ledger, task: Task) -> None:
    with ledger.write() as tx:
        tasks.claim(tx, task, 1)


def _made(ledger: Ledger, task: Task) -> None:
    with ledger.write() as tx:
        register(tx, task, SHA)


def _began(ledger: Ledger, task: Task) -> None:
    with ledger.write() as tx:
        tx.event("effect.intended", "executor", task.goal, task.id, key="k")


@pytest.mark.parametrize("trace", [_at_work, _made, _began])
def test_whoever_has_begun_since_the_answer_has_used_it(
    ledger: Ledger, goal: Task, trace: Trace
) -> None:
    decision, _, user = of_step(ledger, goal)
    child_of(ledger, goal, "report", spec={"needs": []})
    trace(ledger, user)
    assert revoke(ledger, decision).done == (user.id,)


def test_what_has_ended_is_not_asked_anew(ledger: Ledger, goal: Task) -> None:
    decision, step, _ = of_step(ledger, goal)
    move(ledger, goal, State.COMPLETED)
    assert revoke(ledger, decision).reopened is None
    assert read_task(ledger, step).state is State.COMPLETED


def test_a_waiver_that_is_taken_back_is_followed_by_a_verdict_without_it(
    ledger: Ledger, goal: Task
) -> None:
    """F18: nothing more is built on bytes whose waiver was revoked."""
    work = child_of(ledger, goal, "mix")
    review = start(ledger, NewTask("review", "qa", "lead", "Review", {}, goal.id, work.id))
    with ledger.write() as tx:
        register(tx, work, SHA)
    decision = give(ledger, ask(ledger, review, kind="waiver"))
    with ledger.write() as tx:
        judged = Judgement(SHA, work.id, review.id, WAIVED, {"rows": 3}, {}, ["too few"])
        verdicts.sign(tx, judged, ADA, KEY)
    move_clock(ledger, seconds=1)
    found = revoke(ledger, decision)
    with ledger.read() as tx:
        last = verdicts.of_hash(tx, SHA)[-1]
    assert (last.judgement, last.signer, last.accepts) == (REWORK, ADA, False)
    assert verdicts.holds(last, KEY)
    assert found.done == (work.id,)


def test_no_rule_answers_what_a_human_took_back(ledger: Ledger, goal: Task) -> None:
    lax = replace(RULES, policies=[Policy("lax", "spend", "run", max_cost=9_000_000)])
    decision = ask(ledger, goal, lax)
    assert decision.decided_by == "policy:lax"
    found = revoke(ledger, decision, rules=lax)
    assert found.reopened is not None
    assert ask(ledger, goal, lax).id == found.reopened.id
    assert ask(ledger, goal, lax).waiting
    assert ask(ledger, start(ledger), lax).decided_by == "policy:lax", "other goals: as before"


def test_a_standing_answer_goes_with_the_answer_that_it_was(ledger: Ledger, goal: Task) -> None:
    decision = give(ledger, ask(ledger, goal))
    with ledger.write() as tx:
        standing.keep(tx, decision, ledger.clock.now() + timedelta(days=1))
    revoke(ledger, decision)
    assert ask(ledger, start(ledger)).waiting


@pytest.mark.parametrize("by", ["human:cy", "lead", "policy:lax", "crew", "human:"])
def test_only_who_may_answer_may_revoke(ledger: Ledger, goal: Task, by: str) -> None:
    rules = replace(RULES, approvers=[("spend", ["ada", "bob"])])
    decision = give(ledger, ask(ledger, goal))
    with pytest.raises(ApproverNotAllowed):
        revoke(ledger, decision, by, rules)
    with ledger.read() as tx:
        assert decisions.get(tx, decision.id) == decision
    assert revoke(ledger, decision, BOB, rules).reopened


def test_who_asked_may_take_back_what_was_allowed(ledger: Ledger, goal: Task) -> None:
    decision = give(ledger, ask(ledger, goal, asked_by=BOB))
    assert revoke(ledger, decision, BOB).decision.state == "revoked"


def test_one_takes_back_ones_own_approval_while_others_are_awaited(
    ledger: Ledger, goal: Task
) -> None:
    two = replace(RULES, needs=[("spend", 2)])
    decision = ask(ledger, goal, two)
    with ledger.write() as tx:
        two.answer(tx, decision.id, Answer("run", ADA, "cli"))
    with pytest.raises(DecisionUnanswerable, match="has not approved"):
        revoke(ledger, decision, BOB, two)
    assert revoke(ledger, decision, ADA, two).decision.votes == ()
    with ledger.write() as tx:
        assert two.answer(tx, decision.id, Answer("run", BOB, "cli")).waiting
    assert kinds(ledger).count("decision.unapproved") == 1


@pytest.mark.parametrize("choice", ["run", DENY])
def test_an_answer_is_taken_back_once(ledger: Ledger, goal: Task, choice: str) -> None:
    decision = give(ledger, ask(ledger, goal), choice)
    revoke(ledger, decision)
    with pytest.raises(DecisionUnanswerable, match="it is revoked"):
        revoke(ledger, decision)
