"""A crew that stays hears of a save while it waits: a goal that somebody writes onto the board is begun."""

import time
from pathlib import Path

from integration.cli.command import begin, crewboard, workspace

SOON_S = 20  # bounded, and generous: this machine may be busy


def test_a_card_written_while_a_crew_waits_is_taken_up(tmp_path: Path) -> None:
    place = tmp_path / "crew"
    workspace(place)
    (place / "rows.jsonl").write_bytes((tmp_path / "raw.jsonl").read_bytes())
    started = crewboard(
        "start", "Clean these rows", "--pipeline", "data", "--data", "rows.jsonl", at=place
    )
    assert started.returncode == 3, started.stderr  # it waits for a decision
    crew = begin("resume", "--stay", at=place)
    try:
        time.sleep(2)
        board = place / "KANBAN.md"
        line = "- Clean them again @crew data:rows.jsonl pipeline:data"
        board.write_text(board.read_text().replace("## 📋 Backlog\n", f"## 📋 Backlog\n{line}\n"))
        ends = time.monotonic() + SOON_S
        while f"{line} ^g" not in board.read_text() and time.monotonic() < ends:
            time.sleep(0.1)
        assert f"{line} ^g" in board.read_text()
    finally:
        crew.terminate()
        crew.communicate(timeout=60)
