"""What cannot be done is said in one sentence, with what to do instead, before anything is written."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from integration.cli.command import crewboard, environment, workspace

from crewboard.coordination.settings import Settings

START = ("start", "Clean the rows", "--pipeline", "data")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = workspace(tmp_path_factory.mktemp("refusals") / "w")
    beside = place.parent
    (beside / "empty.jsonl").touch()
    (beside / "blank.jsonl").write_text("\n\n")
    (beside / "no.jsonl").write_text("question,answer\n1,2\n")
    (beside / "binary.jsonl").write_bytes(os.urandom(4096))
    os.mkfifo(beside / "pipe.jsonl")
    return place


REFUSED: dict[str, tuple[tuple[str, ...], int, str]] = {
    "a missing file": ((*START, "--data", "../none.jsonl"), 2, "does not exist"),
    "an empty file": ((*START, "--data", "../empty.jsonl"), 2, "holds no rows"),
    "a file of blank lines": ((*START, "--data", "../blank.jsonl"), 2, "holds no rows"),
    "a file that is not JSONL": ((*START, "--data", "../no.jsonl"), 2, "not JSONL"),
    "a binary file": ((*START, "--data", "../binary.jsonl"), 2, "not JSONL"),
    "a directory": ((*START, "--data", ".."), 2, "a directory"),
    "a pipe": ((*START, "--data", "../pipe.jsonl"), 2, "a named pipe"),
    "one bad file of two": (
        (*START, "--data", "../raw.jsonl", "--data", "../none.jsonl"), 2, "does not exist",
    ),
    "no data": (START, 2, "--data FILE"),
    "an unknown pipeline": (("start", "x", "--pipeline", "sftt"), 2, "There are: sft, data"),
    "an unknown provider": ((*START, "--data", "../raw.jsonl", "--model", "acme/x"), 2, "anthropic"),
    "a provider without a model": (
        (*START, "--data", "../raw.jsonl", "--model", "openai"), 2, "openai/MODEL",
    ),
    "a model without its key": (
        (*START, "--data", "../raw.jsonl", "--model", "anthropic/claude-haiku-4-5"), 4,
        "ANTHROPIC_API_KEY",
    ),
    "a goal that rules do not understand": (("start", "Sing"), 4, "--model PROVIDER/MODEL"),
    "an empty goal": (("start", "  "), 2, "it says nothing"),
    "an unknown parameter": (
        (*START, "--data", "../raw.jsonl", "--set", "colour=red"), 2, "colour",
    ),
    "a parameter of the wrong kind": (
        (*START, "--data", "../raw.jsonl", "--set", "rank=high"), 2, "rank",
    ),
    "a parameter without a value": ((*START, "--set", "rank"), 2, "NAME=VALUE"),
    "a budget that is no number": ((*START, "--budget", "much"), 2, "US dollars"),
    "a budget below nothing": ((*START, "--budget", "-1"), 2, "US dollars"),
    "an endless budget": ((*START, "--budget", "inf"), 2, "US dollars"),
    "an unknown option": ((*START, "--dta", "x"), 2, "crewboard start --help"),
    "an unknown verb": (("stat",), 2, "crewboard has no verb 'stat'"),
    "a missing goal": (("start",), 2, "GOAL"),
    "an unknown decision": (("approve", "zzzzz", "--choose", "x"), 2, "no decision named"),
    "an unknown task": (("logs", "zzzzz"), 2, "no task named"),
    "an unknown tool": (("tools", "hammer"), 2, "There are: audit"),
    "an unknown day": (("notes", "yesterday"), 2, "YYYY-MM-DD"),
    "an unknown moment": (("events", "--since", "once"), 2, "30m"),
    "a port beyond the last": (("serve", "--port", "70000"), 2, "65535"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_one_sentence_and_writes_nothing(here: Path, case: str) -> None:
    arguments, code, told = REFUSED[case]
    refused = crewboard(*arguments, at=here)
    assert (refused.returncode, refused.stdout) == (code, ""), refused.stderr
    assert told in refused.stderr
    assert refused.stderr.startswith("crewboard: ")
    assert refused.stderr.count("\n") == 1, refused.stderr
    assert "Traceback" not in refused.stderr
    assert json.loads(crewboard("tasks", "--json", at=here).stdout) == {"tasks": []}


@pytest.mark.parametrize(
    "verb", ["status", "start", "approve", "resume", "doctor", "board", "serve"]
)
def test_outside_of_a_workspace_a_verb_says_how_to_make_one(tmp_path: Path, verb: str) -> None:
    more = {"start": ["x"], "approve": ["d1"]}.get(verb, [])
    refused = crewboard(verb, *more, at=tmp_path)
    assert refused.returncode == 2
    assert "crewboard init" in refused.stderr


@pytest.mark.parametrize("verb", ["models", "tools", "roles", "pipelines"])
def test_what_there_is_can_be_read_without_a_workspace(tmp_path: Path, verb: str) -> None:
    assert crewboard(verb, at=tmp_path).returncode == 0


@pytest.mark.parametrize("name", ["😀 models", 'a "b" {c}', "back\\slash", "del\x7f"])
def test_a_folder_of_any_name_becomes_a_workspace_whose_settings_are_read(
    tmp_path: Path, name: str
) -> None:
    here = tmp_path / name
    here.mkdir()
    made = crewboard("init", ".", "--owner", "Zoë 🦊", at=here)
    assert made.returncode == 0, made.stderr
    assert Settings.load(here / "crewboard.toml").crew.owner == "Zoë 🦊"


def test_a_folder_whose_name_is_no_text_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    here = tmp_path / os.fsdecode(b"caf\xe9")
    here.mkdir()
    made = crewboard("init", ".", at=here)
    assert made.returncode == 2
    assert "is not UTF-8 text" in made.stderr
    assert list(here.iterdir()) == []


def test_init_makes_what_is_missing_and_leaves_the_rest(tmp_path: Path) -> None:
    (tmp_path / "KANBAN.md").write_text("# my own board\n")
    first = crewboard("init", "--owner", "ada", at=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "made: crewboard.toml, .gitignore" in first.stdout
    assert (tmp_path / "KANBAN.md").read_text() == "# my own board\n"
    assert 'owner = "ada"' in (tmp_path / "crewboard.toml").read_text()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert "nothing" in crewboard("init", at=tmp_path).stdout
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("owner", ['a"b', "a\\b", "a\nb"])
def test_an_owner_that_would_break_the_settings_is_refused(tmp_path: Path, owner: str) -> None:
    assert crewboard("init", "--owner", owner, at=tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_wrong_settings_are_told_with_their_place(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w")
    (here / "crewboard.toml").write_text("[budget]\ngoal_usd = -1\n")
    refused = crewboard(*START, "--data", "../raw.jsonl", at=here)
    assert refused.returncode == 2
    assert "budget.goal_usd" in refused.stderr


def test_a_ledger_that_is_none_is_told_and_left_alone(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w")
    ledger = here / ".crewboard" / "ledger.sqlite3"
    ledger.write_text("not a database, " * 100)
    ledger.chmod(0o600)
    refused = crewboard("status", at=here)
    assert refused.returncode == 5
    assert "does not verify" in refused.stderr
    assert ledger.read_text().startswith("not a database")


def test_a_workspace_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Root passes every mode, so it lays that power down first."""
    here = workspace(tmp_path / "w")
    (here / ".crewboard").chmod(0o500)
    command = [sys.executable, "-m", "crewboard", *START, "--data", "../raw.jsonl"]
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root can write everywhere, and setpriv is not here to change that")
        command = [setpriv, "--bounding-set", "-dac_override", *command]
    refused = subprocess.run(
        command, cwd=here, env=environment(), capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2, refused.stderr
    assert "cannot be written" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_what_nobody_foresaw_leaves_its_trace_in_a_log(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w")
    program = (
        "import crewboard.coordination.tasks as t\n"
        "def broken(tx): raise RuntimeError('a bug with sk-ant-" + "x" * 24 + "')\n"
        "t.goals = broken\n"
        "from crewboard.cli import run\n"
        "raise SystemExit(run(['status']))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=here, env=environment(), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 5
    log = here / ".crewboard" / "crew.log"
    assert (
        told.stderr == f"crewboard: crewboard itself broke (RuntimeError). The trace is in {log}.\n"
    )
    assert "a bug with [redacted]" in log.read_text()
