"""F18: what QA cannot accept goes on only by a human's waiver, which stands in the verdict."""

from pathlib import Path

import pytest

from crewboard.agents.crew import Crew
from crewboard.agents.office import Office
from crewboard.canonical import sha256_file
from crewboard.coordination import budget, decisions, tasks, verdicts
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.ingress import receive
from crewboard.coordination.decisions import Answer
from crewboard.coordination.tasks import State
from crewboard.coordination.workspace import Workspace
from crewboard.tools.generate import word_problems

CONFIG = """
[crew]
owner = "ada"
[[policies]]
name = "drop"
kind = "data-treatment"
choose = "drop"
"""


def _office(folder: Path, config: str = CONFIG) -> tuple[Office, str]:
    """A crew whose split leaves fewer training rows than were declared."""
    workspace, _ = Workspace.init(folder / "ws", "ada")
    workspace.config.write_text(config)
    office = Office.open(workspace)
    rows = folder / "rows.jsonl"
    rows.write_bytes(b"".join(line + b"\n" for line in word_problems(8, 5)))
    spec = {
        "kind": "goal",
        "pipeline": "data",
        "parameters": {"test_share": 0.5},
        "sources": {str(rows.resolve()): sha256_file(rows)},
    }
    with office.ledger.write() as tx:
        goal = receive(tx, Envelope("human:ada", "lead", "m1", "Clean the rows", spec)).task
        budget.set_ceiling(tx, f"goal:{goal}", 0)
    return office, goal


def _run(office: Office) -> None:
    with Crew(office) as crew:
        crew.run(lambda: False)


def test_a_finding_waits_for_a_human(tmp_path: Path) -> None:
    office, goal = _office(tmp_path)
    _run(office)
    with office.ledger.read() as tx:
        [asked] = decisions.waiting(tx)
        assert asked.kind == "waiver"
        assert "at least 8 was declared" in asked.text
        assert not tasks.get(tx, goal).ended
        assert not [v for v in verdicts.everything(tx) if v.judgement == "waived"]


@pytest.mark.parametrize(
    ("choice", "ends", "judgement"),
    [("waive", State.COMPLETED, "waived"), ("stop", State.FAILED, "rework")],
)
def test_the_humans_word_is_in_the_verdict(
    tmp_path: Path, choice: str, ends: State, judgement: str
) -> None:
    office, goal = _office(tmp_path)
    _run(office)
    with office.ledger.write() as tx:
        [asked] = decisions.waiting(tx)
        given = Answer(choice, "human:ada", "cli", "few rows are fine here")
        office.rulebook.answer(tx, asked.id, given)
    _run(office)
    with office.ledger.read() as tx:
        assert tasks.get(tx, goal).state is ends
        [verdict] = [v for v in verdicts.everything(tx) if v.findings]
    assert verdict.judgement == judgement
    assert verdict.signer == ("human:ada" if choice == "waive" else "qa")
    assert any("few rows are fine here" in finding for finding in verdict.findings)
    assert verdicts.holds(verdict, office.key)


def test_no_rule_waives(tmp_path: Path) -> None:
    rule = '\n[[policies]]\nname = "lax"\nkind = "waiver"\nchoose = "waive"\n'
    office, goal = _office(tmp_path, CONFIG + rule)
    _run(office)
    with office.ledger.read() as tx:
        assert not tasks.get(tx, goal).ended
        assert [decision.kind for decision in decisions.waiting(tx)] == ["waiver"]
        assert not [v for v in verdicts.everything(tx) if v.judgement == "waived"]
