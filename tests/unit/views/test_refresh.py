"""Bringing the pages up to date: what is written, what is left alone, and what cannot stop a crew."""

import logging
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from unit.views.scenes import UNPAID, Scene

from crewboard.coordination import tasks, views
from crewboard.coordination.tasks import State
from crewboard.memory.page import locked

HEAVY = ("pydantic", "rich", "langgraph", "a2a", "httpx", "asyncio", "orjson", "ctypes")
ASK = "import sys, crewboard.coordination.views; print(*sys.modules)"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene.at(tmp_path)


def test_looking_loads_only_the_standard_library() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()).isdisjoint(HEAVY)


def test_an_empty_ledger_writes_nothing(scene: Scene) -> None:
    before = scene.board()
    assert scene.refresh() == before
    assert not list(scene.workspace.notes.iterdir())


def test_twice_is_the_same_bytes_in_another_process_too(scene: Scene) -> None:
    scene.finish(scene.step(scene.goal(), "mix"))
    once, noted = scene.refresh(), scene.note()
    assert scene.refresh() == once
    scene.reopened()
    assert scene.refresh() == once
    assert scene.note() == noted


def test_what_people_wrote_survives_whatever_the_crew_does(scene: Scene) -> None:
    """F1, F3."""
    goal = scene.goal()
    step = scene.step(goal, "mix")
    board = scene.refresh().replace("## 🚫 Blocked\n", "- my own card\n\n## 🚫 Blocked\n")
    board = (
        board.replace(f"^{step.id}\n", f"^{step.id}\n  - ask Bo first\n") + "\n## Ideas\n* none\n"
    )
    scene.workspace.board.write_text(board)
    scene.finish(step)
    after = scene.refresh()
    assert scene.column(step.id) == "✅ Done"
    assert "ask Bo first" in scene.block(step.id)
    for line in ("- my own card", "## Ideas", "* none"):
        assert line in after.splitlines()


def test_a_board_that_was_overwritten_keeps_both_what_it_says_now_and_the_cards(
    scene: Scene,
) -> None:
    """F1: a commit that rewrote the board from a stale copy erased what was decided since."""
    goal = scene.goal()
    scene.refresh()
    scene.workspace.board.write_text("# Mine\n")
    assert scene.refresh().startswith("# Mine\n")
    scene.move(goal, State.WORKING)
    assert scene.refresh().startswith("# Mine\n")
    assert scene.column(goal.id) == "🔨 In Progress"


def test_a_refresh_with_nothing_new_waits_for_nobody(
    scene: Scene, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crewboard.coordination.views.pages._PATIENCE_S", 0.05)
    scene.goal()
    scene.refresh()
    with locked(scene.workspace.state / "views.lock"), caplog.at_level(logging.WARNING):
        scene.refresh()
        assert not caplog.records
        scene.goal("Another")
        scene.refresh()
    assert "PageBusy" in caplog.text


def test_last_synced_is_the_last_events_minute_and_never_runs_backwards(scene: Scene) -> None:
    """F2."""
    goal = scene.goal()
    assert "_Last synced: 2026-01-01 09:00 UTC (crew)_" in scene.refresh()
    scene.clock.advance(hours=3)
    assert "_Last synced: 2026-01-01 09:00 UTC (crew)_" in scene.refresh()
    scene.move(goal, State.WORKING)
    assert "_Last synced: 2026-01-01 12:01 UTC (crew)_" in scene.refresh()
    scene.clock.advance(hours=-5)
    scene.move(goal, State.COMPLETED)
    assert "_Last synced: 2026-01-01 12:01 UTC (crew)_" in scene.refresh()
    assert scene.column(goal.id) == "✅ Done"


def test_each_event_is_noted_once_even_after_a_crash_between_note_and_ledger(scene: Scene) -> None:
    scene.finish(scene.step(scene.goal(), "mix"))
    scene.refresh()
    noted = scene.note()
    with scene.reopened().write() as tx:
        tx.change("set_meta", name="noted", value="0")
    scene.refresh()
    assert scene.note() == noted


def test_a_bullet_that_somebody_took_out_stays_out(scene: Scene) -> None:
    goal = scene.goal()
    scene.refresh()
    scene.workspace.notes.joinpath("2026-01-01.md").write_text("# 2026-01-01\n- mine\n")
    scene.reopened()
    scene.move(goal, State.COMPLETED)
    scene.refresh()
    assert "set a goal" not in scene.note()
    assert "- mine\n" in scene.note()
    assert "completed «Make a dataset»" in scene.note()


def test_an_event_stands_in_the_notes_of_its_own_day(scene: Scene) -> None:
    goal = scene.goal()
    scene.clock.advance(hours=20)
    scene.move(goal, State.COMPLETED)
    scene.refresh()
    assert "set a goal" in scene.note(date(2026, 1, 1))
    assert "completed" in scene.note(date(2026, 1, 2))
    assert "completed" not in scene.note(date(2026, 1, 1))


def test_more_events_than_one_batch_are_all_noted(scene: Scene) -> None:
    with scene.ledger.write() as tx:
        for n in range(1100):
            tx.event("message.dead", "lead", None, None, to="qa", why=f"no. {n}")
    scene.refresh()
    assert scene.note().count("was given up: no. ") == 1100


def test_a_locked_board_is_told_once_and_written_when_it_is_free(
    scene: Scene, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crewboard.coordination.views.pages._PATIENCE_S", 0.05)
    goal = scene.goal()
    before = scene.board()
    with locked(scene.workspace.state / "board.lock"), caplog.at_level(logging.WARNING):
        assert scene.refresh() == before
        assert scene.refresh() == before
    assert [record.message.partition(": ")[2][:8] for record in caplog.records] == ["PageBusy"]
    assert "set a goal" in scene.note()  # the notes were free
    scene.refresh()
    assert scene.column(goal.id) == "📋 Backlog"


def test_a_board_that_is_no_file_stops_nobody(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    goal = scene.goal()
    scene.workspace.board.unlink()
    scene.workspace.board.mkdir()
    views.refresh(scene.workspace, scene.ledger)
    assert "BoardNotAFile" in caplog.text
    scene.workspace.board.rmdir()
    scene.refresh()
    assert scene.column(goal.id) == "📋 Backlog"


def test_notes_that_cannot_be_written_do_not_hold_up_the_board(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    goal = scene.goal()
    scene.workspace.notes.rmdir()
    scene.workspace.notes.write_text("not a folder")
    scene.refresh()
    assert scene.column(goal.id) == "📋 Backlog"
    assert "FileExistsError" in caplog.text
    scene.workspace.notes.unlink()
    scene.refresh()
    assert "set a goal" in scene.note()


def test_a_blocked_goal_reads_in_one_breath(scene: Scene) -> None:
    step = scene.step(scene.goal(), "generate")
    scene.move(step, State.FAILED, reason=UNPAID)
    scene.refresh()
    told = "«Do generate» is blocked: HTTP 402, unpaid; needed: settle the bill"
    assert f"^{step.id}: {told}" in scene.note()


def test_a_dropped_step_is_not_worth_a_note_but_a_dropped_goal_is(scene: Scene) -> None:
    goal = scene.goal()
    scene.step(goal, "mix", title="The step")
    scene.clock.advance(seconds=timedelta(minutes=1).seconds)
    with scene.ledger.write() as tx:
        tasks.cancel(tx, goal, "human:ada", "not now")
    scene.refresh()
    assert "withdrew «Make a dataset»: not now" in scene.note()
    assert "The step" not in scene.note()
