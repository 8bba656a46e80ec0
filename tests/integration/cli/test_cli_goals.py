"""A goal's way through the command line: stated, asked about, answered, taken up again, ended."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from integration.cli.command import DROP, begin, crewboard, environment, workspace
from twins.desk import Manners
from twins.faults import Fault
from twins.provider import ProviderTwin

from crewboard.canonical import sha256_file
from crewboard.coordination.lease import holder
from crewboard.coordination.tasks import goals
from crewboard.coordination.workspace import Workspace, human


def test_a_goal_that_no_question_holds_up_ends_with_0_and_says_where_to_look(
    tmp_path: Path,
) -> None:
    here = workspace(tmp_path / "w", DROP)
    done = crewboard(
        "start", "Clean the rows", "--pipeline", "data", "--data", "../raw.jsonl", at=here
    )
    assert done.returncode == 0, done.stderr
    assert "done, 6 of 6 steps" in done.stdout
    for told in ("KANBAN.md", "notes ", "stand-up", "sha256:", "accept by qa", "cost "):
        assert told in done.stdout
    assert "planned 6 steps" in done.stderr
    assert "planned" not in done.stdout
    assert "Hold out a test set" in (here / "KANBAN.md").read_text()


def test_a_question_ends_with_3_and_its_answer_lets_the_goal_go_on(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w")
    asked = crewboard("start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", at=here)
    assert asked.returncode == 3, asked.stderr
    (waiting,) = json.loads(crewboard("decisions", "--json", at=here).stdout)["decisions"]
    command = f"crewboard approve {waiting['id']} --choose drop"
    assert command in asked.stdout
    assert command in asked.stderr.replace("drop|keep-duplicates|keep-all", "drop")
    still = crewboard("resume", at=here)
    assert still.returncode == 3
    answered = crewboard("approve", f"^{waiting['id'][:4]}", "--choose", "drop", at=here)
    assert answered.returncode == 0, answered.stderr
    assert f"{human()} chose drop" in answered.stdout
    assert "crewboard resume" in answered.stdout
    board = (here / "KANBAN.md").read_text()
    assert f"→ **drop** — @{human()}" in board, "the board shows it without a crew"
    again = crewboard("approve", waiting["id"], "--choose", "keep-all", at=here)
    assert again.returncode == 2
    assert human() in again.stderr
    done = crewboard("resume", at=here)
    assert done.returncode == 0, done.stderr
    kept = json.loads(crewboard("decisions", "--all", "--json", at=here).stdout)["decisions"]
    assert [(each["choice"], each["decided_by"], each["via"]) for each in kept] == [
        ("drop", human(), "cli")
    ]


def test_a_card_that_cannot_be_taken_says_why_and_goes_on_once_it_is_corrected(
    tmp_path: Path,
) -> None:
    here = workspace(tmp_path / "w", DROP)
    (here / "raw.jsonl").write_bytes((tmp_path / "raw.jsonl").read_bytes())
    cards = (
        "@crew Clean data:raw.jsonl pipeline:datta",
        "@crew Clean data:late.jsonl pipeline:data",
    )
    lines = "".join(f"- [ ] {card}\n" for card in cards)
    board = here / "KANBAN.md"
    board.write_text(board.read_text().replace("## 📋 Backlog\n", f"## 📋 Backlog\n{lines}"))
    stopped = crewboard("resume", at=here)
    assert stopped.returncode == 4, stopped.stderr
    _, _, blocked = board.read_text().partition("## 🚫 Blocked")
    assert "There is no pipeline named 'datta'" in blocked
    assert "late.jsonl does not exist" in blocked
    (here / "late.jsonl").write_bytes((tmp_path / "raw.jsonl").read_bytes())
    board.write_text(board.read_text().replace("pipeline:datta", "pipeline:data"))
    done = crewboard("resume", at=here)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("done, 6 of 6 steps") == 2
    assert crewboard("board", "lint", at=here).stdout == "Nothing found.\n"


def test_a_goal_that_was_held_back_goes_on_in_the_order_of_its_plan(tmp_path: Path) -> None:
    """F5: what waits on a decision is not started by whoever moves the goal's card there and back."""
    here = workspace(tmp_path / "w")
    crewboard("start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", at=here)
    (goal,) = json.loads(crewboard("status", "--json", at=here).stdout)["goals"]
    assert crewboard("board", "move", goal["id"], "blocked", at=here).returncode == 0
    to_go_on = ("board", "move", goal["id"], "in progress")
    for verb in ("status", "resume"):
        told = crewboard(verb, at=here).stdout
        assert f"held back  {goal['id']} «Clean»: by {human().removeprefix('human:')}" in told
        assert f"crewboard board move {goal['id']} 'in progress'" in told
    assert crewboard(*to_go_on, at=here).returncode == 0
    assert crewboard("resume", at=here).returncode == 3
    states = json.loads(crewboard("tasks", "--json", at=here).stdout)["tasks"]
    assert [each["state"] for each in states if each["waits"] == "plan"] == ["SUBMITTED"] * 3
    (waiting,) = json.loads(crewboard("decisions", "--json", at=here).stdout)["decisions"]
    crewboard("approve", waiting["id"], "--choose", "drop", at=here)
    done = crewboard("resume", at=here)
    assert done.returncode == 0, done.stderr
    assert "never delivered" not in crewboard("doctor", at=here).stdout


def test_a_rejected_question_fails_the_goal_with_the_note(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w")
    crewboard("start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", at=here)
    assert crewboard("reject", "d", at=here).returncode == 2, "a refusal needs its why"
    assert crewboard("reject", "d", "--note", "wrong rows", at=here).returncode == 0
    ended = crewboard("resume", at=here)
    assert ended.returncode == 5
    assert "wrong rows" in ended.stdout


def test_an_agents_process_answers_nothing(tmp_path: Path) -> None:
    """F18: whoever executes does not approve."""
    here = workspace(tmp_path / "w")
    crewboard("start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", at=here)
    refused = crewboard("approve", "d", "--choose", "drop", at=here, env={"CREWBOARD_AGENT": "1"})
    assert refused.returncode == 2
    assert "CREWBOARD_AGENT" in refused.stderr
    assert len(json.loads(crewboard("decisions", "--json", at=here).stdout)["decisions"]) == 1


def test_an_answer_that_the_rules_leave_to_others_is_refused(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w", '[[approvers]]\nkind = "data-treatment"\nwho = ["grace"]\n')
    crewboard("start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", at=here)
    refused = crewboard("approve", "d", "--choose", "drop", at=here)
    assert refused.returncode == 2
    assert "names others" in refused.stderr
    claimed = {"CREWBOARD_HUMAN": "grace", "USER": "grace", "LOGNAME": "grace"}
    lied = crewboard("approve", "d", "--choose", "drop", at=here, env=claimed)
    assert lied.returncode == 2, "who answers is who is logged in, not who the environment claims"


def test_an_unpaid_provider_ends_with_4_and_says_what_is_needed(tmp_path: Path) -> None:
    """F9: an unpaid bill reaches the person who can pay it, once; nobody retries it for ever."""
    here = workspace(tmp_path / "w", DROP)
    key = {"OPENAI_API_KEY": "sk-" + "canary" * 6}
    unpaid = Manners(faults=(Fault("status", status=402),))
    with ProviderTwin(tmp_path / "provider", unpaid) as twin:
        (here / "crewboard.toml").write_text(
            f'[crew]\nmodel = "openai/gpt-6-luna"\n[budget]\ngoal_usd = 1\n'
            f'[models]\nbase_url = "{twin.openai_url}"\n'
        )
        stuck = crewboard("start", "Clean", "--data", "../raw.jsonl", at=here, env=key)
        asked = len(twin.seen)
    assert stuck.returncode == 4, stuck.stderr
    assert "402" in stuck.stdout
    assert "Settle the bill" in stuck.stdout
    assert asked == 1
    assert key["OPENAI_API_KEY"] not in stuck.stdout + stuck.stderr
    blocked = json.loads(crewboard("status", "--json", at=here).stdout)["blocked"]
    assert [task["reason"]["owner"] for task in blocked] == ["human, for openai"]


def test_a_cancelled_goal_is_over_with_everything_below_it(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w")
    crewboard("start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", at=here)
    done = crewboard("cancel", "g", "--note", "not now", at=here)
    assert done.returncode == 0, done.stderr
    assert crewboard("cancel", "g", at=here).returncode == 5, "it has ended"
    assert json.loads(crewboard("decisions", "--json", at=here).stdout) == {"decisions": []}
    late = crewboard("approve", "d", "--choose", "drop", at=here)
    assert late.returncode == 2
    assert "has ended" in late.stderr
    resumed = crewboard("resume", at=here)
    assert (resumed.returncode, resumed.stdout) == (0, "Nothing waits to be taken up.\n")


def test_a_goals_sources_and_ceiling_are_written_with_it(tmp_path: Path) -> None:
    """F25: an input is what it was when it was named."""
    here = workspace(tmp_path / "w", DROP)
    started = crewboard(
        "start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", "--set", "max_words=200",
        "--budget", "1.25", "--json", at=here,
    )  # fmt: skip
    told = json.loads(started.stdout)
    assert told["exit_code"] == started.returncode == 0
    assert told["goal"]["cost"]["ceiling_micro_usd"] == 1_250_000
    raw = (tmp_path / "raw.jsonl").resolve()
    with Workspace(here).ledger().read() as tx:
        (goal,) = goals(tx)
    assert goal.spec["sources"] == {str(raw): sha256_file(raw)}
    assert (goal.spec["parameters"], goal.spec["model"]) == ({"max_words": 200}, None)
    assert (goal.sender, goal.role) == (human(), "lead")
    split = next(a for a in told["artifacts"] if a["name"] == "train")
    assert split["verdict"]["judgement"] == "accept"
    assert (here / split["path"]).exists()


def test_a_detached_crew_works_on_and_a_second_one_is_told_so(tmp_path: Path) -> None:
    """F7: who works is known, not guessed."""
    here = workspace(tmp_path / "w")
    started = crewboard(
        "start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", "--detach", at=here
    )
    assert started.returncode == 0, started.stderr
    goal = started.stdout.strip()
    status = json.loads(crewboard("status", "--json", at=here).stdout)
    pid = status["crew"]["pid"]
    try:
        assert status["crew"]["alive"]
        second = crewboard("resume", at=here)
        assert second.returncode == 2
        assert str(pid) in second.stderr
        other = crewboard("start", "Again", "--pipeline", "data", "--data", "../raw.jsonl", at=here)
        assert other.returncode == 3, other.stderr
        assert f"process {pid}" in other.stderr
        for decision in json.loads(crewboard("decisions", "--json", at=here).stdout)["decisions"]:
            crewboard("approve", decision["id"], "--choose", "drop", at=here)
        assert _ends(here, goal) == "COMPLETED"
        _gone(here)
        assert "done, 6 of 6 steps" in (here / ".crewboard" / "crew.log").read_text()
    finally:
        _kill(pid)


def test_a_crew_that_stays_ends_cleanly_when_it_is_asked_to(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w")
    crewboard("start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", at=here)
    for number in (signal.SIGTERM, signal.SIGINT):
        staying = begin("resume", "--stay", at=here)
        _alive(here)
        staying.send_signal(number)
        out, err = staying.communicate(timeout=60)
        assert staying.returncode == 130, err
        assert "crewboard resume" in err
        assert "needs you" in out
    assert json.loads(crewboard("status", "--json", at=here).stdout)["crew"]["alive"] is False


def test_a_second_interrupt_leaves_at_once_and_the_goal_is_taken_up_again(tmp_path: Path) -> None:
    """The first one waits for the step that runs: here a call that a silent provider never answers."""
    here = workspace(tmp_path / "w", DROP)
    with ProviderTwin(tmp_path / "provider", Manners(faults=(Fault("hang", times=1),))) as twin:
        with (here / "crewboard.toml").open("a") as file:
            file.write(f'[models]\nbase_url = "{twin.openai_url}"\nkey_variable = ""\n')
        started = begin(
            "start", "Clean", "--data", "../raw.jsonl", "--model", "openai/gpt-6-luna", "--budget",
            "1", at=here,
        )  # fmt: skip
        while not twin.seen:
            assert started.poll() is None, started.communicate()[1]
            time.sleep(0.05)
        assert started.stderr is not None
        started.send_signal(signal.SIGINT)
        while "once more leaves at once" not in started.stderr.readline():
            assert started.poll() is None
        started.send_signal(signal.SIGINT)
        started.communicate(timeout=30)
    assert started.returncode == 130
    status = json.loads(crewboard("status", "--json", at=here).stdout)
    assert status["crew"]["alive"] is False
    assert [goal["state"] for goal in status["goals"]] == ["WORKING"]
    (goal,) = status["goals"]
    assert goal["cost"]["reserved_micro_usd"] > 0, "what may have been charged stays set aside"


def test_a_terminal_gets_a_moving_line_and_nothing_hostile(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w", DROP)
    leader, follower = pty.openpty()
    title = "Clean \x1b]0;owned\x07 these rows"
    started = subprocess.Popen(
        [sys.executable, "-m", "crewboard", "start", title, "--pipeline", "data", "--data", "../raw.jsonl"],
        cwd=here, env=environment({"TERM": "xterm-256color"}), stdout=subprocess.PIPE,
        stderr=follower, text=True,
    )  # fmt: skip
    os.close(follower)
    shown = b""
    with suppress(OSError):  # how Linux tells that the last one has left a terminal
        while piece := os.read(leader, 65_536):
            shown += piece
    os.close(leader)
    out, _ = started.communicate(timeout=60)
    assert started.returncode == 0
    assert b"planned 6 steps" in shown
    assert b"the crew works" in shown
    assert b"\x1b]0;owned" not in shown
    assert "\x1b" not in out


def test_a_killed_crew_loses_nothing(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w")
    crewboard("start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", at=here)
    staying = begin("resume", "--stay", at=here)
    _alive(here)
    os.kill(staying.pid, signal.SIGKILL)
    staying.communicate(timeout=60)
    assert crewboard("approve", "d", "--choose", "drop", at=here).returncode == 0
    done = crewboard("resume", at=here)
    assert done.returncode == 0, done.stderr
    assert crewboard("doctor", at=here).returncode == 0


def test_progress_and_account_are_told_apart_and_a_deaf_stderr_stops_nobody(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w", DROP)
    started = begin("start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", at=here)
    assert started.stderr is not None
    started.stderr.close()
    assert started.stdout is not None
    told = started.stdout.read()
    started.stdout.close()
    assert started.wait(timeout=60) == 0
    assert "done, 6 of 6 steps" in told


def _alive(here: Path) -> None:
    _until(here, alive=True)


def _gone(here: Path) -> None:
    _until(here, alive=False)


def _until(here: Path, *, alive: bool) -> None:
    for _ in range(1200):
        if (holder(here / ".crewboard" / "crew.lock") is not None) is alive:
            return
        time.sleep(0.05)
    pytest.fail("the crew did not come, or did not go")


def _ends(here: Path, goal: str) -> str:
    for _ in range(120):
        tasks = json.loads(crewboard("tasks", "--json", at=here).stdout)["tasks"]
        state = next(t["state"] for t in tasks if t["id"] == goal)
        if state in {"COMPLETED", "FAILED"}:
            return str(state)
        time.sleep(0.1)
    pytest.fail("the goal did not end")


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
