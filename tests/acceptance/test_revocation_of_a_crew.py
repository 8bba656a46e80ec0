"""A human takes an answer back while a crew is between turns, and after it has built on it."""

from pathlib import Path

import pytest

from crewboard.agents.crew import Crew
from crewboard.agents.office import Office
from crewboard.canonical import sha256_file
from crewboard.coordination import budget, decisions, tasks
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.ingress import receive
from crewboard.coordination.deciding import revocation
from crewboard.coordination.deciding.revocation import Revocation, Revoked
from crewboard.coordination.decisions import Answer, Decision
from crewboard.coordination.ledger import Event, verify
from crewboard.coordination.tasks import State, Task
from crewboard.coordination.workspace import Workspace
from crewboard.tools.generate import word_problems

ADA = "human:ada"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    workspace, _ = Workspace.init(tmp_path / "ws", "ada")
    office = Office.open(workspace)
    rows = tmp_path / "rows.jsonl"
    rows.write_bytes(b"".join(line + b"\n" for line in word_problems(40, 5)))
    spec = {
        "kind": "goal",
        "pipeline": "data",
        "parameters": {},
        "sources": {str(rows.resolve()): sha256_file(rows)},
    }
    with office.ledger.write() as tx:
        goal = receive(tx, Envelope(ADA, "lead", "m1", "Clean the rows", spec)).task
        budget.set_ceiling(tx, f"goal:{goal}", 0)
    return office


def run(office: Office) -> None:
    with Crew(office) as crew:
        crew.run(lambda: False)


def waiting(office: Office) -> list[Decision]:
    with office.ledger.read() as tx:
        return decisions.waiting(tx)


def give(office: Office, decision: Decision, choice: str) -> None:
    with office.ledger.write() as tx:
        office.rulebook.answer(tx, decision.id, Answer(choice, ADA, "cli"))


def revoke(office: Office, decision: Decision) -> Revoked:
    with office.ledger.write() as tx:
        given = Revocation(ADA, "on second thoughts", office.key)
        return revocation.revoke(tx, office.rulebook, decision.id, given)


def goal_of(office: Office) -> Task:
    with office.ledger.read() as tx:
        return tasks.goals(tx)[0]


def fault(office: Office) -> str | None:
    with office.ledger.read() as tx:
        return verify(Event.of(row) for row in tx.run("events_after", seq=0, count=100_000))


def test_an_answer_that_is_taken_back_in_time_lets_nothing_go_on_until_the_next(
    office: Office,
) -> None:
    """F5."""
    run(office)
    [asked] = waiting(office)
    give(office, asked, "keep-all")
    assert revoke(office, asked).done == ()
    run(office)
    [again] = waiting(office)
    assert (again.id != asked.id, again.text) == (True, asked.text)
    assert not goal_of(office).ended
    give(office, again, "drop")
    run(office)
    assert goal_of(office).state is State.COMPLETED
    with office.ledger.read() as tx:
        [step] = [t for t in tasks.of_goal(tx, goal_of(office).id) if t.kind == "question"]
        assert step.waits == f"decision:{again.id}"
    assert fault(office) is None


def test_an_answer_that_was_built_on_is_asked_about_and_what_was_built_stays(
    office: Office,
) -> None:
    run(office)
    [asked] = waiting(office)
    give(office, asked, "drop")
    run(office)
    assert goal_of(office).state is State.COMPLETED
    found = revoke(office, asked)
    assert found.done
    assert found.reopened is None
    [compensation] = waiting(office)
    assert compensation == found.compensation
    run(office)
    assert compensation.id in office.workspace.board.read_text()
    give(office, compensation, "accept")
    run(office)
    assert waiting(office) == []
    assert goal_of(office).state is State.COMPLETED
    assert fault(office) is None
