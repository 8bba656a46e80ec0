"""Processes, editors and git at one board: every edit arrives, and none arrives twice."""

import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from integration.board.store_process import begin, opened, share

from crewboard.coordination.board.store import BoardStore
from crewboard.errors import PageBusy

DRIVER = Path(__file__).with_name("store_process.py")
CREW = 8
PEOPLE = {"in-place": 20, "rename": 20, "stale-in-place": 6, "stale-rename": 6, "git": 8}


def start(role: str, how: str, board: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, DRIVER, role, how, board, name, str(count)]
    return subprocess.Popen(
        [str(each) for each in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def watch(store: BoardStore, running: list[subprocess.Popen[str]]) -> None:
    """What a crew at rest does: it looks at the board until the last one has gone."""
    while any(each.poll() is None for each in running):
        with suppress(PageBusy):  # somebody is at it: the next look will do
            store.take_in()
        time.sleep(0.05)


def tokens(running: list[subprocess.Popen[str]]) -> Counter[str]:
    said: Counter[str] = Counter()
    for each in running:
        out, errors = each.communicate()
        assert each.returncode == 0, errors
        assert not errors
        said.update(out.split())
    return said


def found(board: Path) -> Counter[str]:
    lines = board.read_text(encoding="utf-8").split("\n")
    return Counter(line.strip("- ") for line in lines if line.startswith("  - "))


@pytest.fixture
def board(tmp_path: Path) -> Path:
    path = tmp_path / "mine" / "KANBAN.md"
    path.parent.mkdir()
    begin(path, 60)
    share(path)
    return path


@pytest.mark.parametrize(
    ("how", "edits"), [("store", 242), ("portable", 40)]
)  # 2,004 and 388 in all
def test_every_edit_of_eight_processes_and_five_people_arrives_once(
    board: Path, how: str, edits: int
) -> None:
    """F1, F3: a stale writer is merged, and never trusted over newer work."""
    store = opened(how, board)
    store.take_in()
    with ExitStack() as ending:
        running = [start("crew", how, board, f"crew{n}", edits) for n in range(CREW)]
        running += [start(role, how, board, role, count) for role, count in PEOPLE.items()]
        for each in running:
            ending.enter_context(each)
            ending.callback(each.kill)
        watch(store, running)
        expected = tokens(running)
    store.take_in()
    assert found(board) == expected
    assert sum(expected.values()) == CREW * edits + sum(PEOPLE.values()) + PEOPLE["git"]
    assert b"<<<<<<<" not in board.read_bytes()
