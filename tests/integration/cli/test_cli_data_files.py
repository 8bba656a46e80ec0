"""`crewboard data convert`, `check` and `expand` as commands: what they write, say and leave with."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import orjson
import pytest
from unit.tools.data_rows import chat, read_rows, write_rows

from crewboard.cli.data import pace
from crewboard.cli.data.check import check, contracts
from crewboard.cli.data.convert import convert, formats
from crewboard.cli.data.expand import expand
from crewboard.errors import ArgumentsInvalid
from crewboard.tools.check import ContractBroken

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(verb: click.Command, *words: str) -> Any:
    return verb.main(list(words), standalone_mode=False)


def test_converted_rows_lie_beside_their_manifest_and_exclusions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(tmp_path / "in.jsonl", [chat("q", level=1), {"text": "x"}])
    call(convert, "in.jsonl", "--to", "openai", "--out", "made")
    told = capsys.readouterr()
    rows, dropped = (tmp_path / line for line in told.out.splitlines())
    assert len(read_rows(rows)) == 1
    assert [each["reason"] for each in read_rows(dropped)] == ["unknown-shape"]
    assert "lost details.level: 1 in 1 rows, first in line 1" in told.err
    manifest = orjson.loads(rows.with_name(rows.name + ".manifest.json").read_bytes())
    assert manifest["accounting"] == {
        "rows_in": 2,
        "rows_out": 1,
        "made": 0,
        "dropped": {"unknown-shape": 1},
    }
    assert manifest["parents"]["files.0"]
    assert manifest["parameters"]["to"] == "openai"
    assert sorted(path.name[0] for path in (tmp_path / "made").iterdir()) == ["i"] * 4


def test_the_same_command_gives_the_same_bytes(tmp_path: Path) -> None:
    write_rows(tmp_path / "in.jsonl", [chat("q")])
    seen = []
    for out in ("a", "b"):
        call(convert, "in.jsonl", "--to", "atif", "--out", out)
        seen.append({path.name: path.read_bytes() for path in (tmp_path / out).iterdir()})
    assert seen[0] == seen[1]


def test_one_document_tells_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(tmp_path / "in.jsonl", [chat("q")])
    call(convert, "in.jsonl", "--to", "adp", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["rows_in"], told["rows_out"], told["dropped"]) == (1, 1, {})
    assert (tmp_path / "data" / told["artifacts"][0]["path"]).is_file()


def test_a_check_leaves_with_0_2_or_5(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(tmp_path / "good.jsonl", [chat(str(i)) for i in range(10)])
    write_rows(tmp_path / "bad.jsonl", [chat(str(i), weight=0.4) for i in range(10)])
    assert call(check, "good.jsonl", "--for", "openai") == 0
    with pytest.raises(ContractBroken) as broken:
        call(check, "bad.jsonl", "--for", "openai")
    assert broken.value.exit_code == 2
    assert call(check, "bad.jsonl", "--for", "openai", "--all") == 5
    assert capsys.readouterr().out == "unrecognized-key: 10\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.jsonl", "good.jsonl"]


def test_sets_are_expanded_from_named_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "ab":
        write_rows(tmp_path / f"{name}.jsonl", [chat(f"{name}{i}") for i in range(10)])
    (tmp_path / "m.csv").write_text(",a,b\na,1,.5\nb,.2,1\n")
    call(expand, "a=a.jsonl", "b=b.jsonl", "--rows", "30", "--matrix", "m.csv", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["measured"]["rows_for_each"] == {"a": 30, "b": 30}
    with pytest.raises(click.UsageError, match="AGENT=FILE"):
        call(expand, "a.jsonl", "--rows", "30")
    with pytest.raises(ArgumentsInvalid, match="need a matrix"):
        call(expand, "a=a.jsonl", "b=b.jsonl", "--rows", "30")


def test_what_there_is_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    call(formats)
    call(contracts)
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} >= {"chat", "atif", "openai", "together", "unsloth"}


def test_a_killed_conversion_goes_on_where_it_was(tmp_path: Path) -> None:
    """kill -9 between two marks: nothing half is named as whole, and nothing is done twice."""
    write_rows(tmp_path / "in.jsonl", [chat(f"question {i}", level=i) for i in range(60_000)])
    program = (
        "from crewboard.cli.data.convert import convert\n"
        "convert.main(['in.jsonl', '--to', 'openai', '--out', 'made'], standalone_mode=False)\n"
    )
    command = [sys.executable, "-c", program]
    same_code = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, env=same_code, stderr=subprocess.DEVNULL) as process:
        while not list(tmp_path.glob("made/.crewboard/*/mark.json")):
            assert process.poll() is None, "it was done before it could be killed"
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert not list(tmp_path.glob("made/*.jsonl"))
    subprocess.run(command, env=same_code, check=True, capture_output=True)
    call(convert, "in.jsonl", "--to", "openai", "--out", "whole")
    for path in (tmp_path / "whole").glob("in.openai.*"):
        assert (tmp_path / "made" / path.name).read_bytes() == path.read_bytes()
    assert not (tmp_path / "made" / ".crewboard").exists()


PACES: list[tuple[int, int | None, float, str]] = [
    (500, None, 0, "500 rows"),
    (500, None, 250, "500 rows, 250 a second"),
    (500, 2000, 250, "500 of about 2,000 rows, 250 a second, 6 s left"),
    (500, 500, 250, "500 of about 500 rows, 250 a second"),
    (500, 2_000_000, 250, "500 of about 2,000,000 rows, 250 a second, 2.2 h left"),
    (500, 200_000, 100, "500 of about 200,000 rows, 100 a second, 33 min left"),
]


@pytest.mark.parametrize(("done", "total", "rate", "told"), PACES)
def test_a_pace_is_told_with_rate_and_time_left(
    done: int, total: int | None, rate: float, told: str
) -> None:
    assert pace.words(done, total, rate) == told


def test_what_a_resumed_run_skipped_does_not_count_as_speed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    going = pace.Pace("convert", lambda: now[0])
    going(1_000_000, None, "in.jsonl")
    now[0] = 20.0
    going(1_002_000, None, "in.jsonl")
    assert "1,002,000 rows, 100 a second" in capsys.readouterr().err
