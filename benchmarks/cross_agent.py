"""The whole data path as a crew's goal: a recipe and a matrix to audited sets, with QA's verdicts.

    .venv/bin/python benchmarks/cross_agent.py [--rows 6665] [--per-target 20000] [--rounding truncate]

A fresh workspace, the shipped recipe and matrix, offline templates, one crew process: imports included.
The seconds of each step are from its beginning to QA's verdict, by the ledger's events; CPU and memory
are the crew's process. Beside it the same verbs from a shell script, without ledger, reviews or board: what
the crew costs. It ends with what the ledger proves: artifacts by their hash, and QA's verdicts.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
COPIES = ("duplicate", "duplicate-stripped", "duplicate-answer", "cross-agent-reuse")
POLICY = '\n[[policies]]\nname = "drop"\nkind = "data-treatment"\nchoose = "drop"\n'


def crewboard(*arguments: object, at: Path) -> str:
    command = [str(BIN / "crewboard"), *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=at, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.returncode}\n{done.stderr}")
    return done.stdout


def measured(act: Callable[[], object]) -> dict[str, float]:
    """Wall and CPU seconds of what `act` starts, and the memory of its largest process so far."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    act()
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall s": wall, "CPU s": cpu, "MB": after.ru_maxrss / 1024}


def by_script(folder: Path, given: argparse.Namespace) -> None:
    """The same verbs, one after the other."""

    def verb(*arguments: object) -> None:
        crewboard("data", *arguments, "--out", f"s/{arguments[0]}-{len(done)}", at=folder)
        done.append(sorted((folder / f"s/{arguments[0]}-{len(done)}").glob("*")))

    def rows(of: int) -> str:
        return next(str(p) for p in done[of] if p.match("rows*.jsonl") and "dropped" not in p.name)

    done: list[list[Path]] = []
    verb("generate", "recipes/support-desk.toml", "--rows", given.rows)
    crewboard(
        "data", "convert", "s/generate-0/rows.jsonl", "--to", "chat", "--out", "s/c", at=folder
    )
    chat = next(str(p) for p in (folder / "s/c").glob("*.jsonl") if "dropped" not in p.name)
    crewboard("data", "audit", chat, at=folder)
    verb("dedup", chat)
    verb("scrub", rows(1))
    verb("convert", rows(2), "--to", "adp")
    matrix = ("--matrix", "recipes/support-desk.matrix.toml", "--by", "agent_name")
    drawn = ("--rows", given.per_target, "--rounding", given.rounding)
    verb("expand", rows(3), *matrix, *drawn)
    expanded = next(p for p in done[4] if p.is_dir())
    verb("convert", expanded, "--to", "openai", "--plain")
    sets = next(p for p in done[5] if p.is_dir())
    crewboard("data", "check", sets, "--for", "openai", at=folder)
    config = folder / "audit.toml"
    config.write_text("[tolerate]\n" + "".join(f"{rule} = 0.95\n" for rule in COPIES))
    crewboard("data", "audit", sets, "--config", config, at=folder)


def by_crew(folder: Path, given: argparse.Namespace) -> None:
    sources = [
        part
        for name in ("support-desk.toml", "support-desk.matrix.toml")
        for part in ("--data", f"recipes/{name}")
    ]
    wanted = {"rows": given.rows, "per_target": given.per_target, "rounding": given.rounding}
    pairs = [part for name, value in wanted.items() for part in ("--set", f"{name}={value}")]
    goal = ["start", "Fill up a set for each agent", "--pipeline", "cross_agent"]
    crewboard("--workspace", "w", *goal, *sources, *pairs, "--wait", at=folder)


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
        crewboard("init", "w", at=folder)
        with (folder / "w" / "crewboard.toml").open("a") as file:
            file.write(POLICY)
        crewboard("data", "recipes", "support-desk", at=folder)
        script = measured(lambda: by_script(folder, given))
        crew = measured(lambda: by_crew(folder, given))
        for title, seconds in steps(folder):
            print(f"{title:50} {seconds:7.1f} s")
        for what, figures in (("script", script), ("crew", crew)):
            print(f"{what:8}" + "".join(f"{v:9.1f} {k}" for k, v in figures.items()))
        print(f"crew / script: {crew['CPU s'] / script['CPU s']:.2f} of CPU")
        events = told(folder, "events")
        made = {e["data"]["sha256"] for e in events if e["kind"] == "artifact.made"}
        signed = [e["data"] for e in events if e["kind"] == "verdict.signed"]
        accepted = {each["sha256"] for each in signed if each["judgement"] == "accept"}
        print(f"{len(made)} artifacts by hash, {len(made & accepted)} accepted by QA")


if __name__ == "__main__":
    main()
