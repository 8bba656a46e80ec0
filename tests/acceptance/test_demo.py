"""`make demo`, as README says it, to its end: a signed adapter, a report, and a board that tells so."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / ".." / "shared" / "data"
READY = ROOT / ".venv" / ".ready"
CREWBOARD = ROOT / ".venv" / "bin" / "crewboard"

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(not READY.exists(), reason="`make` has not set up .venv here"),
]


def _demo(folder: Path, data: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "demo", f"DEMO={folder}", f"DATA={data}"]
    offline = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", **environment}
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **offline},
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )


def _check(folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr
    for told in ("report ", "plot ", "board ", "notes ", "stand-up ", "held out "):
        assert f"  {told}" in done.stdout
    [report] = folder.glob("reports/*/report/report.*.md")
    [plot] = folder.glob("reports/*/report/plot.*.svg")
    assert plot.name in report.read_text()
    assert list(folder.glob("data/*/train/adapter.*/adapter_model.safetensors"))
    board = (folder / "KANBAN.md").read_text()
    done_column = board.partition("## ✅ Done")[2].partition("\n## ")[0]
    assert "Train a LoRA adapter" in done_column
    assert "@policy:demo-drop" in board.partition("## 🧭 Decided")[2].partition("\n## ")[0]
    doctor = subprocess.run(
        [CREWBOARD, "-C", folder, "doctor", "--json"], capture_output=True, text=True, check=False
    )
    assert '"fail"' not in doctor.stdout


@pytest.mark.skipif(not SHARED.exists(), reason="the real rows (../shared/data) are not here")
def test_on_real_word_problems_the_held_out_loss_falls(tmp_path: Path) -> None:
    """F11, F23: the run succeeded because its artifacts open, with a baseline, n and an interval."""
    folder = tmp_path / "demo"
    _check(folder, _demo(folder, str(SHARED / "gsm8k_train.jsonl")))
    [path] = (
        p for p in folder.glob("data/*/evaluate/evaluation.*.json") if "manifest" not in p.name
    )
    evaluation = json.loads(path.read_text())
    assert evaluation["n"] == 200
    assert evaluation["ci95"][1] < 0


@pytest.mark.skipif(not SHARED.exists(), reason="the real rows (../shared/data) are not here")
def test_nothing_in_it_is_made_for_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    data = str(SHARED / "self_instruct_seed_tasks.jsonl")
    _check(folder, _demo(folder, data, CREWBOARD_START_SET="max_steps=25"))


def test_without_data_it_generates_its_own_and_labels_every_row(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    _check(folder, _demo(folder, "", CREWBOARD_START_SET="max_steps=25"))
    [rows] = (p for p in folder.glob("data/*/ingest/rows.*.jsonl"))
    assert all(json.loads(line)["synthetic"] is True for line in rows.read_text().splitlines())
