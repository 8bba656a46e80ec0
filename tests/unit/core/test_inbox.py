"""What a human is shown at a time: the oldest five, the same thing once, and how many wait behind."""

from pathlib import Path
from typing import Any

import pytest
from unit.core.books import move_clock, open_ledger, question, start

from crewboard.coordination import decisions
from crewboard.coordination.deciding.inbox import MOST_SHOWN, shown
from crewboard.coordination.decisions import Decision
from crewboard.coordination.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


def ask(ledger: Ledger, action: Any, **more: Any) -> Decision:
    goal = start(ledger)
    move_clock(ledger, seconds=1)
    with ledger.write() as tx:
        return decisions.ask(tx, question(goal, action=action, **more))


def test_the_oldest_five_of_each_human_have_a_place_and_the_last_says_how_many_wait(
    ledger: Ledger,
) -> None:
    own = [ask(ledger, number) for number in range(8)]
    other = ask(ledger, "other", owner="bob")
    found = shown([other, *reversed(own)])
    assert set(found) == {each.id for each in own[:MOST_SHOWN]} | {other.id}
    assert [found[each.id].behind for each in own[:MOST_SHOWN]] == [0, 0, 0, 0, 3]
    assert found[other.id].behind == 0


def test_what_has_a_place_keeps_it_until_it_is_answered(ledger: Ledger) -> None:
    own = [ask(ledger, number) for number in range(6)]
    before = set(shown(own))
    urgent = ask(ledger, "urgent")
    assert set(shown([*own, urgent])) == before
    assert set(shown([*own[1:], urgent])) == (before - {own[0].id}) | {own[5].id}


def test_the_same_thing_stands_once_and_takes_one_place(ledger: Ledger) -> None:
    first, *rest = [ask(ledger, "the same") for _ in range(4)]
    others = [ask(ledger, number) for number in range(5)]
    found = shown([first, *rest, *others])
    assert found[first.id].alike == tuple(each.id for each in rest)
    assert set(found) == {first.id, *(each.id for each in others[:4])}
    assert found[others[3].id].behind == 1
    assert shown(rest)[rest[0].id].alike == tuple(each.id for each in rest[1:])


@pytest.mark.parametrize(
    "other", [{"kind": "delete"}, {"text": "in other words"}, {"owner": "bob"}, {"action": 2}]
)
def test_what_differs_for_whoever_answers_is_not_the_same(
    ledger: Ledger, other: dict[str, Any]
) -> None:
    first = ask(ledger, 1)
    second = ask(ledger, **{"action": 1, **other})
    assert set(shown([first, second])) == {first.id, second.id}


def test_nothing_waits_nowhere() -> None:
    assert shown([]) == {}
