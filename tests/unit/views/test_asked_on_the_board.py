"""Decisions on the board, out of the ledger: few at a time, with their approvals, ticks and answers."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from unit.views.scenes import Scene

from crewboard.coordination import decisions
from crewboard.coordination.deciding import reminders, revocation, ticks
from crewboard.coordination.deciding.revocation import Revocation
from crewboard.coordination.deciding.ticks import Seen
from crewboard.coordination.decisions import Answer, Decision, Option
from crewboard.coordination.policy import Rulebook
from crewboard.coordination.views.asked import decision_cards
from crewboard.coordination.views.books import Books

ADA = "human:ada"
RULES = Rulebook("ada", carries=["data-treatment"])
OPTIONS = (Option("drop", "they go", recommended=True), Option("train", "it trains", 4_000_000))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene.at(tmp_path)


def ask(scene: Scene, name: str = "decide", **more: Any) -> Decision:
    step = scene.step(scene.goal(), name, kind="question", role="lead")
    scene.clock.advance(seconds=1)
    return scene.ask(step, **more)


def test_an_option_says_what_it_costs_and_whether_it_can_be_taken_back(scene: Scene) -> None:
    asked = ask(scene, options=OPTIONS, decides="how the goal goes on")
    scene.refresh()
    block = scene.block(asked.id)
    assert "- [ ] **drop**: they go · free · not reversible (recommended)" in block
    assert "- [ ] **train**: it trains · at most 4.0000 USD · not reversible" in block
    assert "decides: how the goal goes on · blocks ^t" in block


def test_five_are_shown_and_the_next_takes_the_place_of_what_is_answered(scene: Scene) -> None:
    asked = [ask(scene, f"decide-{n}", text=f"Question {n}?") for n in range(7)]
    board = scene.refresh()
    assert [each.id in board for each in asked] == [True] * 5 + [False] * 2
    assert "2 more wait behind this one: `crewboard decisions`" in scene.block(asked[4].id)
    scene.answer(asked[0], "drop")
    board = scene.refresh()
    assert asked[5].id in board
    assert asked[6].id not in board


def test_approvals_reminders_and_what_a_tick_was_worth_stand_beneath_the_question(
    scene: Scene,
) -> None:
    due = scene.clock.now() + timedelta(hours=10)
    asked = ask(scene, needs=2, due=due)
    rules = replace(RULES, needs=[("data-treatment", 2)])
    scene.clock.advance(hours=6)
    with scene.ledger.write() as tx:
        reminders.remind(tx)
        rules.answer(tx, asked.id, Answer("drop", ADA, "cli"))
    scene.refresh()
    assert "on expiry: hold · reminded at 50 % of its time" in scene.block(asked.id)
    assert "👥 approvals: 1 of 2 (@human:ada: drop)" in scene.block(asked.id)


def test_a_tick_is_told_its_worth_in_one_line(scene: Scene) -> None:
    asked = ask(scene, options=OPTIONS)
    lines = tuple(scene.refresh().splitlines())
    start = next(n for n, line in enumerate(lines) if line.endswith(f"^{asked.id}"))
    ticked = tuple(line.replace("[ ] **drop**", "[x] **drop**") for line in lines[start:])
    with scene.ledger.write() as tx:
        seen = Seen(ticked, ADA, scene.clock.now(), tool_at_work=False)
        ticks.apply(tx, RULES, ticks.rule(decisions.get(tx, asked.id), seen, RULES))
    scene.refresh()
    assert (
        "💬 answer: ada ticked drop, and it cannot be taken back. Confirm with "
        f"`crewboard approve {asked.id} --choose drop`"
    ) in scene.block(asked.id)


def test_what_is_decided_is_one_line_and_what_was_taken_back_says_so(scene: Scene) -> None:
    asked = ask(scene)
    scene.answer(asked, "drop", "they are copies")
    scene.refresh()
    assert scene.block(asked.id).count("\n") == 0
    assert "by cli: they are copies" in scene.block(asked.id)
    with scene.ledger.write() as tx:
        found = revocation.revoke(tx, RULES, asked.id, Revocation(ADA, "too early", scene.key))
    scene.refresh()
    assert "~~drop~~ — revoked by @human:ada" in scene.block(asked.id)
    assert found.reopened is not None
    assert "[ ] **drop**" in scene.block(found.reopened.id)


def test_the_boxes_of_a_void_tick_are_emptied(scene: Scene) -> None:
    asked = ask(scene)
    with scene.ledger.write() as tx:
        said = decisions.Remark("unverified", "a tool was at work", ADA, ("drop",))
        decisions.remark(tx, asked, said)
    with scene.ledger.read() as tx:
        books = Books.read(tx)
    [card] = decision_cards(books, books.decisions)
    assert (card.void, card.says) == (True, "a tool was at work")
