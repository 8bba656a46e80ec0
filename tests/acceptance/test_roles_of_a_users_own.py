"""A role that a user adds in crewboard.toml works beside the built-in ones, within what it was given."""

import json
from pathlib import Path
from typing import Any

import pytest

from crewboard.agents.crew import Crew
from crewboard.agents.office import Office
from crewboard.canonical import sha256_file
from crewboard.coordination import artifacts, budget, tasks, verdicts
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.ingress import receive
from crewboard.coordination.tasks import State, Task
from crewboard.coordination.workspace import Workspace
from crewboard.errors import ConfigInvalid
from crewboard.tools.generate import word_problems

CONFIG = """
[crew]
owner = "ada"

[roles.curator]
summary = "reads what comes in"
prompt = "curator.md"
tools = ["ingest", "audit"]
may_sign = false
"""
STEP = {
    "name": "look",
    "title": "Look at the rows",
    "role": "curator",
    "instruction": "Ingest the rows and audit them.",
}


def _office(folder: Path, act: list[dict[str, Any]], config: str = CONFIG) -> Office:
    workspace, _ = Workspace.init(folder / "ws", "ada")
    workspace.config.write_text(config)
    (workspace.root / "curator.md").write_text("You are careful.")
    answers = {
        "lead/understand": {"summary": "look at the rows"},
        "lead/plan": {"steps": [STEP]},
        "executor/act": act,
        "lead/replan": {"give_up": "there is no other way"},
    }
    (folder / "answers.json").write_text(json.dumps(answers))
    return Office.open(workspace)


def _goal(office: Office, folder: Path) -> str:
    rows = folder / "rows.jsonl"
    rows.write_bytes(b"".join(line + b"\n" for line in word_problems(40, 3)))
    with office.ledger.write() as tx:
        spec = {
            "kind": "goal",
            "sources": {str(rows.resolve()): sha256_file(rows)},
            "model": f"scripted/{folder / 'answers.json'}",
        }
        goal = receive(tx, Envelope("human:ada", "lead", "m1", "Look at the rows", spec)).task
        budget.set_ceiling(tx, f"goal:{goal}", 0)
    return goal


def _run(office: Office) -> dict[str, Task]:
    with Crew(office) as crew:
        crew.run(lambda: False)
    with office.ledger.read() as tx:
        return {task.step or task.kind: task for task in tasks.everything(tx)}


def test_a_role_of_the_workspace_works_with_its_tools_and_is_judged_by_qa(tmp_path: Path) -> None:
    rows = str((tmp_path / "rows.jsonl").resolve())
    act: list[dict[str, Any]] = [
        {"tool": "ingest", "arguments": {"files": [rows]}},
        {"done": True, "summary": "the rows are chat now"},
    ]
    office = _office(tmp_path, act)
    _goal(office, tmp_path)
    found = _run(office)
    assert found["look"].state is State.COMPLETED
    assert found["goal"].state is State.COMPLETED
    with office.ledger.read() as tx:
        made = artifacts.of_task(tx, found["look"].id)
        signed = verdicts.of_task(tx, found["look"].id)
    assert {artifact.made_by for artifact in made.values()} == {"curator"}
    assert {verdict.signer for verdict in signed} == {"qa"}
    assert {verdict.sha256 for verdict in signed} == {a.sha256 for a in made.values()}


def test_a_role_that_asks_for_a_tool_it_does_not_hold_is_told_so_and_blocked(
    tmp_path: Path,
) -> None:
    forbidden = {"tool": "dedup", "arguments": {"data": "data/rows.jsonl"}}
    office = _office(tmp_path, [forbidden] * 3)
    _goal(office, tmp_path)
    found = _run(office)
    assert found["look"].state is State.FAILED
    assert found["look"].reason is not None
    assert "does not hold that tool" in found["look"].reason.cause
    with office.ledger.read() as tx:
        assert not artifacts.everything(tx)


def test_a_role_is_shown_what_went_wrong_with_its_call_and_may_go_on(tmp_path: Path) -> None:
    rows = str((tmp_path / "rows.jsonl").resolve())
    act: list[dict[str, Any]] = [
        {"tool": "ingest", "arguments": {"files": ["nowhere.jsonl"]}},
        {"tool": "ingest", "arguments": {"files": [rows]}},
        {"done": True},
    ]
    office = _office(tmp_path, act)
    _goal(office, tmp_path)
    found = _run(office)
    assert found["look"].state is State.COMPLETED
    with office.ledger.read() as tx:
        told = [row["result"] for row in tx.run("effects_of_task", task=found["look"].id)]
    assert any("nowhere.jsonl does not exist" in (each or "") for each in told)


def test_a_role_that_never_ends_is_stopped_after_its_steps(tmp_path: Path) -> None:
    rows = str((tmp_path / "rows.jsonl").resolve())
    act: list[dict[str, Any]] = [{"tool": "ingest", "arguments": {"files": [rows]}}] * 9
    office = _office(tmp_path, act, CONFIG + "\n[limits]\nsteps = 3\n")
    _goal(office, tmp_path)
    found = _run(office)
    assert found["look"].state is State.FAILED
    assert found["look"].reason is not None
    assert "3 steps" in found["look"].reason.cause


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ('[roles.lead]\nprompt = "x.md"', "roles.lead"),
        ('[roles.mine]\ntools = ["no-such-tool"]', "no-such-tool"),
        ("[roles.mine]\nspending = 3", "roles.mine.spending"),
    ],
)
def test_a_wrong_role_stops_the_start_with_its_place(
    tmp_path: Path, config: str, says: str
) -> None:
    workspace, _ = Workspace.init(tmp_path / "ws", "ada")
    workspace.config.write_text(config)
    (workspace.root / "x.md").write_text("x")
    with pytest.raises(ConfigInvalid, match=says):
        Office.open(workspace)
