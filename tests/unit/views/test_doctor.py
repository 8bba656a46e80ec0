"""The doctor finds what is wrong, names it, and says what helps; a healthy workspace passes."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from unit.views.scenes import UNPAID, Scene

from crewboard.coordination import tasks
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.outbox import deliver_due, post
from crewboard.coordination.doctor import Finding, Level, doctor
from crewboard.coordination.lease import Lease
from crewboard.coordination.tasks import State
from crewboard.errors import Final


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A goal with one step that went well, shown on the board."""
    scene = Scene.at(tmp_path)
    scene.finish(scene.step(scene.goal(), "mix"))
    scene.refresh()
    return scene


def found(scene: Scene, check: str, *variables: str) -> Finding:
    """The worst finding of one check."""
    order = list(Level)
    of_check = [each for each in doctor(scene.workspace, variables) if each.check == check]
    return max(of_check, key=lambda each: order.index(each.level))


def alter(scene: Scene, statement: str) -> None:
    """Write into the database behind the ledger's back."""
    scene.ledger.close()
    connection = sqlite3.connect(scene.workspace.state / "ledger.sqlite3")
    with connection:
        connection.execute(statement)
    connection.close()


def artifact(scene: Scene) -> Path:
    return next((scene.workspace.root / "data").rglob("*.jsonl"))


def same_size_other_bytes(scene: Scene) -> None:
    made = artifact(scene)
    made.write_bytes(b"x" * made.stat().st_size)


def fake_board_line(scene: Scene) -> None:
    board = scene.workspace.board
    board.write_text(board.read_text().replace("## 📝", "- see `eval/run4.json`\n\n## 📝"))


def turned_back(scene: Scene) -> None:
    board = scene.workspace.board
    board.write_text(board.read_text().replace("synced: 2026", "synced: 2025"))


def accepted_by_its_maker(scene: Scene) -> None:
    alter(scene, "UPDATE artifacts SET made_by = 'qa'")


def silence(scene: Scene) -> None:
    """A decision that crewboard.toml lets nobody answer."""
    goal = scene.goal("Another")
    scene.ask(goal)
    with scene.workspace.config.open("a") as file:
        file.write('\n[[approvers]]\nkind = "data-treatment"\nwho = []\n')


FAULTS: list[tuple[str, str, Callable[[Scene], object]]] = [
    ("chain", "event 3 was changed", lambda s: alter(s, "UPDATE events SET actor = 'qa' WHERE seq = 3")),
    ("chain", "event 3 was changed", lambda s: alter(s, "UPDATE events SET data = '{' WHERE seq = 3")),
    ("chain", "event 4 is missing", lambda s: alter(s, "DELETE FROM events WHERE seq = 4")),
    # the newest event is cut off: the chain holds, the tables know more
    ("tables", "COMPLETED", lambda s: alter(s, "DELETE FROM events WHERE kind = 'task.moved'")),
    ("tables", "COMPLETED", lambda s: alter(s, "UPDATE tasks SET state = 'COMPLETED'")),
    ("tables", "artifact data/", lambda s: alter(s, "UPDATE artifacts SET rows = 99")),
    ("artifacts", "does not exist", lambda s: artifact(s).unlink()),
    ("artifacts", "0 bytes", lambda s: artifact(s).write_bytes(b"")),
    ("artifacts", "holds other bytes", same_size_other_bytes),
    ("verdicts", "was changed", lambda s: alter(s, "UPDATE verdicts SET judgement = 'waived'")),
    ("verdicts", "the key is gone", lambda s: (s.workspace.state / "key").unlink()),
    ("verdicts", "signed by who made it", accepted_by_its_maker),
    ("evidence", "nobody accepted", lambda s: alter(s, "DELETE FROM verdicts")),
    ("evidence", "made nothing", lambda s: alter(s, "DELETE FROM artifacts")),
    ("modes", "mode 0644", lambda s: (s.workspace.state / "ledger.sqlite3").chmod(0o644)),
    ("modes", "mode 0640", lambda s: (s.workspace.state / "key").chmod(0o640)),
    ("settings", "crew.colour", lambda s: s.workspace.config.write_text('[crew]\ncolour = "red"\n')),
    ("decisions", "nobody may answer", silence),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "says", "plant"), FAULTS, ids=[f"{check}-{n}" for n, (check, *_) in enumerate(FAULTS)]
)
def test_a_planted_fault_is_found(
    scene: Scene, check: str, says: str, plant: Callable[[Scene], object]
) -> None:
    """F18, F28: evidence that is gone, edited or signed by its own maker is not passed over."""
    assert found(scene, check).level is Level.OK
    plant(scene)
    finding = found(scene, check)
    assert finding.level is Level.FAIL
    assert says in finding.says
    assert finding.remedy


def test_a_healthy_workspace_has_no_fault(scene: Scene) -> None:
    assert [each for each in doctor(scene.workspace) if each.level is Level.FAIL] == []


def test_every_check_is_told_once_where_all_is_well(scene: Scene) -> None:
    checks = [each.check for each in doctor(scene.workspace)]
    assert len(checks) == len(set(checks)) > 15


def test_a_folder_where_nothing_was_started_is_well_and_gets_no_ledger(tmp_path: Path) -> None:
    from crewboard.coordination.workspace import Workspace

    workspace, _ = Workspace.init(tmp_path, "ada")
    assert all(each.level is not Level.FAIL for each in doctor(workspace))
    assert not (workspace.state / "ledger.sqlite3").exists()


def test_a_broken_database_is_a_finding_too(scene: Scene) -> None:
    scene.ledger.close()
    for name in ("-wal", "-shm"):
        (scene.workspace.state / f"ledger.sqlite3{name}").unlink(missing_ok=True)
    (scene.workspace.state / "ledger.sqlite3").write_bytes(b"no database" * 999)
    assert found(scene, "database").level is Level.FAIL
    assert found(scene, "settings").level is Level.OK


def test_a_file_that_the_board_names_and_nobody_has_is_told(scene: Scene) -> None:
    """F4."""
    assert found(scene, "paths").level is Level.OK
    fake_board_line(scene)
    assert "eval/run4.json" in found(scene, "paths").says
    artifact(scene).unlink()
    told = [each.says for each in doctor(scene.workspace) if each.check == "paths"]
    assert len(told) == 2


def test_a_board_whose_last_sync_ran_backwards_is_told(scene: Scene) -> None:
    """F2."""
    turned_back(scene)
    finding = found(scene, "board")
    assert finding.level is Level.WARN
    assert "2025-01-01 09:01 UTC" in finding.says


def test_a_letter_that_was_given_up_is_told(scene: Scene) -> None:
    """F30."""

    def refuse(_: Envelope) -> None:
        raise Final(detail="no such door")

    with scene.ledger.write() as tx:
        post(tx, Envelope("lead", "qa", "m1", "Review it"))
    deliver_due(scene.ledger, refuse)
    assert "lead's message to qa was never delivered: no such door" in found(scene, "messages").says


def test_a_dead_crews_task_is_told_until_a_crew_lives(scene: Scene) -> None:
    """F7: liveness is computed."""
    goal = scene.goal("Another")
    lease = Lease(scene.ledger, scene.workspace.crew_lock)
    fence = lease.take()
    with scene.ledger.write() as tx:
        tasks.wake(tx, goal.id, "start")
        tasks.claim(tx, goal, fence)
    assert found(scene, "abandoned").level is Level.OK
    lease.end()
    assert goal.id in found(scene, "abandoned").says
    assert "1 task(s) could go on" in found(scene, "crew").says
    again = Lease(scene.ledger, scene.workspace.crew_lock)
    again.take()
    with scene.ledger.write() as tx:
        tasks.recover(tx, scene.ledger.fence or 0, 3)
    assert found(scene, "abandoned").level is Level.OK
    again.end()
    assert "2 task(s) could go on" in found(scene, "crew").says


def test_a_call_whose_outcome_is_open_is_told(scene: Scene) -> None:
    goal = scene.goal("Another")
    with scene.ledger.write() as tx:
        tx.change(
            "open_effect", key="k", goal=goal.id, task=goal.id, step="call", tool="generate",
            kind="at_most_once", arguments="", provider="p", estimate=1, scopes="[]", at=tx.at,
        )  # fmt: skip
    assert f"generate of {goal.id}" in found(scene, "abandoned").says


def test_a_missing_key_is_told_by_its_name_alone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIGGY_API_KEY", raising=False)
    finding = found(scene, "keys", "PIGGY_API_KEY")
    assert finding.level is Level.FAIL
    assert "PIGGY_API_KEY is not set" in finding.says
    monkeypatch.setenv("PIGGY_API_KEY", "oink-oink")
    told = doctor(scene.workspace, ["PIGGY_API_KEY"])
    assert all("oink" not in f"{each.says}{each.remedy}" for each in told)
    assert found(scene, "keys", "PIGGY_API_KEY").level is Level.OK


def test_a_blocked_task_is_no_fault_of_the_workspace(scene: Scene) -> None:
    step = scene.step(scene.goal("Another"), "generate")
    scene.move(step, State.FAILED, reason=UNPAID)
    scene.refresh()
    assert [each for each in doctor(scene.workspace) if each.level is Level.FAIL] == []
