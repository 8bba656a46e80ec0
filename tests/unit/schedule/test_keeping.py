"""Stand-ups and reviews are kept once, told in the ledger first, and lose nothing to a page in the way."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from unit.views.scenes import UNPAID, Scene

from crewboard.coordination.ledger import Event
from crewboard.coordination.reporting import scribe, timesheet
from crewboard.coordination.reporting.keeping import Terms, review_now, write_review, write_standup
from crewboard.coordination.reporting.schedule import STANDUP, Schedule
from crewboard.coordination.reporting.standup_log import entries
from crewboard.coordination.reporting.timekeeper import Timekeeper
from crewboard.coordination.tasks import State
from crewboard.coordination.views.standups import standup_of
from crewboard.errors import WorkspaceUnwritable

TWICE = Schedule((time(9), time(17, 30)), time(23, 30))
"""ManualClock stands at 09:00 UTC of 2026-01-01."""
NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene.at(tmp_path)


def terms(schedule: Schedule = TWICE, silence: timedelta = timedelta(hours=24)) -> Terms:
    return Terms("human:ada", schedule, silence)


def log(scene: Scene) -> str:
    return scribe.log_of(scene.workspace).read_text()


def kinds(scene: Scene) -> list[str]:
    with scene.ledger.read() as tx:
        return [Event.of(row).kind for row in tx.run("events_after", seq=0, count=10_000)]


def at(scene: Scene, text: str) -> None:
    scene.clock.at = datetime.fromisoformat(text).replace(tzinfo=UTC)


def keeper(scene: Scene, schedule: Schedule = TWICE) -> Timekeeper:
    return Timekeeper(scene.workspace, scene.ledger, terms(schedule), lambda _: None)


# ── stand-ups ────────────────────────────────────────────────────────────────────────────────────


def test_a_part_of_a_day_is_written_once(scene: Scene) -> None:
    scene.finish(scene.step(scene.goal(), "mix"))
    assert write_standup(scene.workspace, scene.ledger, terms())
    before = log(scene)
    scene.goal("Another")
    assert write_standup(scene.workspace, scene.ledger, terms()) is None
    assert log(scene) == before
    assert kinds(scene).count("standup.written") == 1


def test_the_next_one_goes_on_where_the_last_one_ended_and_is_one_line_when_nothing_moved(
    scene: Scene,
) -> None:
    """F8."""
    scene.finish(scene.step(scene.goal(), "mix"))
    write_standup(scene.workspace, scene.ledger, terms())
    at(scene, "2026-01-01T17:30")
    write_standup(scene.workspace, scene.ledger, terms())
    newest = entries(scribe.log_of(scene.workspace).read_bytes())[0]
    assert newest.heading == "🌆 Evening Stand-up (2026-01-01)"
    assert newest.markdown.splitlines()[2].startswith("Nothing moved since 2026-01-01 09:0")
    assert "completed" not in newest.markdown


def test_what_happens_in_the_instant_of_a_stand_up_is_told_in_one_of_them(scene: Scene) -> None:
    """The clock of these tests stands still: the goal is as old as the stand-up, to the millisecond."""
    goal = scene.goal("Now")
    first = write_standup(scene.workspace, scene.ledger, terms())
    with scene.ledger.write() as tx:
        tx.event("plan.made", "lead", goal.id, goal.id, steps=["one"], revision=1, assumed=[])
    second = write_standup(scene.workspace, scene.ledger, terms(), "evening")
    assert first is not None
    assert second is not None
    assert [said.text for each in second.agents for said in each.done] == ["planned 1 step: «Now»"]


def test_a_clock_that_was_set_back_hides_nothing_from_the_next_one(scene: Scene) -> None:
    write_standup(scene.workspace, scene.ledger, terms(), "morning")
    scene.clock.advance(hours=-5)
    scene.finish(scene.step(scene.goal(), "mix"))
    told = write_standup(scene.workspace, scene.ledger, terms(), "evening")
    assert told is not None
    assert "completed «Do mix»" in told.markdown()


def test_what_nobody_wrote_is_counted_and_told_once(scene: Scene) -> None:
    """F7: the machine counts, from what the schedule says and the ledger has."""
    scene.goal()
    write_standup(scene.workspace, scene.ledger, terms())
    at(scene, "2026-01-03T18:00")
    told = write_standup(scene.workspace, scene.ledger, terms())
    assert told is not None
    assert told.missed == (
        "2026-01-01 evening", "2026-01-02 morning", "2026-01-02 evening", "2026-01-03 morning",
    )  # fmt: skip
    assert "missed: 4 stand-ups (2026-01-01 evening to 2026-01-03 morning)" in log(scene)
    at(scene, "2026-01-04T09:00")
    following = write_standup(scene.workspace, scene.ledger, terms())
    assert following is not None
    assert following.missed == ()


def test_what_an_older_schedule_missed_is_told_after_it_was_changed(scene: Scene) -> None:
    write_standup(scene.workspace, scene.ledger, terms())
    at(scene, "2026-01-02T10:00")
    noon = Schedule((time(12),))
    keeper(scene, noon).look()
    at(scene, "2026-01-02T12:00")
    told = write_standup(scene.workspace, scene.ledger, terms(noon))
    assert told is not None
    assert told.missed == ("2026-01-01 evening", "2026-01-02 morning")


def test_one_written_early_by_hand_counts_for_its_hour_and_tells_what_was_missed(
    scene: Scene,
) -> None:
    write_standup(scene.workspace, scene.ledger, terms())
    at(scene, "2026-01-02T15:00")
    told = write_standup(scene.workspace, scene.ledger, terms(), "evening")
    assert told is not None
    assert told.missed == ("2026-01-01 evening", "2026-01-02 morning")
    for moment in ("2026-01-02T15:01", "2026-01-02T17:31"):
        at(scene, moment)
        assert STANDUP not in {each.slot.job for each in keeper(scene).look()}


def test_that_it_was_written_is_no_news_to_anybody(scene: Scene) -> None:
    """F8: stand-ups about stand-ups."""
    scene.goal()
    at(scene, "2026-01-01T17:30")
    write_standup(scene.workspace, scene.ledger, Terms("crew", TWICE))
    write_review(scene.workspace, scene.ledger, Terms("crew", TWICE))
    now = scene.clock.now() + timedelta(hours=1)
    told = standup_of(scene.ledger, now - timedelta(hours=2), now)
    assert "Nothing moved since 2026-01-01 09:00 UTC" in told.markdown()


def test_a_late_one_says_how_late(scene: Scene) -> None:
    keeper(scene).look()
    at(scene, "2026-01-02T02:00")
    keeper(scene).look()
    assert "## 🌆 Evening Stand-up (2026-01-01)\n" in log(scene)
    assert "_Written 2026-01-02 02:00 UTC, 8 h late._" in log(scene)


def test_one_that_cannot_reach_its_page_waits_in_the_ledger(scene: Scene) -> None:
    path = scribe.log_of(scene.workspace)
    path.mkdir()
    with pytest.raises((WorkspaceUnwritable, OSError)):
        write_standup(scene.workspace, scene.ledger, terms())
    path.rmdir()
    assert scribe.deliver(scene.workspace, scene.ledger) == 1
    assert "Morning Stand-up (2026-01-01)" in log(scene)
    assert scribe.deliver(scene.workspace, scene.ledger) == 0


def test_a_page_in_the_way_holds_up_no_other(scene: Scene) -> None:
    scribe.log_of(scene.workspace).mkdir()
    with pytest.raises((WorkspaceUnwritable, OSError)):
        write_standup(scene.workspace, scene.ledger, terms())
    with pytest.raises((WorkspaceUnwritable, OSError)):
        write_review(scene.workspace, scene.ledger, terms())
    assert "🌙 Review" in scene.note()


def test_one_that_a_crash_kept_from_its_page_is_put_there_once(scene: Scene) -> None:
    """The page was written, and the process died before the ledger heard of it."""
    with scene.ledger.write() as tx:
        entry = scribe.Entry(
            scribe.LOG, "standup 2026-01-01 morning", "2026-01-01", "## M (2026-01-01)\n"
        )
        scribe.leave(tx, entry)
    scribe.deliver(scene.workspace, scene.ledger)
    before = log(scene)
    with scene.ledger.write() as tx:
        scribe.leave(tx, entry)
    assert scribe.deliver(scene.workspace, scene.ledger) == 0
    assert log(scene) == before


def test_one_that_people_took_out_stays_out(scene: Scene) -> None:
    write_standup(scene.workspace, scene.ledger, terms())
    scribe.log_of(scene.workspace).write_text("# Stand-ups\n\nnothing to see\n")
    write_standup(scene.workspace, scene.ledger, terms())
    at(scene, "2026-01-01T17:30")
    write_standup(scene.workspace, scene.ledger, terms())
    assert "Morning" not in log(scene)
    assert log(scene).startswith("# Stand-ups\n\nnothing to see\n")


def test_a_stand_up_holds_no_secret(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """F29: also one that became known after the ledger had the words."""
    scene.goal("Log in as correct-horse-battery")
    monkeypatch.setenv("SHOP_PASSWORD", "correct-horse-battery")
    write_standup(scene.workspace, scene.ledger, terms())
    assert "correct-horse" not in log(scene)


# ── the review ───────────────────────────────────────────────────────────────────────────────────


def test_the_review_tells_the_day_with_its_evidence(scene: Scene) -> None:
    goal = scene.goal()
    path = scene.finish(scene.step(goal, "mix"))
    blocked = scene.step(goal, "generate")
    scene.move(blocked, State.INPUT_REQUIRED, "human", reason=UNPAID)
    asked = scene.ask(scene.step(goal, "decide", kind="question", role="lead"))
    at(scene, "2026-01-01T23:30")
    found = write_review(scene.workspace, scene.ledger, terms())
    assert found is not None
    note = scene.note()
    assert "## 🌙 Review (2026-01-01)\n<!-- s:review -->\n**Stocktake:** Done 1 · " in note
    assert "Blocked 1 · Waiting on decisions 1\n" in note
    assert f"- ✅ completed «Do mix» `{path}` ^" in note
    (made,) = found.made
    assert f"- rows · 1 row · `{path}` sha256:{made.sha256[:12]} · QA: accept ^" in note
    assert f"^{asked.id} (for 14 h)" in note
    assert f"HTTP 402, unpaid; needed: settle the bill ^{blocked.id} (for 14 h)" in note


def test_the_stock_is_told_against_the_last_review(scene: Scene) -> None:
    goal = scene.goal()
    steps = [scene.step(goal, name) for name in ("mix", "train", "report")]
    write_review(scene.workspace, scene.ledger, terms())
    scene.finish(steps[0])
    scene.clock.advance(days=1)
    found = write_review(scene.workspace, scene.ledger, terms())
    assert found is not None
    assert "Done 1 (+1)" in found.markdown()
    assert "Backlog 3 (-1)" in found.markdown()
    assert "against 2026-01-01" in found.markdown()
    assert "completed «Do mix»" in found.markdown()


def test_a_review_is_written_once_a_day_and_a_missed_one_is_told(scene: Scene) -> None:
    scene.goal()
    assert write_review(scene.workspace, scene.ledger, terms())
    assert write_review(scene.workspace, scene.ledger, terms()) is None
    scene.clock.advance(days=3)
    found = write_review(scene.workspace, scene.ledger, terms())
    assert found is not None
    assert found.missed == ("2026-01-02", "2026-01-03")
    assert scene.note(NEW_YEAR).count("🌙 Review") == 1


def test_work_that_fell_silent_is_stale_and_what_waits_on_people_is_not(scene: Scene) -> None:
    """F7."""
    goal = scene.goal()
    silent, waiting = scene.step(goal, "train"), scene.step(goal, "generate")
    scene.move(silent, State.WORKING)
    scene.move(waiting, State.INPUT_REQUIRED, "human", reason=UNPAID)
    scene.clock.advance(hours=25)
    assert [said.card for said in review_now(scene.workspace, scene.ledger, terms()).stale] == [
        silent.id
    ]
    longer = terms(silence=timedelta(hours=26))
    assert review_now(scene.workspace, scene.ledger, longer).stale == ()


def test_work_of_a_dead_crew_is_stale_at_once(scene: Scene) -> None:
    step = scene.step(scene.goal(), "train")
    with scene.ledger.write() as tx:
        tx.change("claim_task", id=step.id, fence=7, at=tx.at)
    (said,) = review_now(scene.workspace, scene.ledger, terms()).stale
    assert said.text == "«Do train» is held by a crew that is dead"


def test_a_failing_check_is_told_in_the_review(scene: Scene) -> None:
    path = scene.finish(scene.step(scene.goal(), "mix"))
    (scene.workspace.root / path).unlink()
    found = review_now(scene.workspace, scene.ledger, terms())
    assert any("artifacts" in each and path in each for each in found.failing), found.failing


def test_looking_at_a_review_writes_nothing(scene: Scene) -> None:
    scene.goal()
    before = kinds(scene)
    review_now(scene.workspace, scene.ledger, terms())
    assert kinds(scene) == before
    assert not (scene.workspace.root / "MEMORY.md").exists()


def test_notes_of_the_rest_of_the_day_stand_above_the_review(scene: Scene) -> None:
    goal = scene.goal()
    write_review(scene.workspace, scene.ledger, terms())
    scene.finish(scene.step(goal, "mix"))
    scene.refresh()
    note = scene.note()
    assert note.index("completed «Do mix»") < note.index("🌙 Review")


# ── the timekeeper ───────────────────────────────────────────────────────────────────────────────


def test_the_timekeeper_writes_each_part_once_through_restarts_and_clock_jumps(
    scene: Scene,
) -> None:
    keeper(scene).look()
    looks = [
        "2026-01-01T17:29", "2026-01-01T17:30", "2026-01-01T17:31",  # to the minute
        "2026-01-01T12:00", "2026-01-01T17:30",  # the clock was set back, and comes again
        "2026-01-01T23:31", "2026-01-02T09:00",
        "2027-01-02T09:00", "2026-01-02T09:01",  # a year ahead by mistake, and back
        "2026-01-02T17:30",
    ]  # fmt: skip
    for moment in looks:
        at(scene, moment)
        scene.reopened()
        keeper(scene).look()
    keys = [each.key for each in entries(scribe.log_of(scene.workspace).read_bytes())]
    assert keys == [
        "standup 2026-01-02 evening",
        "standup 2027-01-02 morning",
        "standup 2026-01-02 morning",
        "standup 2026-01-01 evening",
    ]
    assert kinds(scene).count("review.written") == 2  # of 2026-01-01, and of the year ahead


def test_a_schedule_set_by_a_clock_far_ahead_does_not_silence_the_crew(scene: Scene) -> None:
    at(scene, "2030-01-01T00:00")
    keeper(scene).look()
    at(scene, "2026-01-01T08:00")
    keeper(scene).look()
    at(scene, "2026-01-01T09:00")
    (done,) = keeper(scene).look()
    assert done.slot.key == "standup 2026-01-01 morning"


def test_a_schedule_that_was_just_set_owes_nothing_of_the_past(scene: Scene) -> None:
    scene.goal()
    at(scene, "2026-01-09T10:00")
    assert keeper(scene).look() == []
    told = write_standup(scene.workspace, scene.ledger, terms())
    assert told is not None
    assert (told.missed, told.slot) == ((), None)


def test_a_page_in_the_way_is_reported_once_and_tried_again(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    one = keeper(scene)
    one.look()
    at(scene, "2026-01-01T17:30")
    scribe.log_of(scene.workspace).mkdir()
    for _ in range(3):
        one.look()
    assert len(caplog.records) == 1
    scribe.log_of(scene.workspace).rmdir()
    one.look()
    assert "Evening Stand-up (2026-01-01)" in log(scene)
    assert kinds(scene).count("standup.written") == 1


def test_the_timesheet_remembers_what_it_needs_and_no_more(scene: Scene) -> None:
    for day in range(80):
        at(scene, f"2026-0{1 + day // 28}-{1 + day % 28:02d}T09:00")
        write_standup(scene.workspace, scene.ledger, terms())
    with scene.ledger.read() as tx:
        sheet = timesheet.read(tx)
    assert sheet is not None
    assert len(sheet.kept) == 64
