"""Always means: this exact action, on these terms, in this human's own right, until that day."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from unit.core.books import kinds, move_clock, open_ledger, permission, question, start

from crewboard.coordination import decisions
from crewboard.coordination.deciding import standing
from crewboard.coordination.deciding.caps import Caps
from crewboard.coordination.deciding.quorum import Delegation
from crewboard.coordination.decisions import DENY, Answer, Decision, Option
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.policy import Policy, Rulebook
from crewboard.errors import DecisionUnanswerable, UnknownName

ADA, BOB = "human:ada", "human:bob"
RULES = Rulebook("ada")
GRANT = [permission("a" * 64)]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


def ask(ledger: Ledger, rules: Rulebook = RULES, **more: Any) -> Decision:
    """Of a goal of its own: within one goal the same question is the same decision anyway."""
    goal = start(ledger)
    with ledger.write() as tx:
        return rules.ask(tx, question(goal, **{"grants": GRANT, **more}))


def always(
    ledger: Ledger, rules: Rulebook = RULES, choice: str = "run", by: str = ADA, **more: Any
) -> Decision:
    asked = ask(ledger, rules, **more)
    with ledger.write() as tx:
        given = rules.answer(tx, asked.id, Answer(choice, by, "cli", "nightly"))
        standing.keep(tx, given, ledger.clock.now() + timedelta(days=30))
    return given


def test_the_same_action_is_answered_under_the_standing_answers_own_name(ledger: Ledger) -> None:
    first = always(ledger)
    again = ask(ledger)
    assert (again.choice, again.decided_by) == ("run", f"policy:always-{first.id}")
    assert (again.via, again.id != first.id) == ("standing", True)
    assert str(again.note).startswith(f"human:ada said always, at {first.id}, until 2026-01-31")
    assert str(ask(ledger).note).endswith("use 2")


@pytest.mark.parametrize(
    "other",
    [
        {"action": {"tool": "train", "rows": 43_171}},
        {"kind": "delete"},
        {"options": (Option("run", "it trains", 3_000_001),)},  # dearer
        {"options": (Option("run", "it trains for long", 3_000_000),)},  # in other words
        {"options": (Option("walk", "it trains", 3_000_000),)},
        {"grants": [permission("a" * 64), permission("b" * 64, 0)]},  # for one thing more
        {"reversible": True},
    ],
)
def test_what_only_resembles_it_is_asked(ledger: Ledger, other: dict[str, Any]) -> None:
    always(ledger)
    assert ask(ledger, **other).waiting


@pytest.mark.parametrize(
    "rules",
    [
        replace(RULES, approvers=[("spend", ["bob"])]),  # whoever said it may not any more
        replace(RULES, needs=[("spend", 2)]),  # it takes several now
        replace(RULES, caps=Caps(crew_day=2_999_999)),
    ],
)
def test_the_rules_of_today_bind_it(ledger: Ledger, rules: Rulebook) -> None:
    always(ledger)
    assert ask(ledger, rules).waiting


def test_a_rule_that_denies_beats_it(ledger: Ledger) -> None:
    always(ledger)
    never = replace(RULES, policies=[Policy("never", "spend", DENY)])
    assert ask(ledger, never).decided_by == "policy:never"


def test_who_asks_does_not_answer_by_it(ledger: Ledger) -> None:
    always(ledger)
    assert ask(ledger, asked_by=ADA).waiting


def test_it_ends_on_its_day_and_when_it_is_taken_back(ledger: Ledger) -> None:
    first = always(ledger)
    with ledger.write() as tx:
        standing.end_named(tx, first, ADA, "no longer")
        [kept] = standing.everything(tx)
        assert (kept.alive(tx.at), kept.ended and kept.ended.note) == (False, "no longer")
        with pytest.raises(UnknownName):
            standing.end_named(tx, first, ADA, "again")
    assert ask(ledger).waiting
    assert kinds(ledger).count("standing.ended") == 1
    always(ledger, action="daily")
    move_clock(ledger, days=30)
    assert ask(ledger, action="daily").waiting


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"choice": DENY}, "only what was allowed"),
        ({"kind": "waiver"}, "a waiver is asked every time"),
        ({"by": BOB}, "who holds the right themselves"),
    ],
)
def test_not_everything_can_be_said_always(
    ledger: Ledger, how: dict[str, Any], reason: str
) -> None:
    shared = Delegation("ada", "bob", ("spend",), "2027-01-01T00:00:00.000Z")
    rules = replace(RULES, approvers=[("*", ["ada"])], delegations=[shared])
    with pytest.raises(DecisionUnanswerable, match=reason):
        always(ledger, rules, **how)
    with ledger.read() as tx:
        assert standing.everything(tx) == []
        assert decisions.waiting(tx), "neither was the answer kept: it is one transaction"


def test_several_humans_never_say_always_and_nobody_says_it_of_the_past(ledger: Ledger) -> None:
    two = replace(RULES, needs=[("spend", 2)])
    with pytest.raises(DecisionUnanswerable, match="asked every time"):
        always(ledger, two)
    given = always(ledger)
    with pytest.raises(DecisionUnanswerable, match="has passed"), ledger.write() as tx:
        standing.keep(tx, given, ledger.clock.now())


def test_a_rules_answer_is_nobodys_word(ledger: Ledger) -> None:
    rules = replace(RULES, policies=[Policy("runs", "spend", "run", max_cost=9_000_000)])
    answered = ask(ledger, rules)
    with pytest.raises(DecisionUnanswerable, match="themselves"), ledger.write() as tx:
        standing.keep(tx, answered, ledger.clock.now() + timedelta(days=1))
