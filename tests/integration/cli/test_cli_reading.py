"""What the reading verbs tell: words for people, one JSON document of a fixed shape for programs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from integration.cli.command import crewboard, environment, workspace

from crewboard.coordination.tasks import NewTask, create
from crewboard.coordination.workspace import Workspace

HOSTILE = "\x1b]0;owned\x07clean \u202e these"
DECISION = {
    "answer", "asked", "asked_by", "choice", "decided", "decided_by", "due", "evidence", "goal",
    "id", "kind", "note", "on_expiry", "options", "owner", "question", "reversible", "state",
    "task", "via",
}  # fmt: skip
TASK = {
    "at_work", "attempts", "created", "goal", "id", "kind", "parent", "paused", "reason", "recoveries",
    "revision", "role", "state", "step", "title", "tool", "updated", "waits",
}  # fmt: skip
GOAL = TASK | {"steps", "at_work_on", "held_back", "waits_for_decisions", "cost"}
SHAPES: dict[tuple[str, ...], set[str]] = {
    ("status",): {"workspace", "crew", "needs_you", "blocked", "goals", "last_goal", "at"},
    ("board",): {"path", "sha256", "markdown"},
    ("tasks",): {"tasks"},
    ("decisions",): {"decisions"},
    ("events",): {"events"},
    ("logs", "t"): {"task", "events", "artifacts", "jobs"},
    ("cost",): {"goals", "day", "price_table"},
    ("standup",): {"at", "agents", "still_since", "missed", "slot", "seq"},
    ("standup", "--log"): {"path", "entries"},
    ("notes",): {"date", "path", "markdown", "taken_out"},
    ("recall", "duplicates"): {"query", "hits", "looked_at", "warning"},
    ("recall", "duplicates", "--tokens", "99"): {
        "query",
        "text",
        "sources",
        "tokens",
        "left_out",
        "warning",
    },
    ("models",): {"models", "chosen", "price_table"},
    ("tools",): {"tools"},
    ("tools", "audit"): {"tools"},
    ("roles",): {"roles"},
    ("pipelines",): {"pipelines"},
    ("pipelines", "data"): {"pipelines"},
    ("doctor",): {"findings"},
}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose goal waits for a decision, and that holds a goal of a hostile title."""
    place = workspace(tmp_path_factory.mktemp("reading") / "w")
    asked = crewboard("start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", at=place)
    assert asked.returncode == 3, asked.stderr
    ledger = Workspace(place).ledger()
    with ledger.write() as tx:
        create(tx, NewTask("goal", "lead", "peer:mallory", HOSTILE, {"text": HOSTILE}))
    ledger.close()
    return place


def read(here: Path, *verb: str) -> Any:
    if "t" in verb:
        verb = ("logs", read(here, "tasks")["tasks"][1]["id"])
    told = crewboard(*verb, "--json", at=here)
    assert told.returncode == 0, told.stderr
    assert told.stdout.isascii()
    return json.loads(told.stdout)


@pytest.mark.parametrize("verb", SHAPES, ids=" ".join)
def test_json_is_one_document_of_a_known_shape(here: Path, verb: tuple[str, ...]) -> None:
    assert set(read(here, *verb)) == SHAPES[verb]


@pytest.mark.parametrize("verb", SHAPES, ids=" ".join)
def test_words_never_steer_the_terminal(here: Path, verb: tuple[str, ...]) -> None:
    """A peer's title, shown by every verb that shows titles, is text and nothing else."""
    if "t" in verb:
        verb = ("logs", read(here, "tasks")["tasks"][-1]["id"])
    told = crewboard(*verb, at=here)
    assert told.returncode == 0, told.stderr
    for steers in ("\x1b", "\x07", "\u202e"):
        assert steers not in told.stdout + told.stderr


def test_the_parts_of_the_documents_have_known_shapes_too(here: Path) -> None:
    status = read(here, "status")
    assert all(set(goal) == GOAL for goal in status["goals"])
    assert all(set(decision) == DECISION for decision in status["needs_you"])
    assert all(set(task) == TASK for task in read(here, "tasks")["tasks"])
    assert {e["kind"] for e in read(here, "events")["events"]} >= {"plan.made", "artifact.made"}


def test_status_begins_with_what_needs_you(here: Path) -> None:
    told = crewboard("status", at=here).stdout
    assert told.lstrip().startswith("needs you")
    assert "2 of 6 steps" in told
    assert "crewboard resume" in told


def test_a_decision_shows_all_that_its_answer_needs(here: Path) -> None:
    told = crewboard("decisions", at=here).stdout
    for needed in (
        "--choose drop",
        "--choose keep-all",
        "every row counts once",
        "evidence:",
        "reject",
    ):
        assert needed in told
    assert "decides; asked by lead" in told


def test_events_can_be_narrowed(here: Path) -> None:
    """By number, time, goal and task."""
    everything = read(here, "events")["events"]
    later = read(here, "events", "--since", "5")["events"]
    assert [e["seq"] for e in later] == [e["seq"] for e in everything][5:]
    assert read(here, "events", "--since", "1d")["events"] == everything
    task = everything[-2]["task"]
    found = read(here, "events", "--task", task)["events"]
    assert found == [e for e in everything if e["task"] == task]


def test_following_as_json_gives_a_line_an_event(here: Path) -> None:
    following = subprocess.Popen(
        [sys.executable, "-m", "crewboard", "events", "--follow", "--json"],
        cwd=here, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert following.stdout is not None
    seen = [json.loads(following.stdout.readline())["seq"] for _ in range(10)]
    following.send_signal(2)
    _, err = following.communicate(timeout=30)
    assert seen == list(range(1, 11))
    assert (following.returncode, err) == (130, "")


def test_a_reader_that_goes_away_is_no_error(here: Path) -> None:
    """`crewboard events | head -1`."""
    for verb in (["events"], ["events", "--json"], ["status"], ["--help"]):
        talking = subprocess.Popen(
            [sys.executable, "-m", "crewboard", *verb],
            cwd=here, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert talking.stdout is not None
        talking.stdout.close()
        assert talking.stderr is not None
        err = talking.stderr.read()
        talking.stderr.close()
        assert (talking.wait(timeout=30), err) == (0, ""), verb


def test_options_have_twins_in_the_environment(here: Path, tmp_path: Path) -> None:
    at_home = {"CREWBOARD_WORKSPACE": str(here), "CREWBOARD_JSON": "1"}
    assert json.loads(crewboard("tasks", at=tmp_path, env=at_home).stdout)["tasks"]
    narrowed = {**at_home, "CREWBOARD_EVENTS_SINCE": "3"}
    assert (
        json.loads(crewboard("events", at=tmp_path, env=narrowed).stdout)["events"][0]["seq"] == 4
    )
    said = crewboard("events", "--since", "5", at=tmp_path, env=narrowed).stdout
    assert json.loads(said)["events"][0]["seq"] == 6, "the line wins"


def test_the_workspace_may_be_named_before_or_after_the_verb(here: Path, tmp_path: Path) -> None:
    before = crewboard("-C", str(here), "status", at=tmp_path)
    after = crewboard("status", "-C", str(here / "memory"), at=tmp_path)
    assert before.returncode == after.returncode == 0
    assert before.stdout == after.stdout


def test_a_terminal_without_unicode_is_served_too(here: Path) -> None:
    told = crewboard("board", at=here, env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert told.returncode == 0, told.stderr
    assert "KANBAN" in told.stdout


def test_a_stand_up_is_written_once_and_the_next_one_is_still(here: Path) -> None:
    """F8: without news a stand-up is one line."""
    first = crewboard("standup", "--write", at=here)
    assert "planned 6 steps" in first.stdout
    assert "STANDUPS.md" in first.stderr
    page = (here / "STANDUPS.md").read_text()
    assert "planned 6 steps" in page
    twice = crewboard("standup", "--write", at=here)
    assert (twice.returncode, twice.stdout) == (0, "")
    assert "was written before" in twice.stderr
    assert (here / "STANDUPS.md").read_text() == page
    again = crewboard("standup", at=here).stdout
    assert "Nothing moved since" in again
    assert "planned" not in again


def test_doctor_ends_with_5_when_a_check_fails(here: Path) -> None:
    """F30: a fault is told, with its remedy."""
    (here / ".crewboard" / "ledger.sqlite3").chmod(0o644)
    try:
        told = crewboard("doctor", at=here)
        assert told.returncode in {0, 5}
        assert any(word in told.stdout for word in ("warn", "fail"))
        toml = here / "crewboard.toml"
        good = toml.read_text()
        toml.write_text("[crew\n")
        broken = crewboard("doctor", at=here)
        toml.write_text(good)
        assert broken.returncode == 5
        assert "crewboard.toml" in broken.stdout
    finally:
        (here / ".crewboard" / "ledger.sqlite3").chmod(0o600)


def test_doctor_names_the_key_that_the_configured_model_lacks(tmp_path: Path) -> None:
    place = workspace(tmp_path / "w")
    (place / "crewboard.toml").write_text('[crew]\nmodel = "anthropic/claude-haiku-4-5"\n')
    crewboard("status", at=place)
    told = crewboard("doctor", at=place)
    assert told.returncode == 5
    assert "ANTHROPIC_API_KEY" in told.stdout
    good = crewboard("doctor", at=place, env={"ANTHROPIC_API_KEY": "sk-ant-" + "x" * 20})
    assert good.returncode == 0, good.stdout
