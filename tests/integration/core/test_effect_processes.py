"""kill -9 at every boundary of the journal, in a real process, against a till in a file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import crewboard
from crewboard.coordination import decisions, tasks
from crewboard.coordination.ledger import Event, Ledger, verify
from crewboard.coordination.tasks import NewTask

PROCESS = Path(__file__).with_name("effect_process.py")
SAME_CODE = {**os.environ, "PYTHONPATH": str(Path(crewboard.__file__).parents[1])}
POINTS = {
    "before-commit-1": "bought",  # nothing was written: it simply happens now
    "after-commit-1": "asked",
    "before-call": "asked",
    "after-call": "asked",
    "before-commit-2": "asked",
    "after-commit-2": "bought",  # the result stands
}
"""Where the first process dies, and what the next one says of an effect that may happen only once."""


def perform(folder: Path, task: str, kind: str, point: str) -> "subprocess.CompletedProcess[bytes]":
    where = [str(folder / "ledger.db"), task, str(folder / "till")]
    return subprocess.run(
        [sys.executable, str(PROCESS), *where, kind, point],
        check=False,
        capture_output=True,
        env=SAME_CODE,
    )


@pytest.mark.parametrize("kind", ["keyed", "at_most_once"])
@pytest.mark.parametrize("point", POINTS)
def test_an_effect_survives_kill_9_at_every_boundary(tmp_path: Path, kind: str, point: str) -> None:
    """Nothing is paid twice: the till has at most one line, and exactly one where the key is honoured."""
    ledger = Ledger.open(tmp_path / "ledger.db")
    with ledger.write() as tx:
        task = tasks.create(tx, NewTask("work", "executor", "lead", "Buy", {}))
    killed = perform(tmp_path, task.id, kind, point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    expected = POINTS[point] if kind == "at_most_once" else "bought"
    for _ in range(2):
        assert perform(tmp_path, task.id, kind, "").stdout.decode() == expected
    till = tmp_path / "till"
    charges = till.read_text().split() if till.exists() else []
    assert len(charges) <= 1
    if expected == "bought":
        assert len(charges) == 1
    with ledger.read() as tx:
        assert len(decisions.waiting(tx)) == (expected == "asked")
        assert verify(Event.of(row) for row in tx.run("events_after", seq=0, count=999)) is None
