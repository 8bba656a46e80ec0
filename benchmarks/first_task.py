"""How long it takes from `crewboard start` to the first task that is done, and to the end of a small goal.

    .venv/bin/python benchmarks/first_task.py [REPEATS]

A fresh workspace, 300 generated rows, the `data` pipeline on `rules`, one process: imports included. The
times are read from the ledger's events. CPU is the crew's process with its children.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

BIN = Path(sys.executable).parent
POLICY = '[[policies]]\nname = "drop"\nkind = "data-treatment"\nchoose = "drop"\n'


def run(folder: Path) -> dict[str, float]:
    rows = folder / "rows.jsonl"
    generate = [
        sys.executable,
        "-m",
        "crewboard.tools.generate",
        rows,
        "--rows",
        "300",
        "--seed",
        "1",
    ]
    subprocess.run(generate, check=True, capture_output=True)
    workspace = folder / "ws"
    workspace.mkdir()
    (workspace / "crewboard.toml").write_text(POLICY)
    crewboard = [BIN / "crewboard", "--workspace", workspace]
    subprocess.run([*crewboard, "init", workspace], check=True, capture_output=True)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    start = [*crewboard, "start", "Clean the data", "--pipeline", "data", "--data", rows]
    subprocess.run(
        start, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    wall = time.time() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*crewboard, "events", "--json"], check=True, capture_output=True, text=True
    )
    events = json.loads(done.stdout)
    events = events["events"] if isinstance(events, dict) else events
    ended = [e for e in events if e["kind"] == "task.moved" and e["data"]["state"] == "COMPLETED"]
    first = datetime.fromisoformat(ended[0]["at"]).timestamp() - began
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"first task s": first, "whole goal s": wall, "CPU s": cpu, "MB": after.ru_maxrss / 1024}


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    figures: list[dict[str, float]] = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as name:
            figures.append(run(Path(name)))
    print(f"median of {repeats} runs")
    for name in figures[0]:
        print(f"{name:13} {statistics.median(each[name] for each in figures):8.2f}")


if __name__ == "__main__":
    main()
