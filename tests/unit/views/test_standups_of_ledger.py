"""Stand-ups from the ledger's events."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from unit.views.scenes import UNPAID, Scene

from crewboard.coordination import tasks
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.outbox import deliver_due, post
from crewboard.coordination.lease import Lease
from crewboard.coordination.standup import Standup
from crewboard.coordination.tasks import State
from crewboard.coordination.views import standup_of
from crewboard.errors import Final

START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene.at(tmp_path)


def today(scene: Scene, agent: str | None = None) -> str:
    return standup_of(scene.ledger, START, START + DAY, agent).markdown()


def test_it_tells_what_was_done_with_its_evidence_and_what_comes_next(scene: Scene) -> None:
    goal = scene.goal()
    step = scene.step(goal, "mix")
    scene.step(goal, "train", needs=["mix"])
    path = scene.finish(step)
    told = today(scene).splitlines()
    assert f"- ✅ completed «Do mix» `{path}` ^{step.id}" in told
    assert f"- ✅ accepted «Do mix» ^{step.id}" in told
    assert any(line.startswith("- executor: «Do train» ^") for line in told)
    assert any(line.startswith("- lead: «Make a dataset» (1 of 2 steps)") for line in told)
    assert "human:ada" not in today(scene)


def test_a_question_and_a_blocker_stay_until_they_are_settled(scene: Scene) -> None:
    step = scene.step(scene.goal(), "decide", kind="question", role="lead")
    asked = scene.ask(step, due=START + DAY)
    work = scene.step(step_goal := scene.goal("Another"), "generate")
    scene.move(work, State.INPUT_REQUIRED, "human", reason=UNPAID)
    told = today(scene)
    assert "lead: Drop the 30 empty rows? (ada decides, due 2026-01-02 09:00 UTC)" in told
    assert "executor: «Do generate»: HTTP 402, unpaid; needed: settle the bill" in told
    scene.answer(asked, "drop")
    scene.move(step, State.COMPLETED)
    assert "Drop the 30" not in today(scene)
    assert f"- ✅ «Do decide»: drop, by human:ada ^{step.id}" in today(scene)
    assert step_goal.id in today(scene)


def test_nothing_moved_is_one_line_and_a_blocker_grows_older(scene: Scene) -> None:
    """F8: a week of the same stand-ups is a week of single lines."""
    work = scene.step(scene.goal(), "generate")
    scene.move(work, State.FAILED, reason=UNPAID)
    scene.clock.advance(days=5)
    now = scene.clock.now()
    told = standup_of(scene.ledger, now - DAY, now, "executor").markdown().splitlines()
    assert told[1:] == ["Nothing moved since 2026-01-01 09:01 UTC; 1 blocker, the oldest for 5 d."]


def test_with_the_last_one_at_hand_it_is_still_since_then(scene: Scene) -> None:
    work = scene.step(scene.goal(), "generate")
    scene.move(work, State.FAILED, reason=UNPAID)
    first = standup_of(scene.ledger, START, START + DAY)
    kept = Standup.from_json(first.as_json())
    second = standup_of(scene.ledger, START + DAY, START + 2 * DAY, previous=kept)
    assert second.still_since == first.at
    third = standup_of(scene.ledger, START + 2 * DAY, START + 3 * DAY, previous=second)
    assert third.still_since == first.at


def test_a_crew_that_starts_is_no_movement(scene: Scene) -> None:
    scene.goal()
    scene.clock.advance(days=2)
    now = scene.clock.now()
    with scene.ledger.write() as tx:
        tx.event("crew.started", "crew", None, None, fence=1)
    told = standup_of(scene.ledger, now - DAY, now + DAY).markdown()
    assert "Nothing moved since" in told


def test_one_agent_reports_for_itself(scene: Scene) -> None:
    step = scene.step(scene.goal(), "mix")
    scene.finish(step)
    told = today(scene, "qa")
    assert "accepted «Do mix»" in told
    assert "completed" not in told


def test_money_is_counted_by_who_spent_it(scene: Scene) -> None:
    """F22."""
    step = scene.step(scene.goal(), "generate")
    for cost in (400_000, 600_000):
        scene.event("effect.done", "executor", step, tool="generate", step="1", cost=cost)
    assert "**executor:** ($1.00)" in today(scene)


def test_a_lost_message_and_work_without_a_crew_are_told_not_skipped(scene: Scene) -> None:
    """F7, F30: liveness is computed, and a message that was given up is never passed over."""
    goal = scene.goal()

    def refuse(_: Envelope) -> None:
        raise Final(detail="no such door")

    with scene.ledger.write() as tx:
        post(tx, Envelope("lead", "qa", "m1", "Review it", {}, goal.id))
        tasks.wake(tx, goal.id, "start")
    deliver_due(scene.ledger, refuse)
    told = today(scene)
    assert "lead: a message to qa was given up: no such door" in told
    assert "crew: no crew runs, 1 task could go on: `crewboard resume`" in told
    lease = Lease(scene.ledger, scene.workspace.crew_lock)
    lease.take()
    try:
        assert "no crew runs" not in today(scene)
    finally:
        lease.end()


def test_a_question_whose_task_has_ended_is_asked_no_more(scene: Scene) -> None:
    step = scene.step(scene.goal(), "decide", kind="question", role="lead")
    scene.ask(step)
    assert "Drop the 30" in today(scene)
    scene.move(step, State.CANCELED)
    assert "Drop the 30" not in today(scene)
