"""Decisions and grants: asked once, answered once, by a human, for exactly one action."""

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.core.books import (
    child_of,
    events,
    kinds,
    mail,
    move_clock,
    open_ledger,
    permission,
    question,
    start,
)

from crewboard.coordination import decisions, grants, tasks
from crewboard.coordination.decisions import DENY, Answer, Decision, Option, Question
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.policy import Policy, Rulebook
from crewboard.coordination.tasks import NewTask, Task
from crewboard.errors import (
    ApproverNotAllowed,
    CrewboardError,
    DecisionUnanswerable,
    GateClosed,
    UnknownName,
)

TRAIN, OTHER = "a" * 64, "b" * 64
FREE = (Option("keep", "they stay"), Option("drop", "they go"))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


@pytest.fixture
def goal(ledger: Ledger) -> Task:
    return start(ledger)


def ask(ledger: Ledger, asked: Question) -> Decision:
    with ledger.write() as tx:
        return decisions.ask(tx, asked)


def answer(ledger: Ledger, decision: Decision, choice: str, by: str = "human:ada") -> Decision:
    with ledger.write() as tx:
        return decisions.answer(tx, decision.id, Answer(choice, by, "cli"))


def all_grants(ledger: Ledger) -> list[str]:
    with ledger.read() as tx:
        return [row["digest"] for row in tx.connection.execute("SELECT digest FROM grants")]


def test_the_same_question_is_one_decision_and_keeps_its_answer(ledger: Ledger, goal: Task) -> None:
    """F5: a decision that was made is never asked again."""
    first = ask(ledger, question(goal))
    assert ask(ledger, question(goal, text="asked in other words", asked_by="qa")) == first
    answered = answer(ledger, first, "run")
    assert ask(ledger, question(goal)) == answered
    assert (answered.state, answered.choice, answered.decided_by) == (
        "answered",
        "run",
        "human:ada",
    )
    assert kinds(ledger).count("decision.asked") == 1


@pytest.mark.parametrize(
    "other",
    [
        {"action": {"tool": "train", "rows": 43_171}},
        {"action": {"tool": "evaluate", "rows": 43_170}},
        {"kind": "delete"},
        {"goal": "g11111"},
    ],
)
def test_another_action_is_another_question(
    ledger: Ledger, goal: Task, other: dict[str, Any]
) -> None:
    answer(ledger, ask(ledger, question(goal)), "run")
    assert ask(ledger, question(goal, **other)).waiting


def test_an_answer_wakes_what_waited_and_says_who_and_how(ledger: Ledger, goal: Task) -> None:
    work = child_of(ledger, goal, "train")
    decision = ask(ledger, question(work))
    answer(ledger, decision, "run")
    assert mail(ledger, work) == [f"wake:{work.id}:{decision.id}:{events(ledger)[-1].seq}"]
    told = events(ledger)[-1]
    assert (told.kind, told.actor, told.data["choice"]) == ("decision.answered", "human:ada", "run")
    assert told.data["action"] == decision.digest


@pytest.mark.parametrize("by", ["executor", "lead", "agent:lead", "human", "human:", "policy:", ""])
def test_only_a_human_or_a_rule_answers(ledger: Ledger, goal: Task, by: str) -> None:
    decision = ask(ledger, question(goal, grants=[permission(TRAIN)]))
    with pytest.raises(ApproverNotAllowed):
        answer(ledger, decision, "run", by)
    assert all_grants(ledger) == []


def test_who_asked_never_answers(ledger: Ledger, goal: Task) -> None:
    decision = ask(ledger, question(goal, asked_by="human:ada"))
    with pytest.raises(ApproverNotAllowed):
        answer(ledger, decision, "run", "human:ada")
    assert not answer(ledger, decision, "run", "human:bob").waiting


def test_the_second_answer_is_refused_and_changes_nothing(ledger: Ledger, goal: Task) -> None:
    decision = ask(ledger, question(goal, grants=[permission(TRAIN)]))
    answer(ledger, decision, "run")
    with pytest.raises(DecisionUnanswerable, match="human:ada chose 'run'"):
        answer(ledger, decision, DENY, "human:bob")
    with ledger.read() as tx:
        assert decisions.get(tx, f"^{decision.id}").choice == "run"
        assert decisions.waiting(tx) == []
    assert all_grants(ledger) == [TRAIN]


def test_a_denial_gives_no_grant(ledger: Ledger, goal: Task) -> None:
    denied = answer(ledger, ask(ledger, question(goal, grants=[permission(TRAIN)])), DENY)
    assert (denied.state, denied.waiting) == ("rejected", False)
    assert all_grants(ledger) == []


def test_an_answer_that_was_not_offered_is_refused(ledger: Ledger, goal: Task) -> None:
    with pytest.raises(DecisionUnanswerable, match="'walk' is none of run, smaller"):
        answer(ledger, ask(ledger, question(goal)), "walk")
    with pytest.raises(UnknownName), ledger.read() as tx:
        decisions.get(tx, "d00000")


def test_silence_is_never_consent(ledger: Ledger, goal: Task) -> None:
    due = ledger.clock.now() + timedelta(hours=1)
    decision = ask(ledger, question(goal, due=due, grants=[permission(TRAIN)]))
    with ledger.write() as tx:
        assert decisions.expire(tx) == []
    move_clock(ledger, hours=2)
    for expected in (1, 0):  # told once
        with ledger.write() as tx:
            assert len(decisions.expire(tx)) == expected
    with ledger.read() as tx:
        now = decisions.get(tx, decision.id)
    assert (now.state, now.waiting, now.choice) == ("overdue", True, None)
    assert all_grants(ledger) == []
    assert answer(ledger, decision, "run").state == "answered"  # late, and still a human's


def test_a_reversible_and_free_default_is_taken_and_recorded_as_such(
    ledger: Ledger, goal: Task
) -> None:
    due = ledger.clock.now() + timedelta(hours=1)
    asked = question(goal, options=FREE, due=due, on_expiry="keep", reversible=True)
    decision = ask(ledger, asked)
    move_clock(ledger, hours=2)
    with ledger.write() as tx:
        decisions.expire(tx)
        now = decisions.get(tx, decision.id)
    assert (now.choice, now.decided_by, now.via) == ("keep", "policy:expiry", "expiry")
    assert mail(ledger, goal)


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ({"options": ()}, "distinct"),
        ({"options": (FREE[0], FREE[0])}, "distinct"),
        ({"options": (Option(DENY, "no"),)}, "distinct"),
        ({"options": (Option("hold", "wait"),)}, "distinct"),
        # a default that binds somebody who said nothing
        ({"on_expiry": "keep", "reversible": False}, "default"),
        ({"on_expiry": "elsewhere", "reversible": True}, "default"),
        ({"on_expiry": "keep", "reversible": True, "options": (Option("keep", "", 1),)}, "default"),
        ({"on_expiry": "keep", "reversible": True, "grants": (permission(TRAIN, 0),)}, "default"),
        # an amount below zero would hide the others from the rules
        ({"options": (Option("keep", "", -1),)}, "below 0"),
        ({"grants": (permission(TRAIN, 9), permission(OTHER, -9))}, "below 0"),
    ],
)
def test_a_question_that_would_bind_nobody_fairly_is_not_asked(
    ledger: Ledger, goal: Task, faults: dict[str, Any], reason: str
) -> None:
    with pytest.raises(DecisionUnanswerable, match=reason):
        ask(ledger, question(goal, **{"options": FREE, **faults}))
    assert "decision.asked" not in kinds(ledger)


CHEAP = Policy("cheap", "spend", "run", max_cost=3_000_000)


@pytest.mark.parametrize(
    ("rule", "asked", "choice"),
    [
        (CHEAP, {}, "run"),
        (replace(CHEAP, max_cost=2_999_999), {}, None),  # the dearest option counts
        (CHEAP, {"grants": [permission(TRAIN, 2_000_000), permission(OTHER, 1_000_001)]}, None),
        (replace(CHEAP, kind="delete"), {}, None),
        (replace(CHEAP, choose="walk"), {}, None),  # never an option that was not offered
        (replace(CHEAP, reversible_only=True), {}, None),
        (replace(CHEAP, reversible_only=True), {"reversible": True}, "run"),
        (replace(CHEAP, choose=DENY), {}, DENY),
    ],
)
def test_a_rule_answers_only_what_it_covers_and_under_its_own_name(
    ledger: Ledger, goal: Task, rule: Policy, asked: dict[str, Any], choice: str | None
) -> None:
    with ledger.write() as tx:
        decision = Rulebook("ada", policies=[rule]).ask(tx, question(goal, **asked))
    assert decision.choice == choice
    expected = ("policy:cheap", "policy") if choice else (None, None)
    assert (decision.decided_by, decision.via) == expected


def test_a_rule_does_not_answer_what_a_human_has_answered(ledger: Ledger, goal: Task) -> None:
    answer(ledger, ask(ledger, question(goal)), "smaller")
    with ledger.write() as tx:
        assert Rulebook("ada", policies=[CHEAP]).ask(tx, question(goal)).choice == "smaller"


@pytest.mark.parametrize(
    ("approvers", "by", "allowed"),
    [
        ([], "human:bob", True),
        ([("spend", ["ada"])], "human:ada", True),
        ([("spend", ["ada"])], "human:bob", False),
        ([("*", ["ada"])], "human:bob", False),
        ([("delete", ["ada"])], "human:bob", True),
        ([("spend", ["ada"])], "ada", False),  # a name is not an authenticated human
        ([], "policy:cheap", False),  # nobody speaks for a rule
        ([], "executor", False),
    ],
)
def test_the_rules_name_who_may_answer(
    ledger: Ledger, goal: Task, approvers: list[tuple[str, list[str]]], by: str, *, allowed: bool
) -> None:
    rulebook = Rulebook("ada", approvers=approvers)
    decision = ask(ledger, question(goal))
    given = Answer("run", by, "cli")
    if allowed:
        with ledger.write() as tx:
            assert rulebook.answer(tx, decision.id, given).decided_by == by
        return
    with pytest.raises(ApproverNotAllowed), ledger.write() as tx:
        rulebook.answer(tx, decision.id, given)
    assert ask(ledger, question(goal)).waiting


def test_a_grant_is_for_one_action_and_one_user(ledger: Ledger, goal: Task) -> None:
    answer(ledger, ask(ledger, question(goal, grants=[permission(TRAIN)])), "run")
    with pytest.raises(GateClosed, match="no human has approved"), ledger.write() as tx:
        grants.consume(tx, OTHER, "t1")
    with ledger.write() as tx:
        assert grants.consume(tx, TRAIN, "t1").cap == 3_000_000
    with ledger.write() as tx:
        grants.consume(tx, TRAIN, "t1")  # back after a crash
    with pytest.raises(GateClosed, match="already used"), ledger.write() as tx:
        grants.consume(tx, TRAIN, "t2")


AGENTS = ["lead", "qa", "executor", "agent:lead", "human", "human:", "policy:", "peer:north"]
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from(AGENTS), st.sampled_from(["run", "hold"]),
                  st.integers(-2, 2), st.booleans()),
        st.tuples(st.just("answer"), st.sampled_from(AGENTS), st.sampled_from(["run", DENY]),
                  st.integers(0, 3), st.booleans()),
        st.tuples(st.just("expire"), st.just(""), st.just(""), st.just(0), st.booleans()),
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES)
def test_nothing_that_agents_ask_and_answer_ever_gives_a_grant(
    moves: list[tuple[str, str, str, int, bool]],
) -> None:
    """F18: whatever they ask, in whatever order, with whatever default: no human, no grant."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(Path(folder))
        goal = start(ledger)
        rulebook = Rulebook("ada", policies=[Policy("free", "chat", "run")])
        for number, each in enumerate(moves):
            try:
                _play(ledger, goal, rulebook, (number, *each))
            except CrewboardError:
                continue  # refused, as it should be
        assert all_grants(ledger) == []
        with ledger.read() as tx:
            assert all(not d.decided_by for d in decisions.everything(tx) if d.grants)
        ledger.close()


def _play(
    ledger: Ledger, goal: Task, rulebook: Rulebook, move: tuple[int, str, str, str, int, bool]
) -> None:
    number, verb, who, choice, amount, flag = move
    with ledger.write() as tx:
        if verb == "ask":
            decision = question(
                goal, action=number, asked_by=who, on_expiry=choice, reversible=flag,
                options=(Option("run", "", amount),), due=ledger.clock.now(),
                grants=[permission(f"{number}", amount)],
            )  # fmt: skip
            rulebook.ask(tx, decision)
        elif verb == "answer":
            known = decisions.everything(tx)
            if known:
                chosen = known[amount % len(known)]
                given = Answer(choice, who, "cli")
                if flag:
                    rulebook.answer(tx, chosen.id, given)
                else:
                    decisions.answer(tx, chosen.id, given)
        else:
            move_clock(ledger, seconds=1)
            decisions.expire(tx)


def test_what_an_ended_task_asked_is_withdrawn_and_open_again_when_it_is_asked_again(
    ledger: Ledger,
) -> None:
    with ledger.write() as tx:
        first = tasks.create(tx, NewTask("goal", "lead", "human:ada", "one", {}))
        second = tasks.create(tx, NewTask("goal", "lead", "human:ada", "two", {}))
        question = Question(
            "plan", first.goal, first.id, "Go on?", (Option("yes", "go"),), {"a": 1}, "lead", "ada"
        )
        asked = decisions.ask(tx, question)
        tasks.cancel(tx, first, "human:ada")
        assert decisions.get(tx, asked.id).state == "withdrawn"
        assert not decisions.waiting(tx)
        again = decisions.ask(tx, replace(question, task=second.id))
    assert (again.id, again.state, again.task) == (asked.id, "open", second.id)
