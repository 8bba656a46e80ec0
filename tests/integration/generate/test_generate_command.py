"""`crewboard data generate` and `crewboard dev fake-provider`, as a person types them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.generate.generating import CANARY, rows_of

from crewboard.tools.generate.shipped import copy_shipped
from crewboard.tools.lineage import Shelf, State, lineage_of

ROOT = Path(__file__).resolve().parents[3]
RUN = """
import sys
from crewboard.cli.failure import code_of, tell
from crewboard.cli.{module} import {verb}
try:
    {verb}.main(sys.argv[1:], prog_name="crewboard", standalone_mode=False)
except (Exception, KeyboardInterrupt) as error:
    tell(error, sys.argv[1:])
    sys.exit(code_of(error))
"""
GENERATE = RUN.format(module="data.generate", verb="generate")
DEV = RUN.format(module="dev", verb="dev")
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OPENAI_API_KEY": CANARY}


def _generate(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", GENERATE, *arguments],
        capture_output=True, text=True, check=False, env={**ENVIRON, **environ},
    )  # fmt: skip


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[str]:
    """The address of a twin in a process of its own."""
    script = tmp_path / "script.toml"
    script.write_text("latency_s = 0.3\n")
    process = subprocess.Popen(
        [
            sys.executable, "-c", DEV, "fake-provider", "--port", "0",
            "--script", str(script), "--charges", str(tmp_path / "charges.jsonl"),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENVIRON,
    )  # fmt: skip
    assert process.stdout is not None
    yield process.stdout.readline().strip() + "/v1"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)


def _charges(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "charges.jsonl").read_text().splitlines()]


def test_a_dry_run_tells_plan_estimate_and_prompt_and_sends_nothing(tmp_path: Path) -> None:
    """F22: the figure before the money, with the arithmetic beside it."""
    done = _generate("support-desk", "--out", str(tmp_path / "o"), "--model", "openai/gpt-6-luna",
                     "--dry-run", OPENAI_API_KEY="")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "6,665 rows in 75 strata, by openai/gpt-6-luna" in done.stdout
    assert "USD per million (inference, prices of 2026-11)" in done.stdout
    assert "Write one example for analyst" in done.stdout
    assert not (tmp_path / "o").exists()


def test_json_is_one_document_on_stdout(tmp_path: Path) -> None:
    given = ("support-desk", "--out", str(tmp_path / "o"), "--rows", "20", "--json")
    plan = json.loads(_generate(*given, "--dry-run").stdout)
    assert (sum(plan["planned"].values()), "cost" in plan["estimate"]) == (20, True)
    report = json.loads(_generate(*given).stdout)
    assert report == json.loads((tmp_path / "o/report.json").read_text())
    assert report["rows"] == 20


def test_a_paid_model_needs_a_budget_and_a_key(tmp_path: Path) -> None:
    given = ("support-desk", "--out", str(tmp_path / "o"), "--model", "openai/gpt-6-luna")
    unlimited = _generate(*given)
    assert (unlimited.returncode, "--budget" in unlimited.stderr) == (2, True)
    keyless = _generate(*given, "--budget", "1", OPENAI_API_KEY="")
    assert (keyless.returncode, "OPENAI_API_KEY" in keyless.stderr) == (4, True)


def test_a_folder_with_files_of_others_is_not_written_into(tmp_path: Path) -> None:
    out = tmp_path / "o"
    out.mkdir()
    (out / "rows.jsonl").write_text('{"mine": true}\n')
    done = _generate("support-desk", "--rows", "5", "--out", str(out))
    assert (done.returncode, "holds rows.jsonl" in done.stderr) == (2, True), done.stderr
    assert [path.name for path in out.iterdir()] == ["rows.jsonl"]
    assert (out / "rows.jsonl").read_text() == '{"mine": true}\n'


def test_the_lineage_of_rows_leads_to_their_recipe_and_what_they_must_not_repeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F25: a recipe that was changed since makes its rows stale."""
    monkeypatch.chdir(tmp_path)
    copy_shipped("support-desk", tmp_path)
    (tmp_path / "old.jsonl").write_text('{"task": "t", "context": "c"}\n')
    done = _generate("support-desk.toml", "--rows", "5", "--out", "o", "--existing", "old.jsonl")
    assert done.returncode == 0, done.stderr
    node = lineage_of(Path("o/rows.jsonl"), Shelf(Path()))
    assert {each.role: str(each.path) for each in node.parents} == {
        "existing.0": "old.jsonl",
        "recipe": "support-desk.toml",
    }
    assert (node.state, node.record and node.record.rows) == (State.SOUND, 5)
    with Path("support-desk.toml").open("a") as file:
        file.write("# changed\n")
    assert lineage_of(Path("o/rows.jsonl"), Shelf(Path())).state is State.STALE


def test_whoever_interrupts_it_is_told_how_it_goes_on(tmp_path: Path) -> None:
    words = ["data", "generate", "support-desk", "--out", str(tmp_path / "o")]
    process = subprocess.Popen(
        [sys.executable, "-m", "crewboard", *words], stderr=subprocess.PIPE, text=True, env=ENVIRON
    )
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 130, told
    assert told.endswith("what was written is kept. Run the same command again.\n")


def test_the_twin_by_hand_and_a_run_that_is_interrupted_and_goes_on(
    tmp_path: Path, twin: str
) -> None:
    """F9: Ctrl-C waits for the answers that are paid for; the next run asks for the rest."""
    arguments = ["support-desk", "--rows", "60", "--out", str(tmp_path / "o"), "--model",
                 "openai/gpt-6-luna", "--base-url", twin, "--budget", "2",
                 "--concurrency", "8"]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", GENERATE, *arguments], stderr=subprocess.PIPE, text=True, env=ENVIRON
    )
    assert process.stderr is not None
    process.stderr.readline()  # the first rows are there
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 130, told
    halfway = len(_charges(tmp_path))
    assert 0 < halfway < 60
    done = _generate(*arguments)
    assert done.returncode == 0, done.stderr
    assert "0 lost" in done.stdout
    assert (
        len({charge["request"] for charge in _charges(tmp_path)}) == len(_charges(tmp_path)) == 60
    )
    assert len(rows_of(tmp_path / "o" / "rows.jsonl")) == 60


def test_without_a_model_the_templates_write(tmp_path: Path) -> None:
    done = _generate("short-videos", "--out", str(tmp_path / "o"), OPENAI_API_KEY="")
    assert done.returncode == 0, done.stderr
    assert "10 rows in" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.toml"], "nowhere.toml"),
        (["support-desk", "--model", "rules/x", "--budget", "1"], "provider to generate with"),
        (["support-desk", "--model", "openai/unheard-of", "--budget", "1"], "no price"),
    ],
)
def test_a_wrong_line_is_told_in_one_sentence(
    tmp_path: Path, arguments: list[str], told: str
) -> None:
    done = _generate(*arguments, "--out", str(tmp_path / "o"))
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
