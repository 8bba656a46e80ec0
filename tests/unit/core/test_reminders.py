"""Reminders: at half of its time and near its end, once each, whatever restarts and clocks do."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from unit.core.books import events, kinds, move_clock, open_ledger, question, start

from crewboard.coordination import decisions, tasks
from crewboard.coordination.deciding import reminders
from crewboard.coordination.decisions import Answer, Decision
from crewboard.coordination.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


def ask(ledger: Ledger, hours: float = 10, **more: Any) -> Decision:
    due = ledger.clock.now() + timedelta(hours=hours)
    goal = start(ledger)
    with ledger.write() as tx:
        return decisions.ask(tx, question(goal, due=due, **more))


def remind(ledger: Ledger) -> list[int]:
    with ledger.write() as tx:
        return [each.mark for each in reminders.remind(tx)]


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([1, 4.9], []),
        ([5], [50]),
        ([5, 6, 8.9], [50]),
        ([5, 9], [50, 90]),
        ([5, 9, 9.5, 9.9], [50, 90]),
        ([9.5], [90]),  # a clock that jumped over both tells the later one, once
        ([5, 1, 5], [50]),  # one that was turned back tells nothing twice
        ([9, 5, 9], [90]),
        ([11], []),  # overdue is told otherwise
        ([5, 11], [50]),
    ],
)
def test_each_mark_is_told_once(ledger: Ledger, looks: list[float], told: list[int]) -> None:
    ask(ledger)
    at, found = 0.0, []
    for hours in looks:
        move_clock(ledger, hours=hours - at)
        at = hours
        found += remind(ledger)
        ledger.close()  # and a restart forgets nothing
        ledger = Ledger(ledger.path, ledger.clock)
    assert found == told
    assert kinds(ledger).count("decisions.reminded") == len(told)


def test_all_that_is_due_for_one_is_one_event(ledger: Ledger) -> None:
    asked = [ask(ledger, 10), ask(ledger, 20), ask(ledger, 12)]
    move_clock(ledger, hours=10)
    with ledger.read() as tx:
        assert [each.decision.id for each in reminders.pending(tx)] == [
            asked[0].id, asked[2].id, asked[1].id,
        ]  # fmt: skip
    assert remind(ledger) == [90, 50, 50]
    [told] = [e for e in events(ledger) if e.kind == "decisions.reminded"]
    assert [(each["owner"], each["mark"]) for each in told.data["decisions"]] == [
        ("ada", 90), ("ada", 50), ("ada", 50),
    ]  # fmt: skip


def test_what_needs_no_answer_is_not_reminded_of(ledger: Ledger) -> None:
    answered, moot, timeless = ask(ledger), ask(ledger), ask(ledger)
    with ledger.write() as tx:
        decisions.answer(tx, answered.id, Answer("run", "human:ada", "cli"))
        tasks.cancel(tx, tasks.get(tx, moot.task), "human:ada")
        tx.connection.execute("UPDATE decisions SET due = NULL WHERE id = ?", (timeless.id,))
    move_clock(ledger, hours=9)
    assert remind(ledger) == []


def test_a_question_that_is_asked_again_has_its_time_again(ledger: Ledger) -> None:
    asked = ask(ledger)
    move_clock(ledger, hours=9)
    remind(ledger)
    with ledger.write() as tx:
        tasks.cancel(tx, tasks.get(tx, asked.task), "human:ada")
        due = ledger.clock.now() + timedelta(hours=10)
        again = decisions.ask(tx, question(tasks.get(tx, asked.goal), due=due))
    assert (again.id, again.state) == (asked.id, "open")
    assert remind(ledger) == []
    move_clock(ledger, hours=5)
    assert remind(ledger) == [50]
