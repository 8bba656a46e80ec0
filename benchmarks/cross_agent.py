"""The whole data path as a crew's goal: a recipe and a matrix to audited sets, with QA's verdicts.

    .venv/bin/python benchmarks/cross_agent.py [--rows 6665] [--per-target 20000] [--rounding truncate]

A fresh workspace, the shipped recipe and matrix, offline templates, one crew process: imports included.
The seconds of each step are from its handing out to QA's verdict, by the ledger's events; CPU and memory
are the crew's process. It ends with what the ledger proves: every artifact's hash and its verdict.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
POLICY = '\n[[policies]]\nname = "drop"\nkind = "data-treatment"\nchoose = "drop"\n'


def crewboard(*arguments: object, at: Path) -> str:
    command = [str(BIN / "crewboard"), *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=at, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


def run(folder: Path, given: argparse.Namespace) -> dict[str, float]:
    crewboard("init", "w", at=folder)
    with (folder / "w" / "crewboard.toml").open("a") as file:
        file.write(POLICY)
    crewboard("data", "recipes", "support-desk", at=folder)
    sources = [
        part
        for name in ("support-desk.toml", "support-desk.matrix.toml")
        for part in ("--data", f"recipes/{name}")
    ]
    wanted = {"rows": given.rows, "per_target": given.per_target, "rounding": given.rounding}
    pairs = [part for name, value in wanted.items() for part in ("--set", f"{name}={value}")]
    goal = ["start", "Fill up a set for each agent", "--pipeline", "cross_agent"]
    began = time.monotonic()
    crewboard("--workspace", "w", *goal, *sources, *pairs, "--wait", at=folder)
    wall = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"wall s": wall, "CPU s": used.ru_utime + used.ru_stime, "MB": used.ru_maxrss / 1024}


def told(folder: Path, verb: str) -> list[dict[str, Any]]:
    found = json.loads(crewboard("--workspace", "w", verb, "--json", at=folder))
    return list(found[verb] if isinstance(found, dict) else found)


def steps(folder: Path) -> list[tuple[str, float]]:
    """(title, seconds) of each step, in the order in which they ended."""
    began: dict[str, datetime] = {}
    found = []
    titles = {task["id"]: task["title"] for task in told(folder, "tasks")}
    for event in told(folder, "events"):
        task, at = event["task"], datetime.fromisoformat(event["at"])
        state = event["data"].get("state") if event["kind"] == "task.moved" else None
        if state == "WORKING":
            began.setdefault(task, at)
        if state == "COMPLETED" and task in began and not titles[task].startswith("Review"):
            found.append((titles[task], (at - began[task]).total_seconds()))
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=6665)
    parser.add_argument("--per-target", type=int, default=20_000)
    parser.add_argument("--rounding", default="largest-remainder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures = run(folder, given)
        for title, seconds in steps(folder):
            print(f"{title:50} {seconds:7.1f} s")
        for key, value in figures.items():
            print(f"{key:8} {value:9.1f}")
        events = told(folder, "events")
        made = {e["data"]["sha256"] for e in events if e["kind"] == "artifact.made"}
        signed = [e["data"] for e in events if e["kind"] == "verdict.signed"]
        accepted = {each["sha256"] for each in signed if each["judgement"] == "accept"}
        print(f"{len(made)} artifacts by hash, {len(made & accepted)} accepted by QA")


if __name__ == "__main__":
    main()
