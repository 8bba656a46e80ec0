"""Verdicts and gates: nobody approves their own work, and nothing starts without its proof."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from unit.core.books import WORK, child_of, events, move_clock, open_ledger, register, start

from crewboard.coordination import artifacts, gates, tasks, verdicts
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.tasks import Change, State, Task
from crewboard.coordination.verdicts import ACCEPT, REWORK, WAIVED, Judgement, Verdict
from crewboard.errors import GateClosed, NotPermitted, SelfApproval

GOOD, OTHER = "a" * 64, "b" * 64
KEY = b"k" * 32
JUDGED = Judgement(GOOD, "t1", "r1", ACCEPT, {"duplicates": 0.0}, {"duplicates": 0.02}, ["clean"])


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


@pytest.fixture
def mixed(ledger: Ledger) -> Task:
    """The step `mix` of a goal, which has made the artifact GOOD."""
    task = child_of(ledger, start(ledger), "mix")
    with ledger.write() as tx:
        register(tx, task, GOOD)
    return task


def sign(ledger: Ledger, task: Task, signer: str = "qa", **more: Any) -> None:
    move_clock(ledger, seconds=1)
    with ledger.write() as tx:
        verdicts.sign(tx, replace(JUDGED, task=task.id, **more), signer, KEY)


def gated(ledger: Ledger, beside: Task, **gate: list[str]) -> Task:
    new = replace(WORK, goal=beside.goal, step="train", title="Train", spec={"gate": gate})
    return start(ledger, new)


def check(ledger: Ledger, task: Task) -> None:
    with ledger.read() as tx:
        gates.check(tx, task, KEY)


def test_the_maker_never_signs(ledger: Ledger, mixed: Task) -> None:
    """F18: the lead signed QA's task himself."""
    with pytest.raises(SelfApproval, match="made this artifact itself"):
        sign(ledger, mixed, "executor")
    assert events(ledger)[-1].kind == "artifact.made"


def test_the_maker_never_signs_the_same_bytes_under_another_task(
    ledger: Ledger, mixed: Task
) -> None:
    again = child_of(ledger, start(ledger), "mix")
    with ledger.write() as tx:
        register(tx, again, GOOD, made_by="lead")
    for maker in ("executor", "lead"):
        for task in (mixed, again):
            with pytest.raises(SelfApproval):
                sign(ledger, task, maker)
    sign(ledger, again, "qa")


def test_an_agent_waives_nothing(ledger: Ledger, mixed: Task) -> None:
    """F18: an override is a human's."""
    with pytest.raises(NotPermitted, match="a waiver is a human's"):
        sign(ledger, mixed, "qa", judgement=WAIVED)
    with pytest.raises(ValueError, match="'fine' is no judgement"):
        sign(ledger, mixed, "qa", judgement="fine")


def test_a_signed_verdict_holds_after_it_is_read_again(ledger: Ledger, mixed: Task) -> None:
    sign(ledger, mixed)
    with ledger.read() as tx:
        (verdict,) = verdicts.of_task(tx, mixed.id)
    assert verdicts.holds(verdict, KEY)
    assert not verdicts.holds(verdict, b"x" * 32)
    assert events(ledger)[-1].data["measured"] == {"duplicates": 0.0}


@pytest.mark.parametrize(
    "edit",
    [
        {"sha256": OTHER},
        {"task": "t2"},
        {"review": "r2"},
        {"judgement": REWORK},
        {"signer": "lead"},
        {"measured": {"duplicates": 0.9334}},
        {"thresholds": {"duplicates": 1.0}},
        {"findings": []},
        {"signature": "0" * 64},
    ],
)
def test_any_edit_breaks_the_signature(ledger: Ledger, mixed: Task, edit: dict[str, Any]) -> None:
    """F19: what was measured cannot be explained away afterwards."""
    sign(ledger, mixed)
    with ledger.read() as tx:
        (verdict,) = verdicts.of_hash(tx, GOOD)
    assert not verdicts.holds(replace(verdict, **edit), KEY)


def test_a_review_gives_one_verdict_on_one_artifact(ledger: Ledger, mixed: Task) -> None:
    sign(ledger, mixed)
    sign(ledger, mixed, judgement=REWORK)
    assert [verdict.judgement for verdict in _all(ledger)] == [ACCEPT]


def test_the_workspace_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    key = verdicts.workspace_key(tmp_path / "key")
    assert len(key) == 32
    assert verdicts.workspace_key(tmp_path / "key") == key
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("judgements", "open_"),
    [
        ([], False),
        ([(REWORK, "qa")], False),
        ([(ACCEPT, "qa")], True),
        ([(WAIVED, "human:ada")], True),
        ([(REWORK, "qa"), (WAIVED, "human:ada")], True),
        ([(ACCEPT, "qa"), (REWORK, "qa")], False),  # the last word counts
    ],
)
def test_a_gate_opens_on_the_last_verdict_only(
    ledger: Ledger, mixed: Task, judgements: list[tuple[str, str]], *, open_: bool
) -> None:
    """F18: the jobs were launched before the review."""
    train = gated(ledger, mixed, verdicts=["mix"])
    for number, (judgement, signer) in enumerate(judgements):
        sign(ledger, mixed, signer, judgement=judgement, review=f"r{number}")
    if open_:
        check(ledger, train)
        return
    with pytest.raises(GateClosed, match=r"Train may not start: rows of step mix \(aaaaaaaa\)"):
        check(ledger, train)


def test_a_verdict_of_other_bytes_opens_nothing(ledger: Ledger, mixed: Task) -> None:
    """F25, F26: the file was made anew, and the verdict is of the old one."""
    train = gated(ledger, mixed, verdicts=["mix"])
    sign(ledger, mixed)
    check(ledger, train)
    move_clock(ledger, seconds=1)
    with ledger.write() as tx:
        register(tx, mixed, OTHER)
    with pytest.raises(GateClosed, match="bbbbbbbb"):
        check(ledger, train)


def test_a_verdict_given_for_another_task_opens_nothing(ledger: Ledger, mixed: Task) -> None:
    other = child_of(ledger, start(ledger), "mix")
    sign(ledger, other)
    with pytest.raises(GateClosed):
        check(ledger, gated(ledger, mixed, verdicts=["mix"]))


def test_a_verdict_signed_before_the_signer_made_the_bytes_opens_nothing(
    ledger: Ledger, mixed: Task
) -> None:
    """Sign first, register afterwards: the gate looks at the makers once more."""
    sign(ledger, mixed, "lead")
    with ledger.write() as tx:
        register(tx, child_of_now(tx, mixed), GOOD, made_by="lead")
    with pytest.raises(GateClosed, match="accepted by who made it"):
        check(ledger, gated(ledger, mixed, verdicts=["mix"]))


def test_a_step_that_made_nothing_opens_nothing(ledger: Ledger) -> None:
    mix = child_of(ledger, start(ledger), "mix")
    with pytest.raises(GateClosed, match="step mix has made nothing yet"):
        check(ledger, gated(ledger, mix, verdicts=["mix"]))


@pytest.mark.parametrize("state", [s for s in State if s is not State.SUBMITTED])
def test_a_gate_waits_for_its_decision(ledger: Ledger, mixed: Task, state: State) -> None:
    """F5: training started without the approval that the board waited for."""
    asked = start(ledger, replace(WORK, kind="question", goal=mixed.goal, step="approve"))
    train = gated(ledger, mixed, decisions=["approve"])
    with pytest.raises(GateClosed, match="the decision of step approve is not made"):
        check(ledger, train)
    with ledger.write() as tx:
        tasks.move(tx, asked, "lead", Change(state))
    if state is State.COMPLETED:
        check(ledger, train)
    else:
        with pytest.raises(GateClosed):
            check(ledger, train)


@pytest.mark.parametrize("gate", [{"verdicts": ["nowhere"]}, {"decisions": ["nowhere"]}])
def test_a_gate_on_a_step_that_is_not_there_stays_closed(
    ledger: Ledger, mixed: Task, gate: dict[str, list[str]]
) -> None:
    with pytest.raises(GateClosed, match="names no step 'nowhere'"):
        check(ledger, gated(ledger, mixed, **gate))


def test_a_task_without_a_gate_may_start(ledger: Ledger, mixed: Task) -> None:
    check(ledger, mixed)


def test_an_artifact_is_registered_once(ledger: Ledger, mixed: Task) -> None:
    with ledger.write() as tx:
        register(tx, mixed, GOOD)
        register(tx, mixed, GOOD, made_by="lead")
        assert artifacts.of_task(tx, mixed.id)["rows"].made_by == "executor"
        assert len(artifacts.of_goal(tx, mixed.goal)) == len(artifacts.everything(tx)) == 1
    assert [event.kind for event in events(ledger)].count("artifact.made") == 1


def child_of_now(tx: Any, beside: Task) -> Task:
    return tasks.create(tx, replace(WORK, goal=beside.goal, step="copy"))


def _all(ledger: Ledger) -> list[Verdict]:
    with ledger.read() as tx:
        return verdicts.everything(tx)


def test_a_verdict_that_the_workspaces_key_does_not_vouch_for_opens_no_gate(
    ledger: Ledger, mixed: Task
) -> None:
    """F18: a word that was written into the file beside the crew is nobody's word."""
    train = gated(ledger, mixed, verdicts=["mix"])
    sign(ledger, mixed)
    check(ledger, train)
    with ledger.read() as tx, pytest.raises(GateClosed, match="not as its signer wrote it"):
        gates.check(tx, train, b"x" * 32)
