"""By hand, from cron and by `serve` at the same moment: one stand-up, one review."""

import subprocess
import sys
from pathlib import Path

from unit.views.scenes import Scene

from crewboard.coordination.ledger import Event
from crewboard.coordination.reporting import scribe

PROGRAM = """
import sys
from datetime import time
from pathlib import Path
from crewboard.coordination.reporting.keeping import Terms, write_review, write_standup
from crewboard.coordination.reporting.schedule import Schedule
from crewboard.coordination.workspace import Workspace

place, terms = Workspace(Path(sys.argv[1])), Terms("human:ada", Schedule((time(0), time(12))))
ledger = place.ledger()
print("ready", flush=True)
sys.stdin.readline()
for _ in range(5):
    write_standup(place, ledger, terms, "morning")
    write_standup(place, ledger, terms, "evening")
    write_review(place, ledger, terms)
"""


def _all_at_once(running: list["subprocess.Popen[str]"]) -> list["subprocess.Popen[str]"]:
    for each in running:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    return running


def test_five_processes_that_write_at_once_write_once(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    scene.finish(scene.step(scene.goal(), "mix"))
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(5)]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    codes = [each.communicate(timeout=120) and each.returncode for each in _all_at_once(running)]
    assert codes == [0] * 5
    with scene.ledger.read() as tx:
        kinds = [Event.of(row).kind for row in tx.run("events_after", seq=0, count=10_000)]
    assert kinds.count("standup.written") == 2
    assert kinds.count("review.written") == 1
    log = scribe.log_of(scene.workspace).read_text()
    assert log.count("<!-- standup ") == 2
    assert log.count("Morning Stand-up") == 1
    (note,) = [p for p in scene.workspace.notes.glob("*.md") if "🌙" in p.read_text()]
    assert note.read_text().count("<!-- s:review -->") == 1
