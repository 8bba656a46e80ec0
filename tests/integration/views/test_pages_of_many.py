"""Several processes keep one workspace's pages: nothing is told twice, nothing old covers the new."""

import re
import subprocess
import sys
from pathlib import Path

from unit.views.scenes import Scene

from crewboard.coordination.tasks import State

PROGRAM = Path(__file__).with_name("refreshing_process.py")
GOALS = 12


def test_pages_that_three_processes_write_end_as_the_ledger_has_it(tmp_path: Path) -> None:
    """F1: a stale writer never covers newer work. F3: no line is lost and none is doubled."""
    scene = Scene.at(tmp_path)
    command = [sys.executable, str(PROGRAM), str(tmp_path)]
    others = [subprocess.Popen(command) for _ in range(3)]
    try:
        goals = [scene.goal(f"Goal {n}") for n in range(GOALS)]
        for goal in goals:
            scene.move(goal, State.WORKING)
            scene.move(goal, State.COMPLETED)
    finally:
        (scene.workspace.state / "stop").touch()
        codes = [other.wait(timeout=120) for other in others]
    assert codes == [0, 0, 0]
    assert [scene.column(goal.id) for goal in goals] == ["✅ Done"] * GOALS
    board = scene.board()
    assert [board.count(f"^{goal.id}\n") for goal in goals] == [1] * GOALS
    told = re.findall(r"<!-- e:(\d+)\.", scene.note())
    assert len(told) == len(set(told)) == 2 * GOALS
    assert scene.refresh() == board


def test_a_process_that_is_killed_while_it_writes_leaves_pages_that_the_next_completes(
    tmp_path: Path,
) -> None:
    scene = Scene.at(tmp_path)
    command = [sys.executable, str(PROGRAM), str(tmp_path)]
    goals = []
    for n in range(5):
        with subprocess.Popen(command) as other:
            goals += [scene.goal(f"Goal {n}.{m}") for m in range(20)]
            other.kill()
    board = scene.refresh()
    assert [board.count(f"^{goal.id}\n") for goal in goals] == [1] * len(goals)
    told = re.findall(r"<!-- e:(\d+)\.", scene.note())
    assert sorted(map(int, told)) == [n + 1 for n in range(len(goals))]
