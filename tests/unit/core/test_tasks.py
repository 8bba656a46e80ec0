"""A task has one life: it is told in events, it ends once, and a wake is never lost or doubled."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from unit.core.books import (
    GOAL,
    WORK,
    chain_fault,
    child_of,
    events,
    kinds,
    mail,
    move_clock,
    open_ledger,
    read_task,
    runnable,
    start,
)

from crewboard.coordination import tasks
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.tasks import ENDED, Change, Reason, State, Task
from crewboard.errors import TaskEnded, UnknownName

REASON = Reason("the bill is not paid", "human", "3 calls", "settle the bill")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


def move(ledger: Ledger, task: Task, change: Change) -> Task:
    with ledger.write() as tx:
        return tasks.move(tx, task, "executor", change)


@pytest.mark.parametrize(
    "life",
    [
        [State.WORKING, State.COMPLETED],
        [State.WORKING, State.INPUT_REQUIRED, State.WORKING, State.COMPLETED],
        [State.WORKING, State.AUTH_REQUIRED, State.WORKING, State.FAILED],
        [State.WORKING, State.REJECTED],
        [State.CANCELED],
    ],
)
def test_a_life_is_told_step_by_step(ledger: Ledger, life: list[State]) -> None:
    task = start(ledger, WORK)
    for state in life:
        task = move(ledger, task, Change(state))
        assert task.state is state
    told = [(e.data["was"], e.data["state"]) for e in events(ledger) if e.kind == "task.moved"]
    assert told == list(zip([State.SUBMITTED, *life], life, strict=False))
    assert task.ended


@pytest.mark.parametrize("end", sorted(ENDED))
@pytest.mark.parametrize("then", sorted(State))
def test_an_ended_task_stays_as_it_ended(ledger: Ledger, end: State, then: State) -> None:
    stale = start(ledger, WORK)
    move(ledger, stale, Change(end, reason=REASON))
    before = len(events(ledger))
    with pytest.raises(TaskEnded, match=f"has ended \\({end}\\)"):
        move(ledger, stale, Change(then))
    with ledger.write() as tx:
        tasks.wake(tx, stale.id, "late")
        assert not tasks.claim(tx, stale, fence=1)
        assert tasks.cancel(tx, tasks.get(tx, stale.id), "ada") == []
    now = read_task(ledger, stale)
    assert (now.state, now.reason, now.holder) == (end, REASON, None)
    assert mail(ledger, stale) == []
    assert len(events(ledger)) == before


def test_a_move_to_where_the_task_stands_is_no_event(ledger: Ledger) -> None:
    task = move(ledger, start(ledger, WORK), Change(State.WORKING))
    before = len(events(ledger))
    move(ledger, task, Change(State.WORKING))
    assert len(events(ledger)) == before
    assert move(ledger, task, Change(State.WORKING, waits="children")).waits == "children"


def test_the_same_cause_wakes_once_and_another_wakes_again(ledger: Ledger) -> None:
    task = start(ledger, WORK)
    with ledger.write() as tx:
        for cause in ("d1:7", "d1:7", "d1:9"):
            tasks.wake(tx, task.id, cause)
    assert mail(ledger, task) == [f"wake:{task.id}:d1:7", f"wake:{task.id}:d1:9"]
    with ledger.write() as tx:
        tasks.claim(tx, task, 1)
        tasks.release(tx, task.id, 1, read_up_to=99)
        tasks.wake(tx, task.id, "d1:7")  # told again after it was read: still the same cause
    assert mail(ledger, task) == []


def test_a_parent_is_woken_by_each_change_of_a_child(ledger: Ledger) -> None:
    goal = start(ledger)
    child = child_of(ledger, goal, "mix")
    for change in (Change(State.WORKING), Change(State.WORKING), Change(State.FAILED)):
        move(ledger, child, change)
    assert len(mail(ledger, goal)) == 2


def test_a_task_runs_only_with_mail_and_only_for_one(ledger: Ledger) -> None:
    task = start(ledger, WORK)
    assert runnable(ledger) == []
    with ledger.write() as tx:
        tasks.wake(tx, task.id, "start")
    assert runnable(ledger) == [task.id]
    with ledger.write() as tx:
        assert tasks.claim(tx, task, fence=1)
        assert not tasks.claim(tx, task, fence=1)
    assert runnable(ledger) == []
    assert read_task(ledger, task).state is State.WORKING


def test_mail_that_comes_during_a_turn_runs_the_task_again(ledger: Ledger) -> None:
    task = start(ledger, WORK)
    with ledger.write() as tx:
        tasks.wake(tx, task.id, "first")
        tasks.claim(tx, task, 1)
        (read,) = (row["seq"] for row in tx.run("new_mail", task=task.id))
    with ledger.write() as tx:
        tasks.wake(tx, task.id, "second")
        tasks.release(tx, task.id, 1, read)
    assert mail(ledger, task) == [f"wake:{task.id}:second"]
    assert runnable(ledger) == [task.id]


def test_a_turn_taken_twice_from_one_reading_is_told_once(ledger: Ledger) -> None:
    stale = start(ledger, WORK)
    with ledger.write() as tx:
        assert tasks.claim(tx, stale, 1)
        tasks.release(tx, stale.id, 1, 0)
        assert tasks.claim(tx, stale, 1)
    assert kinds(ledger) == ["task.created", "task.moved"]


def test_cancel_reaches_everything_below_and_nothing_beside(ledger: Ledger) -> None:
    goal = start(ledger)
    mix, other = child_of(ledger, goal, "mix"), child_of(ledger, goal, "audit")
    below = child_of(ledger, mix, "deep")
    done = child_of(ledger, mix, "done")
    move(ledger, done, Change(State.COMPLETED))
    with ledger.write() as tx:
        cancelled = tasks.cancel(tx, tasks.get(tx, mix.id), "human:ada", "not needed")
    assert set(cancelled) == {mix.id, below.id}
    states = {t.id: read_task(ledger, t).state for t in (goal, mix, other, below, done)}
    assert states == {
        goal.id: State.SUBMITTED,
        mix.id: State.CANCELED,
        other.id: State.SUBMITTED,
        below.id: State.CANCELED,
        done.id: State.COMPLETED,  # what was done stays done
    }


def test_what_a_dead_crew_was_on_is_recovered_once_by_the_next(ledger: Ledger) -> None:
    """F7: nothing waits for ever on a crew that is gone."""
    task, idle = start(ledger, WORK), start(ledger, WORK)
    with ledger.write() as tx:
        tasks.claim(tx, task, fence=1)
    with ledger.write() as tx:
        assert [t.id for t in tasks.recover(tx, fence=2, most=3)] == [task.id]
        assert tasks.recover(tx, fence=2, most=3) == []
    now = read_task(ledger, task)
    assert (now.holder, now.recoveries, now.state) == (None, 1, State.WORKING)
    assert runnable(ledger) == [task.id]
    assert read_task(ledger, idle).recoveries == 0


def test_a_task_that_kills_the_crew_is_given_up_with_its_reason(ledger: Ledger) -> None:
    goal = start(ledger)
    task = child_of(ledger, goal, "mix")
    for fence in range(1, 5):
        with ledger.write() as tx:
            assert tasks.claim(tx, tasks.get(tx, task.id), fence)
            tasks.recover(tx, fence + 1, most=3)
    now = read_task(ledger, task)
    assert now.state is State.FAILED
    assert now.reason is not None
    assert (now.reason.cause, now.reason.owner) == (
        "the crew died 4 times while it worked on this",
        "human",
    )
    assert mail(ledger, goal)  # who asked for it hears of it
    assert kinds(ledger).count("task.recovered") == 3


def test_a_task_that_was_cancelled_while_the_crew_died_stays_cancelled(ledger: Ledger) -> None:
    task = start(ledger, WORK)
    with ledger.write() as tx:
        tasks.claim(tx, task, 1)
        tasks.cancel(tx, tasks.get(tx, task.id), "human:ada")
        tasks.recover(tx, 2, most=3)
    now = read_task(ledger, task)
    assert (now.state, now.holder) == (State.CANCELED, None)
    assert runnable(ledger) == []


def test_a_pause_ends_by_itself(ledger: Ledger) -> None:
    """F9: a rate limit costs time, not the task."""
    task = start(ledger, WORK)
    for pause in (1, 2):
        with ledger.write() as tx:
            tasks.pause(tx, tasks.get(tx, task.id), "executor", "rate limited", delay=20)
        assert runnable(ledger) == []
        move_clock(ledger, seconds=20)
        assert runnable(ledger) == [task.id]
        now = read_task(ledger, task)
        assert (now.retries, now.waits, now.state) == (pause, "retry", State.WORKING)


def test_a_step_is_created_once_in_each_revision(ledger: Ledger) -> None:
    goal = start(ledger)
    first = child_of(ledger, goal, "mix")
    assert child_of(ledger, goal, "mix", title="another title") == first
    assert child_of(ledger, goal, "mix", revision=1) != first
    assert child_of(ledger, start(ledger), "mix") != first
    assert kinds(ledger).count("task.created") == 5


def test_an_id_is_never_given_twice(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """2**25 ids: two of a kind meet one day, so each is looked up before it is given."""
    drawn = iter(["t00000", "t00000", "t00000", "t00001"])
    monkeypatch.setattr(tasks, "short_id", lambda prefix: next(drawn))
    assert [start(ledger, WORK).id for _ in range(2)] == ["t00000", "t00001"]


def test_a_goal_names_itself_and_its_work_names_the_goal(ledger: Ledger) -> None:
    goal = start(ledger)
    work = child_of(ledger, goal, "mix")
    assert (goal.goal, goal.id[0], goal.context) == (goal.id, "g", f"ctx-{goal.id}")
    assert (work.goal, work.id[0], work.context) == (goal.id, "t", f"ctx-{goal.id}")
    with ledger.read() as tx:
        assert [t.id for t in tasks.goals(tx)] == [goal.id]
        assert {t.id for t in tasks.of_goal(tx, goal.id)} == {goal.id, work.id}
        assert [t.id for t in tasks.children(tx, goal.id)] == [work.id]
        assert len(tasks.everything(tx)) == 2


def test_what_a_task_was_told_comes_back_as_it_went_in(ledger: Ledger) -> None:
    spec = {"tool": "mix", "ratios": [0.4, 0.25], "note": "Zoë 🌆 \ud83d", "deep": {"b": None}}
    due = ledger.clock.now() + timedelta(hours=1)
    task = start(ledger, replace(GOAL, spec=spec, deadline=due))
    assert task.spec == spec
    assert task.deadline == "2026-01-01T10:00:00.000Z"
    move_clock(ledger, hours=2)
    with ledger.read() as tx:
        assert [row["id"] for row in tx.run("overdue_tasks", at=tx.at)] == [task.id]
    assert chain_fault(ledger) is None


def test_an_unknown_task_is_a_usage_error(ledger: Ledger) -> None:
    with pytest.raises(UnknownName, match="no task named 't0'"), ledger.read() as tx:
        tasks.get(tx, "t0")
