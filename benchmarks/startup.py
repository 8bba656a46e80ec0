"""How long a verb takes to start: CPU milliseconds (user and system) of whole processes.

    python benchmarks/startup.py [RUNS]

Each round runs every command once, in turn, so that a busy moment of the machine falls on all of them.
Prints the median, the best and the worst of each, and its distance from a bare interpreter. The target
is 150 ms for each verb.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 15
TARGET_MS = 150
CREWBOARD = [sys.executable, "-m", "crewboard"]
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "crewboard --help": [*CREWBOARD, "--help"],
    "crewboard board": [*CREWBOARD, "board"],
    "crewboard status": [*CREWBOARD, "status"],
    "crewboard tasks": [*CREWBOARD, "tasks"],
    "crewboard decisions": [*CREWBOARD, "decisions"],
    "crewboard standup": [*CREWBOARD, "standup"],
}


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        _workspace(here)
        for command in COMMANDS.values():  # the first run writes bytecode
            _cpu_ms(command, here)
        taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for _ in range(runs):
            for name, command in COMMANDS.items():
                taken[name].append(_cpu_ms(command, here))
    _tell(taken, runs)


def _workspace(here: Path) -> None:
    """With one goal that has come to its question: a board, notes, tasks, and a decision that waits."""
    _run([*CREWBOARD, "init"], here)
    rows = [sys.executable, "-m", "crewboard.tools.generate", "raw.jsonl", "--rows", "60"]
    _run(rows, here)
    _run([*CREWBOARD, "start", "Clean", "--pipeline", "data", "--data", "raw.jsonl"], here, code=3)


def _run(command: list[str], here: Path, code: int = 0) -> None:
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr}")


def _cpu_ms(command: list[str], here: Path) -> float:
    child = subprocess.Popen(command, cwd=here, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    said = child.stderr.read() if child.stderr else b""
    if child.stderr:
        child.stderr.close()
    if status:
        raise SystemExit(f"{command} failed: {said.decode()}")
    return (used.ru_utime + used.ru_stime) * 1000


def _tell(taken: dict[str, list[float]], runs: int) -> None:
    bare = statistics.median(next(iter(taken.values())))
    print(f"CPU ms, median of {runs} (best to worst), Python {sys.version.split()[0]}")
    for name, values in taken.items():
        median = statistics.median(values)
        spread = f"({min(values):.0f} to {max(values):.0f})"
        over = "" if median <= TARGET_MS else f"  OVER {TARGET_MS}"
        print(f"{name:<22} {median:6.0f} {spread:<13} +{median - bare:.0f}{over}")


if __name__ == "__main__":
    main()
