"""A writer that is killed with SIGKILL leaves a whole board, and whoever comes next goes on."""

import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("killed_process.py")


@pytest.mark.parametrize(("role", "count"), [("anywhere", 200), ("steps", 29)])
def test_no_kill_tears_loses_or_doubles(tmp_path: Path, role: str, count: int) -> None:
    """F1: at moments of chance, with a person saving stale texts between; and at every 29th line."""
    command = [sys.executable, DRIVER, role, tmp_path / "KANBAN.md", str(count)]
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
