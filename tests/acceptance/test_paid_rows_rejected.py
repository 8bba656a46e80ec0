"""F9, F18: rows that were paid for and that QA does not accept are looked at again, never paid again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crewboard.agents.crew import Crew
from crewboard.agents.office import Office
from crewboard.agents.work import call_tool
from crewboard.coordination import artifacts, budget, decisions, tasks, verdicts
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.ingress import receive
from crewboard.coordination.decisions import Answer, Decision
from crewboard.coordination.tasks import State, Task
from crewboard.coordination.workspace import Workspace
from crewboard.tools.generate.shipped import copy_shipped
from crewboard.tools.twins.provider.server import ProviderTwin

ROWS, BUDGET = 20, 5_000_000


@pytest.fixture
def twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProviderTwin]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-a-key")
    with ProviderTwin(tmp_path / "charges.jsonl") as twin:
        yield twin


@pytest.fixture
def office(tmp_path: Path, twin: ProviderTwin) -> Office:
    """A crew whose plan buys 20 rows, of which it had declared that there be 21."""
    workspace, _ = Workspace.init(tmp_path / "ws", "ada")
    workspace.config.write_text('[crew]\nowner = "ada"\n')
    copy_shipped("support-desk", workspace.root / "recipes")
    step = {
        "name": "buy",
        "title": "Buy rows",
        "tool": "generate",
        "arguments": {
            "recipe": "recipes/support-desk.toml", "rows": ROWS, "model": "openai/gpt-6-luna",
            "budget_usd": "5", "base_url": twin.openai_url,
        },
        "accept": {"rows": {"rows": {"min": ROWS + 1}}},
    }  # fmt: skip
    answers = {
        "lead/understand": {"summary": "buy rows"},
        "lead/plan": {"steps": [step]},
        "lead/replan": {"give_up": "there is no other way"},
    }
    script = tmp_path / "answers.json"
    script.write_text(json.dumps(answers))
    office = Office.open(workspace)
    said = f"Buy rows of {twin.openai_url}"
    spec = {"kind": "goal", "model": f"scripted/{script}"}
    with office.ledger.write() as tx:
        goal = receive(tx, Envelope("human:ada", "lead", "m1", said, spec)).task
        budget.set_ceiling(tx, f"goal:{goal}", BUDGET)
    return office


def _run(office: Office) -> None:
    with Crew(office) as crew:
        crew.run(lambda: False)


def _asked(office: Office) -> Decision:
    with office.ledger.read() as tx:
        [decision] = decisions.waiting(tx)
    return decision


def _answer(office: Office, choice: str) -> None:
    asked = _asked(office)
    with office.ledger.write() as tx:
        office.rulebook.answer(tx, asked.id, Answer(choice, "human:ada", "cli", "so be it"))
    _run(office)


def _step(office: Office) -> Task:
    with office.ledger.read() as tx:
        return next(task for task in tasks.everything(tx) if task.step == "buy")


def _bought(office: Office) -> None:
    _run(office)
    assert _asked(office).kind == "plan"
    _answer(office, "approve")
    assert _asked(office).kind == "waiver"


@pytest.mark.parametrize(("choice", "ends"), [("stop", State.FAILED), ("waive", State.COMPLETED)])
def test_what_qa_rejects_waits_for_a_human_and_is_not_bought_again(
    office: Office, twin: ProviderTwin, choice: str, ends: State
) -> None:
    """A human approved exactly this call, so nobody makes another of it."""
    _bought(office)
    paid = [charge.request for charge in twin.charges]
    assert len(paid) == len(set(paid)) == ROWS
    _run(office)
    _answer(office, choice)
    assert _step(office).state is ends
    assert [charge.request for charge in twin.charges] == paid
    with office.ledger.read() as tx:
        goal = f"goal:{_step(office).goal}"
        assert budget.get(tx, goal).spent == twin.charges.total
        assert budget.get(tx, goal).reserved == 0
        found = [v for v in verdicts.everything(tx) if v.findings]
    assert any("21" in finding for verdict in found for finding in verdict.findings)


def test_a_task_that_is_run_again_has_its_paid_rows_still(
    office: Office, twin: ProviderTwin
) -> None:
    """Given back, a task runs its tool once more; the journal and the run's own record answer."""
    _bought(office)
    paid, task = len(twin.charges), _step(office)
    first = _made(office, task)
    with office.ledger.write() as tx:
        tx.change("rework_task", id=task.id, was=task.attempts, at=tx.at)
    again = _step(office)
    assert again.attempts == task.attempts + 1
    call_tool(office, again, "generate", again.spec["arguments"], f"run {again.attempts}")
    assert len(twin.charges) == paid
    assert _made(office, again) == first


def _made(office: Office, task: Task) -> dict[str, Any]:
    with office.ledger.read() as tx:
        return {name: made.sha256 for name, made in artifacts.of_task(tx, task.id).items()}
