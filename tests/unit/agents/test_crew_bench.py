"""The folders that a task's runs have: one that lasts, or each run its own."""

from dataclasses import replace
from pathlib import Path

import pytest

from crewboard.agents.bench import CrewBench
from crewboard.agents.office import Office
from crewboard.coordination import tasks
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.ingress import receive
from crewboard.coordination.tasks import Task
from crewboard.coordination.workspace import Workspace


@pytest.fixture
def office(tmp_path: Path) -> Office:
    workspace, _ = Workspace.init(tmp_path / "ws", "ada")
    return Office.open(workspace)


def _task(office: Office, text: str) -> Task:
    with office.ledger.write() as tx:
        said = Envelope("human:ada", "lead", text, text, {"kind": "goal"})
        return tasks.get(tx, receive(tx, said).task)


def _folder(office: Office, task: Task, *, lasting: bool) -> Path:
    """As a tool gets it in a run of its own."""
    bench = CrewBench(office, task, office.scratch(task, "out"))
    folder = bench.job_folder("work", lasting=lasting)
    assert folder.is_dir()
    return folder


def test_a_lasting_folder_is_the_same_in_every_attempt(office: Office) -> None:
    """F9: what was paid for in one attempt is there in the next."""
    task = _task(office, "first")
    folder = _folder(office, task, lasting=True)
    (folder / "record").write_text("paid")
    again = _folder(office, replace(task, attempts=task.attempts + 1), lasting=True)
    assert (again / "record").read_text() == "paid"


def test_without_it_each_attempt_has_a_folder_of_its_own_which_a_crash_leaves(
    office: Office,
) -> None:
    task = _task(office, "first")
    folders = [
        _folder(office, replace(task, attempts=attempts), lasting=False) for attempts in range(3)
    ]
    assert len(set(folders)) == 3
    assert _folder(office, replace(task, attempts=1), lasting=False) == folders[1]


@pytest.mark.parametrize("lasting", [True, False])
def test_no_two_tasks_share_a_folder(office: Office, lasting: bool) -> None:  # noqa: FBT001 - a table's row
    first, second = _task(office, "first"), _task(office, "second")
    assert _folder(office, first, lasting=lasting) != _folder(office, second, lasting=lasting)


def test_a_lasting_folder_is_no_attempts_own(office: Office) -> None:
    task = _task(office, "first")
    assert _folder(office, task, lasting=True) != _folder(office, task, lasting=False)
