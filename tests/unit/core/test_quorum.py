"""Several humans for one answer, rights that are passed on, and questions that nobody could answer."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from unit.core.books import events, kinds, move_clock, open_ledger, permission, question, start

from crewboard.clock import stamp
from crewboard.coordination import decisions
from crewboard.coordination.deciding.quorum import Delegation, Rights
from crewboard.coordination.decisions import DENY, Answer, Decision
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.policy import Policy, Rulebook
from crewboard.coordination.tasks import Task
from crewboard.errors import ApproverNotAllowed, DecisionUnanswerable

ADA, BOB, CY, DAN = "human:ada", "human:bob", "human:cy", "human:dan"
TRAIN = "a" * 64
TWO = Rulebook("ada", approvers=[("spend", ["ada", "bob", "cy"])], needs=[("spend", 2)])


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


@pytest.fixture
def goal(ledger: Ledger) -> Task:
    return start(ledger)


def ask(ledger: Ledger, goal: Task, rules: Rulebook = TWO, **more: Any) -> Decision:
    with ledger.write() as tx:
        return rules.ask(tx, question(goal, **{"grants": [permission(TRAIN)], **more}))


def give(
    ledger: Ledger, decision: Decision, by: str, choice: str = "run", rules: Rulebook = TWO
) -> Decision:
    with ledger.write() as tx:
        return rules.answer(tx, decision.id, Answer(choice, by, "cli"))


def passed_on(ledger: Ledger, giver: str, to: str, *kinds_: str, hours: float = 1) -> Delegation:
    return Delegation(giver, to, kinds_, stamp(ledger.clock.now() + timedelta(hours=hours)))


def grants(ledger: Ledger) -> int:
    with ledger.read() as tx:
        return len(tx.connection.execute("SELECT id FROM grants").fetchall())


def test_it_takes_as_many_humans_as_the_rules_say(ledger: Ledger, goal: Task) -> None:
    """F18."""
    decision = ask(ledger, goal)
    assert decision.needs == 2
    one = give(ledger, decision, ADA)
    assert (one.waiting, [vote.by for vote in one.votes], grants(ledger)) == (True, [ADA], 0)
    told = events(ledger)[-1]
    assert (told.kind, told.actor, told.data["has"]) == ("decision.approved", ADA, 1)
    two = give(ledger, decision, CY)
    assert (two.state, two.choice, two.decided_by) == ("answered", "run", "human:ada, human:cy")
    assert grants(ledger) == 1
    assert kinds(ledger)[-2:] == ["decision.approved", "decision.answered"]


@pytest.mark.parametrize("again", ["run", "smaller"])
def test_one_human_is_one_human_however_often_they_answer(
    ledger: Ledger, goal: Task, again: str
) -> None:
    decision = ask(ledger, goal)
    give(ledger, decision, ADA)
    still = give(ledger, decision, ADA, again)
    assert still.waiting
    assert [(vote.by, vote.choice) for vote in still.votes] == [(ADA, again)]


def test_approvals_of_different_options_do_not_add_up(ledger: Ledger, goal: Task) -> None:
    decision = ask(ledger, goal)
    give(ledger, decision, ADA, "run")
    assert give(ledger, decision, BOB, "smaller").waiting
    assert give(ledger, decision, CY, "smaller").decided_by == "human:bob, human:cy"


def test_one_no_denies(ledger: Ledger, goal: Task) -> None:
    decision = ask(ledger, goal)
    give(ledger, decision, ADA)
    denied = give(ledger, decision, BOB, DENY)
    assert (denied.state, denied.decided_by, grants(ledger)) == ("rejected", BOB, 0)


def test_who_asked_never_counts(ledger: Ledger, goal: Task) -> None:
    decision = ask(ledger, goal, asked_by=ADA)
    with pytest.raises(ApproverNotAllowed):
        give(ledger, decision, ADA)
    give(ledger, decision, BOB)
    assert not give(ledger, decision, CY).waiting


def test_no_rule_and_no_shortcut_stands_for_several_humans(ledger: Ledger, goal: Task) -> None:
    rules = replace(TWO, policies=[Policy("lax", "spend", "run", max_cost=9_000_000)])
    decision = ask(ledger, goal, rules)
    assert decision.waiting
    with pytest.raises(DecisionUnanswerable, match="needs 2 approvals and has 0"):  # noqa: SIM117
        with ledger.write() as tx:
            decisions.answer(tx, decision.id, Answer("run", ADA, "cli"))
    deny = replace(rules, policies=[Policy("never", "spend", DENY)])
    assert ask(ledger, goal, deny).decided_by == "policy:never"


def test_the_rules_of_today_may_ask_for_more_approvals_but_never_for_fewer(
    ledger: Ledger, goal: Task
) -> None:
    asked_of_one = ask(ledger, goal, Rulebook("ada"))
    assert give(ledger, asked_of_one, ADA).waiting
    asked_of_two = ask(ledger, goal, action="another")
    assert give(ledger, asked_of_two, ADA, rules=Rulebook("ada")).waiting


def test_silence_is_no_approval_by_several(ledger: Ledger, goal: Task) -> None:
    free = decisions.Option("keep", "they stay")
    decision = ask(
        ledger, goal, grants=(), options=(free,), on_expiry="keep", reversible=True,
        due=ledger.clock.now() + timedelta(hours=1),
    )  # fmt: skip
    move_clock(ledger, hours=2)
    with ledger.write() as tx:
        decisions.expire(tx)
        assert decisions.get(tx, decision.id).choice is None


def test_a_default_ends_when_the_rules_ask_for_several(ledger: Ledger, goal: Task) -> None:
    free, due = decisions.Option("keep", "they stay"), ledger.clock.now() + timedelta(hours=1)
    how: dict[str, Any] = {
        "grants": (),
        "options": (free,),
        "on_expiry": "keep",
        "reversible": True,
        "due": due,
    }
    decision = ask(ledger, goal, Rulebook("ada"), **how)
    assert ask(ledger, goal, **how).needs == 2
    move_clock(ledger, hours=2)
    with ledger.write() as tx:
        decisions.expire(tx)
        assert decisions.get(tx, decision.id).state == "overdue"


def test_a_right_that_is_passed_on_is_recorded_as_such(ledger: Ledger, goal: Task) -> None:
    rules = Rulebook(
        "ada",
        approvers=[("spend", ["ada"])],
        delegations=[passed_on(ledger, "ada", "bob", "spend")],
    )
    given = give(ledger, ask(ledger, goal, rules), BOB, rules=rules)
    assert given.decided_by == "human:bob for ada"
    assert events(ledger)[-1].data["by"] == "human:bob for ada"


@pytest.mark.parametrize(
    ("delegation", "asked_by", "advance"),
    [
        (("ada", "bob", "delete"), "lead", 0),  # other kinds
        (("ada", "bob", "spend"), "lead", 1),  # until then, and no longer
        (("cy", "bob", "spend"), "lead", 0),  # who has no right passes none on
        (("ada", "cy", "spend"), "lead", 0),  # to somebody else
        (("ada", "bob", "spend"), ADA, 0),  # who asked cannot have another answer for them
    ],
)
def test_a_right_only_gets_narrower_when_it_is_passed_on(
    ledger: Ledger, goal: Task, delegation: tuple[str, ...], asked_by: str, advance: int
) -> None:
    rules = Rulebook(
        "ada", approvers=[("spend", ["ada"])], delegations=[passed_on(ledger, *delegation)]
    )
    decision = ask(ledger, goal, rules, asked_by=asked_by)
    move_clock(ledger, hours=advance)
    with pytest.raises(ApproverNotAllowed):
        give(ledger, decision, BOB, rules=rules)


def test_a_right_is_not_passed_on_twice(ledger: Ledger, goal: Task) -> None:
    chain = [passed_on(ledger, "ada", "bob", "spend"), passed_on(ledger, "bob", "cy", "spend")]
    rules = Rulebook("ada", approvers=[("spend", ["ada"])], delegations=chain)
    with pytest.raises(ApproverNotAllowed):
        give(ledger, ask(ledger, goal, rules), CY, rules=rules)


def test_a_right_counts_once_whoever_uses_it(ledger: Ledger, goal: Task) -> None:
    """ada, and bob in the right of ada, are two humans with one right."""
    rules = replace(TWO, approvers=[("spend", ["ada", "cy"])])
    rules = replace(
        rules, delegations=[passed_on(ledger, "ada", each, "spend") for each in ("bob", "dan")]
    )
    decision = ask(ledger, goal, rules)
    give(ledger, decision, BOB, rules=rules)
    with pytest.raises(ApproverNotAllowed, match="another has answered in the right of human:ada"):
        give(ledger, decision, DAN, rules=rules)
    own = give(ledger, decision, ADA, rules=rules)  # her own word takes the place of his
    assert [vote.signature for vote in own.votes] == [ADA]
    assert give(ledger, decision, CY, rules=rules).decided_by == "human:ada, human:cy"


def test_one_human_in_two_rights_is_one_human(ledger: Ledger, goal: Task) -> None:
    given = [passed_on(ledger, giver, "dan", "spend") for giver in ("ada", "bob")]
    rules = replace(TWO, delegations=given)
    decision = ask(ledger, goal, rules)
    give(ledger, decision, DAN, rules=rules)
    assert give(ledger, decision, DAN, rules=rules).waiting


@pytest.mark.parametrize(
    ("rights", "asked_by", "why"),
    [
        (Rights(), "lead", ""),
        (Rights([("spend", ["ada"])]), "lead", ""),
        (Rights([("spend", [])]), "lead", "names nobody"),
        (Rights([("*", [])]), "lead", "names nobody"),
        (Rights([("spend", ["ada"])]), ADA, "ada asked it, and is the only one"),
        (Rights([("spend", ["ada"])], [("spend", 2)]), "lead", "only ada may give one"),
        (Rights([("spend", ["ada", "bob"])], [("spend", 2)]), ADA, "only bob may give one"),
    ],
)
def test_a_question_that_nobody_can_answer_says_so(
    ledger: Ledger, goal: Task, rights: Rights, asked_by: str, why: str
) -> None:
    rules = Rulebook("ada", approvers=rights.approvers, needs=rights.needs)
    decision = ask(ledger, goal, rules, asked_by=asked_by)
    told = decision.remark.says if decision.remark else ""
    assert (why in told, bool(told)) == (True, bool(why))
    ask(ledger, goal, rules, asked_by=asked_by)
    assert kinds(ledger).count("decision.deadlock") == bool(why)
    ask(ledger, goal, Rulebook("ada"), asked_by=asked_by)  # the rules were mended
    with ledger.read() as tx:
        assert decisions.get(tx, decision.id).remark is None
