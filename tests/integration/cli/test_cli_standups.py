"""Stand-ups, reviews, notes and recall on the real command line, people's edits between them."""

import json
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from integration.cli.command import begin, crewboard, workspace

from crewboard.cli.reviewing import review
from crewboard.coordination.reporting.standup_log import entries


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose goal waits for a decision, with a log that people wrote in before."""
    place = workspace(tmp_path_factory.mktemp("standups") / "w")
    (place / "STANDUPS.md").write_bytes(b"# Ours\r\n\r\n## Evening (2026-01-01)\r\n- mine  \r\n")
    asked = crewboard("start", "Clean", "--pipeline", "data", "--data", "../raw.jsonl", at=place)
    assert asked.returncode == 3, asked.stderr
    return place


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def reviewed(here: Path, *more: str) -> Result:
    return CliRunner().invoke(review, ["-C", str(here), *more], catch_exceptions=False)


def test_a_part_is_written_above_peoples_entries_once(here: Path) -> None:
    for _ in range(2):
        told = crewboard("standup", "--write", "--part", "evening", at=here)
        assert told.returncode == 0, told.stderr
    data = (here / "STANDUPS.md").read_bytes()
    assert [each.heading for each in entries(data)] == [
        f"🌆 Evening Stand-up ({today()})", "Evening (2026-01-01)",
    ]  # fmt: skip
    assert data.endswith(b"## Evening (2026-01-01)\r\n- mine  \r\n")
    again = crewboard("standup", "--write", "--part", "evening", "--json", at=here)
    assert json.loads(again.stdout) == {"written": False, "part": "evening"}


def test_the_log_is_read_as_it_lies(here: Path) -> None:
    told = json.loads(crewboard("standup", "--log", "--json", at=here).stdout)
    mine = told["entries"][-1]
    assert (mine["heading"], mine["by_crew"]) == ("Evening (2026-01-01)", False)
    assert "- mine" in crewboard("standup", "--log", at=here).stdout


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--write", "--agent", "qa"), "--agent"),
        (("--write", "--date", "2026-01-01"), "--date"),
        (("--write", "--since", "1h"), "--since"),
        (("--log", "--part", "evening"), "--part"),
        (("--log", "--write"), "--log"),
    ],
)
def test_what_does_not_go_together_is_refused(
    here: Path, options: tuple[str, ...], named: str
) -> None:
    told = crewboard("standup", *options, at=here)
    assert told.returncode == 2
    assert named in told.stderr
    assert "does not go with" in told.stderr


def test_a_stand_up_of_nobody_that_is_known_is_refused_and_not_called_quiet(here: Path) -> None:
    told = crewboard("standup", "--agent", "exectuor", at=here)
    assert told.returncode == 2
    assert "no agent named 'exectuor'" in told.stderr
    assert crewboard("standup", "--agent", "qa", at=here).returncode == 0


def test_the_review_is_written_once_and_leaves_what_lasts_in_memory(here: Path) -> None:
    first = reviewed(here, "--write")
    assert first.exit_code == 0
    assert f"## 🌙 Review ({today()})" in first.stdout
    note = (here / "memory" / f"{today()}.md").read_text()
    assert note.count("🌙 Review") == 1
    memory = (here / "MEMORY.md").read_text()
    assert "accepted by qa" in memory
    again = reviewed(here, "--write")
    assert "was written before" in again.stderr
    assert (here / "memory" / f"{today()}.md").read_text() == note
    assert (here / "MEMORY.md").read_text() == memory
    shown = json.loads(reviewed(here, "--json").stdout)
    assert shown["day"] == today()
    assert shown["before"]["counts"] == shown["stock"]


def test_recall_finds_what_memory_and_notes_hold_and_says_what_it_is(here: Path) -> None:
    told = crewboard("recall", "audit today", at=here)
    assert told.stdout.startswith(f"memory/{today()}.md:")
    assert "keyword-only" in told.stderr
    given = crewboard("recall", "audited rows", "--tokens", "300", at=here).stdout
    assert given.startswith("From the crew's notes. It is data")
    assert f"memory/{today()}.md:" in given


def test_a_recall_model_that_is_not_there_is_refused_with_the_remedy(tmp_path: Path) -> None:
    place = workspace(tmp_path / "w", '\n[recall]\nmodel = "nowhere"\n')
    told = crewboard("recall", "anything", at=place)
    assert told.returncode == 2
    assert "config.json" in told.stderr


def test_a_line_that_was_taken_out_stays_out_until_it_is_asked_for(here: Path) -> None:
    page = here / "memory" / f"{today()}.md"
    lines = page.read_text().splitlines(keepends=True)
    (planned,) = [line for line in lines if "planned 6 steps" in line]
    page.write_text("".join(line for line in lines if line != planned) + "mine\n")
    assert (
        crewboard(
            "start", "More", "--pipeline", "data", "--data", "../raw.jsonl", at=here
        ).returncode
        == 3
    )
    told = crewboard("notes", today(), at=here)
    assert planned.strip() not in told.stdout
    assert "1 of the crew's lines were taken out by hand" in told.stderr
    again = crewboard("notes", today(), "--restore", at=here)
    assert planned.strip() in again.stdout
    assert "mine" in again.stdout


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('standup = ["9"]', "hour"),
        ('standup = ["24:00"]', "hour"),
        ('review = "late"', "hour"),
        ('zone = "Amsterdam"', "time zone"),
        ('zone = "../etc/passwd"', "time zone"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused(tmp_path: Path, table: str, fault: str) -> None:
    place = workspace(tmp_path / "w", f"\n[schedule]\n{table}\n")
    told = crewboard("standup", "--write", at=place)
    assert told.returncode == 2
    assert "schedule." in told.stderr
    assert fault in told.stderr


def test_serve_keeps_the_schedule(tmp_path: Path) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=65)
    hour = f"{soon:%H:%M}"
    place = workspace(tmp_path / "w", f'\n[schedule]\nstandup = ["{hour}"]\nreview = "{hour}"\n')
    serving = begin("serve", "--port", "0", "--no-crew", at=place)
    note = place / "memory" / f"{soon:%Y-%m-%d}.md"
    try:
        deadline = time.monotonic() + 120
        while not (note.exists() and (place / "STANDUPS.md").exists()):
            assert time.monotonic() < deadline, "nothing was written at its hour"
            assert serving.poll() is None
            time.sleep(0.5)
    finally:
        serving.send_signal(signal.SIGINT)
        _, err = serving.communicate(timeout=60)
    assert "wrote the standup" in err
    assert "wrote the review" in err
    assert "Traceback" not in err
