"""F28: `expand` and `mix` start again after a kill; what a killed run had spooled does not pile up."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from crewboard.agents.crew import Crew
from crewboard.agents.office import Office
from crewboard.canonical import sha256_file
from crewboard.coordination import artifacts, budget, tasks
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.ingress import receive
from crewboard.coordination.tasks import State
from crewboard.coordination.workspace import Workspace

ROWS = 5000
HERE = Path(__file__).resolve()
TOOLS: list[tuple[str, dict[str, Any]]] = [
    ("expand", {"agents": ["one", "two"], "rows": 3000, "matrix": "matrix.toml"}),
    ("mix", {"names": ["one", "two"], "ratios": [0.5, 0.5], "rows": 3000}),
]
MATRIX = "[compatibility]\none = { one = 1.0, two = 0.5 }\ntwo = { one = 0.5, two = 1.0 }\n"


def _workspace(folder: Path, tool: str, arguments: dict[str, Any]) -> Workspace:
    """A crew that is to run one tool on two files of rows."""
    workspace, _ = Workspace.init(folder / "ws", "ada")
    (workspace.root / "matrix.toml").write_text(MATRIX)
    files = [folder / f"{name}.jsonl" for name in ("one", "two")]
    for file in files:
        file.write_bytes(b"".join(_row(file.stem, number) for number in range(ROWS)))
    given = {"sources": [str(file) for file in files], **arguments}
    step = {"name": "make", "title": "Make the set", "tool": tool, "arguments": given}
    answers = {
        "lead/understand": {"summary": "make a set"},
        "lead/plan": {"steps": [step]},
        "lead/replan": {"give_up": "there is no other way"},
    }
    script = folder / "answers.json"
    script.write_text(json.dumps(answers))
    sources = {str(file): sha256_file(file) for file in files}
    spec = {"kind": "goal", "model": f"scripted/{script}", "sources": sources}
    with Office.open(workspace).ledger.write() as tx:
        goal = receive(tx, Envelope("human:ada", "lead", "m1", "Make the set", spec)).task
        budget.set_ceiling(tx, f"goal:{goal}", 0)
    return workspace


def _row(name: str, number: int) -> bytes:
    said = [("user", f"{name} asks for {number} boats"), ("assistant", f"{number} boats.")]
    messages = [{"role": role, "content": text} for role, text in said]
    return orjson.dumps({"messages": messages}) + b"\n"


def _killed(workspace: Workspace, nth: int) -> None:
    environ = {**os.environ, "PYTHONPATH": str(HERE.parents[2] / "src")}
    command = [sys.executable, str(HERE.with_name("dying_crew.py")), str(workspace.root), str(nth)]
    done = subprocess.run(command, env=environ, check=False)
    assert done.returncode == -signal.SIGKILL


def _left(workspace: Workspace) -> list[str]:
    """What tools have written below the crew's state, beside its books."""
    found = [
        path for part in ("work", "jobs") for path in (workspace.state / part).rglob("*")
        if path.is_file()
    ]  # fmt: skip
    return sorted(path.relative_to(workspace.state).as_posix() for path in found)


@pytest.mark.parametrize(("tool", "arguments"), TOOLS, ids=[tool for tool, _ in TOOLS])
def test_a_killed_run_names_nothing_and_the_next_one_takes_its_leftovers_away(
    tmp_path: Path, tool: str, arguments: dict[str, Any]
) -> None:
    workspace = _workspace(tmp_path, tool, arguments)
    counts = []
    for nth in (1, 7, 7, 7):
        _killed(workspace, nth)
        assert [path for path in (workspace.root / "data").rglob("*") if path.is_file()] == []
        counts.append(len(_left(workspace)))
    assert 0 < counts[1] == counts[2] == counts[3]
    with Crew(Office.open(workspace)) as crew:
        crew.run(lambda: False)
    with Office.open(workspace).ledger.read() as tx:
        [step] = [task for task in tasks.everything(tx) if task.step == "make"]
        made = artifacts.of_task(tx, step.id)
    assert step.state is State.COMPLETED
    assert "dropped" in made
    assert _left(workspace) == []
