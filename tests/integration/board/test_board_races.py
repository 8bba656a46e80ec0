"""Several writers, kills, and a person with an editor: the board is never torn, no line is lost.

The person saves by rename, as most editors do, and always saves what they just read plus a line of
their own. Not shown here, because it is not promised: an editor that writes in place into a file while
it is replaced, and one that saves a stale buffer over newer work of the crew (the crew writes that
work again at its next sync).
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest

PROCESS = Path(__file__).with_name("board_process.py")
WRITERS = 4
SYNCS = 12
LINES = 30


def start(role: str, board: Path, seed: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(PROCESS), role, str(board), str(seed), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("kills", [200])
def test_no_kill_leaves_a_torn_board(tmp_path: Path, kills: int) -> None:
    process = start("kills", tmp_path / "KANBAN.md", 7, kills)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said


def type_lines(board: Path, running: list[subprocess.Popen[str]]) -> list[str]:
    """Append lines of one's own, one save each, until there are enough and all writers are done."""
    typed: list[str] = []
    while len(typed) < LINES or any(each.poll() is None for each in running):
        typed.append(f"- mine {len(typed)}")
        draft = board.with_name("draft.md")
        draft.write_bytes(board.read_bytes() + f"{typed[-1]}\n".encode())
        draft.replace(board)
        time.sleep(0.03)
    return typed


def test_four_writers_and_a_person_lose_no_line(tmp_path: Path) -> None:
    board = tmp_path / "KANBAN.md"
    board.write_text("# Race\n\n## 📝 Notes\n- mine first\n")
    running = [start("writer", board, n * SYNCS, SYNCS) for n in range(WRITERS)]
    typed = type_lines(board, running)
    for each in running:
        said, _ = each.communicate(timeout=120)
        assert each.returncode == 0, said
    lines = board.read_text().split("\n")
    assert [line for line in lines if line.startswith("- mine")] == ["- mine first", *typed]
    assert sum(line.startswith("- **Task") for line in lines) == 40


def test_four_writers_alone_leave_what_the_last_of_them_said(tmp_path: Path) -> None:
    board = tmp_path / "KANBAN.md"
    running = [start("writer", board, n * SYNCS, SYNCS) for n in range(WRITERS)]
    for each in running:
        said, _ = each.communicate(timeout=120)
        assert each.returncode == 0, said
    cards = [line for line in board.read_text().split("\n") if line.startswith("- **Task")]
    assert len(cards) == len(set(cards)) == 40
    assert len({card.split(" — ")[1].split(" ^")[0] for card in cards}) == 1
