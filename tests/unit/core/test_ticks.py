"""Ticks on the board: a claim that answers where nothing can be lost by it, and is told otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from unit.core.books import events, mail, move_clock, open_ledger, permission, question, start

from crewboard.coordination import decisions, tasks
from crewboard.coordination.board import asking
from crewboard.coordination.deciding import ticks
from crewboard.coordination.deciding.ticks import Outcome, Ruling, Seen
from crewboard.coordination.decisions import DENY, Answer, Decision, Option
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.policy import Rulebook
from crewboard.errors import ApproverNotAllowed

ADA, BOB = "human:ada", "human:bob"
KIND = "duplicates"
FREE = (Option("drop", "they go", recommended=True), Option("keep", "they stay"))
CARRIES = Rulebook("ada", carries=[KIND])


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = open_ledger(tmp_path)
    start(ledger)
    return ledger


def ask(ledger: Ledger, rulebook: Rulebook = CARRIES, **more: Any) -> Decision:
    asked = {"kind": KIND, "options": FREE, "reversible": True, "text": "Drop them?", **more}
    with ledger.write() as tx:
        return rulebook.ask(tx, question(tasks.goals(tx)[0], **asked))


def card(decision: Decision, *ticked: str, beneath: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The card as the crew writes it, with some options ticked."""
    options = [
        asking.option_line(choice, dict.fromkeys(ticked, "x")) for choice in ticks.offered(decision)
    ]
    head = f"- 🧭 **{decision.text}** — @ada ^{decision.id}"
    answer = f"  - 💬 answer: `crewboard approve {decision.id} --choose drop`"
    return (head, "  - ❓ asked: by @lead", *options, answer, *beneath)


def rule(
    ledger: Ledger,
    decision: Decision,
    lines: tuple[str, ...],
    rulebook: Rulebook = CARRIES,
    **seen: Any,
) -> Ruling:
    how = {"who": ADA, "now": ledger.clock.now(), "tool_at_work": False, **seen}
    return ticks.rule(decision, Seen(lines, **how), rulebook)


def apply(ledger: Ledger, ruling: Ruling, rulebook: Rulebook = CARRIES) -> Decision:
    with ledger.write() as tx:
        return ticks.apply(tx, rulebook, ruling)


def ticked(ledger: Ledger) -> list[str]:
    return [e.data["outcome"] for e in events(ledger) if e.kind == "decision.ticked"]


def test_a_tick_answers_what_the_board_may_carry_and_the_words_beneath_it_are_the_note(
    ledger: Ledger,
) -> None:
    decision = ask(ledger)
    beneath = ("    - they are copies", "  - of one source", "  - [ ] tell bob")
    ruling = rule(ledger, decision, card(decision, "drop", beneath=beneath))
    assert (ruling.outcome, ruling.choices) == (Outcome.ANSWERED, ("drop",))
    assert ruling.note == "they are copies of one source"
    answered = apply(ledger, ruling)
    assert (answered.state, answered.choice, answered.decided_by) == ("answered", "drop", ADA)
    assert (answered.via, answered.note) == ("board", "they are copies of one source")
    told = [(e.kind, e.actor) for e in events(ledger)][-2:]
    assert told == [("decision.ticked", ADA), ("decision.answered", ADA)]
    assert events(ledger)[-1].data["request"] == decision.request
    with ledger.read() as tx:
        goal = tasks.get(tx, decision.task)
    assert mail(ledger, goal)


NEEDS_TWO = replace(CARRIES, approvers=[(KIND, ["ada", "bob"])], needs=[(KIND, 2)])


@dataclass(frozen=True)
class Case:
    outcome: Outcome
    says: str
    rules: Rulebook = CARRIES
    asked: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)


WORTH = {
    "free": Case(Outcome.ANSWERED, "ada chose drop"),
    # what the board may not carry, whatever crewboard.toml says
    "unnamed": Case(Outcome.CONFIRM, "let the board carry 'duplicates'", Rulebook("ada")),
    "final": Case(Outcome.CONFIRM, "cannot be taken back", asked={"reversible": False}),
    "grants": Case(Outcome.CONFIRM, "a permission", asked={"grants": [permission("a" * 64, 0)]}),
    "costs": Case(Outcome.CONFIRM, "it may cost", asked={"options": (Option("drop", "", 1),)}),
    "free beside what costs": Case(
        Outcome.ANSWERED, "ada chose drop", asked={"options": (*FREE, Option("train", "", 1))}
    ),
    "waiver": Case(
        Outcome.CONFIRM, "a waiver", replace(CARRIES, carries=["waiver"]), {"kind": "waiver"}
    ),
    # who cannot be told, or may not
    "tool": Case(Outcome.UNVERIFIED, "a tool was at work", seen={"tool_at_work": True}),
    "crew": Case(Outcome.UNVERIFIED, "nobody can tell", seen={"who": "crew"}),
    "other": Case(
        Outcome.REFUSED, "bob", replace(CARRIES, approvers=[(KIND, ["ada"])]), seen={"who": BOB}
    ),
    "asker": Case(Outcome.REFUSED, "nor does who asked", asked={"asked_by": ADA}),
    "vote": Case(Outcome.ANSWERED, "ada approves drop: 1 of 2", NEEDS_TWO),
}


@pytest.mark.parametrize("name", WORTH)
def test_what_a_tick_is_worth(ledger: Ledger, name: str) -> None:
    """F5, F18: whoever can write the file can tick; what could harm needs who is logged in."""
    case = WORTH[name]
    decision = ask(ledger, case.rules, **case.asked)
    ruling = rule(ledger, decision, card(decision, "drop"), case.rules, **case.seen)
    assert (ruling.outcome, case.says in ruling.says) == (case.outcome, True), ruling.says
    confirmed = f"crewboard approve {decision.id} --choose drop"
    told = case.outcome in {Outcome.CONFIRM, Outcome.UNVERIFIED}
    assert (ruling.command == confirmed) == told
    after = apply(ledger, ruling, case.rules)
    assert after.waiting is not (case.outcome is Outcome.ANSWERED and after.needs == 1)
    assert ticked(ledger) == [str(case.outcome)]
    assert after.remark is not None
    assert after.remark.says == ruling.says


def edit(line: str, new: str) -> Any:
    return lambda lines: tuple(new if line in each else each for each in lines)


EDITS: Mapping[str, tuple[Any, str]] = {
    "another": (edit("**keep**", "  - [ ] **keep**: they stay, free"), "option keep stands"),
    "dearer": (edit("**drop**", "  - [x] **drop**: they go · at most 9 USD"), "option drop stands"),
    "invented": (edit("**drop**", "  - [x] **burn**: they go"), "burn is no option"),
    "missing": (lambda lines: tuple(e for e in lines if "**keep**" not in e), "keep is missing"),
    "twice": (lambda lines: (*lines, lines[2]), "drop stands here twice"),
    "question": (edit("**Drop them?**", "- 🧭 **Drop all?** — @ada ^d00000"), "in other words"),
    "plain": (edit("**Drop them?**", "- Drop them? ^d00000"), "in other words"),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_was_not_asked_is_not_answered(ledger: Ledger, name: str) -> None:
    """A tick is bound to the request: to its question and its options, word for word."""
    change, says = EDITS[name]
    decision = ask(ledger)
    ruling = rule(ledger, decision, change(card(decision, "drop")))
    assert ruling.outcome is Outcome.EDITED
    assert says in ruling.says
    assert apply(ledger, ruling).waiting


@pytest.mark.parametrize(
    ("old", "new"), [("  - ", "\t* "), ("(recommended)", "(recommended)  "), ("[x]", "[X]")]
)
def test_how_an_editor_writes_a_tick_does_not_matter(ledger: Ledger, old: str, new: str) -> None:
    decision = ask(ledger)
    lines = tuple(e.replace(old, new, 1) if "[" in e else e for e in card(decision, "drop"))
    assert rule(ledger, decision, lines).outcome is Outcome.ANSWERED


@pytest.mark.parametrize("mark", ["[ ]", "[-]", "[/]", "[?]"])
def test_other_marks_are_no_ticks(ledger: Ledger, mark: str) -> None:
    decision = ask(ledger)
    lines = tuple(e.replace("[x]", mark) for e in card(decision, "drop"))
    ruling = rule(ledger, decision, lines)
    assert ruling.outcome is Outcome.NOTHING
    assert apply(ledger, ruling).waiting
    assert ticked(ledger) == []


def test_a_tick_in_a_code_block_or_comment_is_none(ledger: Ledger) -> None:
    decision = ask(ledger)
    quoted = asking.option_line(ticks.offered(decision)[1], {"keep": "x"})
    beneath = ("  ```", quoted, "  ```", f"  <!-- {quoted} -->")
    ruling = rule(ledger, decision, card(decision, "drop", beneath=beneath))
    assert (ruling.outcome, ruling.choices) == (Outcome.ANSWERED, ("drop",))


def test_two_ticks_are_no_answer_and_one_of_them_is(ledger: Ledger) -> None:
    decision = ask(ledger)
    ruling = rule(ledger, decision, card(decision, "drop", "keep"))
    assert (ruling.outcome, ruling.says) == (
        Outcome.TWO,
        "drop and keep are both ticked: leave one",
    )
    assert apply(ledger, ruling).waiting
    left = rule(ledger, decision, card(decision, "keep"))
    assert apply(ledger, left).choice == "keep"


def test_after_the_deadline_a_tick_needs_a_word(ledger: Ledger) -> None:
    decision = ask(ledger, due=ledger.clock.now() + timedelta(hours=1))
    move_clock(ledger, hours=2)
    assert rule(ledger, decision, card(decision, "drop")).outcome is Outcome.LATE
    with ledger.write() as tx:
        [overdue] = decisions.expire(tx)
    move_clock(ledger, hours=-2)  # a clock that is turned back brings no deadline back
    with ledger.read() as tx:
        now = decisions.get(tx, overdue.id)
    ruling = rule(ledger, now, card(now, "drop"))
    assert ruling.outcome is Outcome.LATE
    assert apply(ledger, ruling).waiting


def test_the_same_ruling_is_recorded_once_and_taken_back_with_its_tick(ledger: Ledger) -> None:
    rules = Rulebook("ada")
    decision = ask(ledger, rules)
    ruling = rule(ledger, decision, card(decision, "drop"), rules)
    apply(ledger, ruling, rules)
    again = apply(ledger, ruling, rules)
    assert ticked(ledger) == ["confirm"]
    taken = rule(ledger, again, card(again), rules)
    assert apply(ledger, taken, rules).remark is None
    apply(ledger, taken, rules)
    assert ticked(ledger) == ["confirm", "nothing"]


def test_a_void_tick_is_not_made_good_by_saving_on(ledger: Ledger) -> None:
    """What a tool may have ticked stays void until somebody ticks it while no tool is at work."""
    decision = ask(ledger)
    lines = card(decision, "drop")
    void = apply(ledger, rule(ledger, decision, lines, tool_at_work=True))
    later = rule(ledger, void, lines, fresh=False)
    assert later.outcome is Outcome.NOTHING
    assert apply(ledger, later).waiting
    emptied = apply(ledger, rule(ledger, void, card(decision)))
    assert emptied.remark == void.remark, "the crew emptied the boxes: the sentence stays"
    assert apply(ledger, rule(ledger, emptied, lines)).choice == "drop"


def test_a_ruling_on_another_state_of_the_question_answers_nothing(ledger: Ledger) -> None:
    decision = ask(ledger)
    ruling = rule(ledger, decision, card(decision, "drop"))
    stale = apply(ledger, replace(ruling, request="0" * 64))
    assert stale.waiting
    assert ticked(ledger) == ["edited option"]
    with ledger.write() as tx:
        CARRIES.answer(tx, decision.id, Answer(DENY, BOB, "cli"))
    assert apply(ledger, ruling).choice == DENY
    assert len(ticked(ledger)) == 1


def test_no_answer_comes_by_the_board_that_the_board_may_not_carry(ledger: Ledger) -> None:
    """Whoever rules: the rulebook itself refuses what came from the board."""
    rules = Rulebook("ada")
    decision = ask(ledger, rules)
    with pytest.raises(ApproverNotAllowed, match="let the board carry"), ledger.write() as tx:
        rules.answer(tx, decision.id, Answer("drop", ADA, "board"))


def test_a_tick_is_one_vote_and_two_people_ticking_decide(ledger: Ledger) -> None:
    decision = ask(ledger, NEEDS_TWO)
    one = apply(ledger, rule(ledger, decision, card(decision, "drop"), NEEDS_TWO), NEEDS_TWO)
    assert one.waiting
    assert [vote.by for vote in one.votes] == [ADA]
    two = apply(ledger, rule(ledger, one, card(one, "drop"), NEEDS_TWO, who=BOB), NEEDS_TWO)
    assert (two.choice, two.decided_by) == ("drop", "human:ada, human:bob")
