"""Held back by a human: nothing below runs, no deadline passes, and a deleted card may come back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from unit.core.books import (
    GOAL,
    child_of,
    kinds,
    move_clock,
    open_ledger,
    read_task,
    runnable,
    start,
)

from crewboard.clock import stamp
from crewboard.coordination import pauses, tasks
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.tasks import GONE, State, Task

ADA = "human:ada"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


@pytest.fixture
def goal(ledger: Ledger) -> Task:
    return start(ledger, GOAL)


def wake(ledger: Ledger, task: Task) -> None:
    with ledger.write() as tx:
        tasks.wake(tx, task.id, f"test:{tx.at}")


def pause(ledger: Ledger, task: Task, column: str = "BLOCKED") -> None:
    with ledger.write() as tx:
        pauses.pause(tx, task, ADA, column)


def resume(ledger: Ledger, task: Task) -> None:
    with ledger.write() as tx:
        pauses.resume(tx, task, ADA)


def test_a_paused_goal_holds_back_all_that_is_below_it(ledger: Ledger, goal: Task) -> None:
    step = child_of(ledger, goal, "mix")
    review = child_of(ledger, step, "review")
    for each in (goal, step, review):
        wake(ledger, each)
    assert len(runnable(ledger)) == 3
    pause(ledger, goal)
    assert runnable(ledger) == []
    resume(ledger, goal)
    assert {*runnable(ledger)} == {goal.id, step.id, review.id}


def test_a_paused_step_leaves_its_neighbours_alone(ledger: Ledger, goal: Task) -> None:
    one, other = child_of(ledger, goal, "mix"), child_of(ledger, goal, "train")
    wake(ledger, one)
    wake(ledger, other)
    pause(ledger, one)
    assert runnable(ledger) == [other.id]


def test_resuming_wakes_what_was_held_back_even_where_its_mail_was_read(
    ledger: Ledger, goal: Task
) -> None:
    step = child_of(ledger, goal, "mix")
    pause(ledger, goal)
    resume(ledger, goal)
    assert {*runnable(ledger)} == {goal.id, step.id}


def test_resuming_a_goal_starts_no_step_before_its_turn(ledger: Ledger, goal: Task) -> None:
    """F5: a step waits for what it needs and for its gate, whoever held the goal back meanwhile."""
    step = child_of(ledger, goal, "dedup", waits="plan")
    pause(ledger, goal)
    resume(ledger, goal)
    assert runnable(ledger) == [goal.id]
    assert read_task(ledger, step).waits == "plan"


def test_no_deadline_passes_while_a_task_is_held_back(ledger: Ledger, goal: Task) -> None:
    step = child_of(ledger, goal, "mix")
    due = ledger.clock.now() + timedelta(hours=2)
    with ledger.write() as tx:
        tx.change("set_deadline", id=step.id, deadline=stamp(due))
    pause(ledger, goal)
    move_clock(ledger, hours=30)
    with ledger.read() as tx:
        assert tx.run("overdue_tasks", at=tx.at) == []
    resume(ledger, goal)
    assert read_task(ledger, step).deadline == stamp(due + timedelta(hours=30))


def test_pausing_twice_is_told_once(ledger: Ledger, goal: Task) -> None:
    pause(ledger, goal)
    pause(ledger, goal)
    resume(ledger, goal)
    resume(ledger, goal)
    assert kinds(ledger)[-2:] == ["task.paused", "task.resumed"]


def test_what_has_ended_cannot_be_paused(ledger: Ledger, goal: Task) -> None:
    with ledger.write() as tx:
        tasks.cancel(tx, goal, ADA)
    pause(ledger, goal)
    assert read_task(ledger, goal).paused is None


@pytest.mark.parametrize(("hours", "state"), [(23.9, State.SUBMITTED), (24, State.CANCELED)])
def test_a_deleted_card_is_cancelled_after_a_day(
    ledger: Ledger, goal: Task, hours: float, state: State
) -> None:
    step = child_of(ledger, goal, "mix")
    pause(ledger, goal, GONE)
    move_clock(ledger, hours=hours)
    with ledger.write() as tx:
        pauses.cancel_gone(tx, ledger.clock.now())
    assert {read_task(ledger, goal).state, read_task(ledger, step).state} == {state}


def test_what_is_only_paused_is_never_cancelled(ledger: Ledger, goal: Task) -> None:
    pause(ledger, goal)
    with ledger.write() as tx:
        assert pauses.cancel_gone(tx, datetime(2099, 1, 1, tzinfo=UTC)) == []


def test_what_holds_a_task_back_is_found_above_it(ledger: Ledger, goal: Task) -> None:
    step = child_of(ledger, goal, "mix")
    with ledger.read() as tx:
        assert pauses.held(tx, step) is None
    pause(ledger, goal, GONE)
    with ledger.read() as tx:
        held = pauses.held(tx, step)
    assert held is not None
    assert held.gone
