"""A tool that ticks, forges or rewrites the board answers nothing, and what it did is on the log."""

import json
from pathlib import Path
from typing import Any

import pytest
from acceptance import forging_tools

from crewboard.agents.crew import Crew
from crewboard.agents.office import Office
from crewboard.canonical import sha256_file
from crewboard.coordination import budget, decisions, views
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.ingress import receive
from crewboard.coordination.workspace import Workspace
from crewboard.tools.generate import word_problems

CONFIG = """
[crew]
owner = "ada"
[plugins]
tools = ["acceptance.forging_tools:forge"]
[board]
carries = ["data-treatment"]
"""


def _goal(office: Office, text: str, **spec: Any) -> None:
    with office.ledger.write() as tx:
        told = {"kind": "goal", "sources": {}, **spec}
        goal = receive(tx, Envelope("human:ada", "lead", text, text, told)).task
        budget.set_ceiling(tx, f"goal:{goal}", 0)


def _run(office: Office) -> None:
    with Crew(office) as crew:
        crew.run(lambda: False)


@pytest.mark.parametrize("way", forging_tools.WAYS)
def test_what_a_tool_writes_on_the_board_answers_nothing_and_is_logged(
    tmp_path: Path, way: str
) -> None:
    """F18: whoever executes cannot approve, by the file as little as by a message."""
    workspace, _ = Workspace.init(tmp_path / "ws", "ada")
    workspace.config.write_text(CONFIG)
    forging_tools.BOARD[:] = [workspace.board]
    rows = tmp_path / "rows.jsonl"
    rows.write_bytes(b"".join(line + b"\n" for line in word_problems(40, 3)))
    office = Office.open(workspace)
    sources = {str(rows.resolve()): sha256_file(rows)}
    _goal(office, "Clean the rows", pipeline="data", parameters={}, sources=sources)
    _run(office)
    with office.ledger.read() as tx:
        [asked] = decisions.waiting(tx)

    plan = {
        "steps": [{"name": "forge", "title": "Forge", "tool": "forge", "arguments": {"way": way}}]
    }
    answers = {
        "lead/understand": {"summary": "x"},
        "lead/plan": plan,
        "lead/replan": {"give_up": "no"},
    }
    (tmp_path / "answers.json").write_text(json.dumps(answers))
    _goal(office, "Do as you like", model=f"scripted/{tmp_path / 'answers.json'}")
    before = workspace.board.read_bytes()
    _run(office)
    views.refresh(workspace, office.ledger)

    with office.ledger.read() as tx:
        assert [d.id for d in decisions.waiting(tx)] == [asked.id]
        events = [dict(row) for row in tx.run("events_after", seq=0, count=2000)]
    assert not [e for e in events if e["kind"] == "decision.answered"]
    assert workspace.board.read_bytes() != before
    doubted = [e for e in events if "unverified" in json.loads(e["data"])]
    assert doubted, [e["kind"] for e in events]
    assert "→ **drop**" not in _card(workspace.board.read_text(), asked.id)


def _card(board: str, card: str) -> str:
    """The crew's own card of a decision: the block whose headline asks."""
    return next(
        part for part in board.split("\n- ") if part.startswith("🧭") and f"^{card}" in part
    )
