"""One step after the other, each published, as a pipeline runs them."""

from pathlib import Path
from typing import Any

import orjson
from unit.tools.data_rows import run

from crewboard.tools.audit import audit
from crewboard.tools.contract import Manifest, Produced, Tool, publish
from crewboard.tools.dedup import dedup
from crewboard.tools.filter import filter_rows
from crewboard.tools.generate import generate
from crewboard.tools.ingest import ingest
from crewboard.tools.measure import measure
from crewboard.tools.report import report
from crewboard.tools.split import split


def step(folder: Path, tool: Tool, **arguments: Any) -> dict[str, Manifest]:
    outcome = run(tool, folder, f"out-{tool.name}", **arguments)
    manifests = publish(outcome, Produced(tool, {}, {}, seed=42), folder / "artifacts", folder)
    return {each.name: each for each in manifests}


def data_steps(folder: Path) -> dict[str, Manifest]:
    folder.mkdir()
    raw = step(folder, generate, rows=2000, seed=42)["rows"]
    rows = step(folder, ingest, files=[raw.path])["rows"]
    unique = step(folder, dedup, data=rows.path)["rows"]
    clean = step(folder, filter_rows, data=unique.path, max_words=400)["rows"]
    sides = step(folder, split, data=clean.path, test_share=0.1)
    checked = step(folder, audit, data=sides["train"].path)["report"]
    made = {"clean": clean, "audit": checked, **sides}
    names = [f"{each.path}.manifest.json" for each in (rows, unique, clean, sides["train"])]
    return made | step(folder, report, title="Steps", audit=checked.path, manifests=names)


def test_a_generated_dataset_comes_out_clean_and_every_row_is_explained(tmp_path: Path) -> None:
    """F13, F14: each step's rows lead to the next one's."""
    made = data_steps(tmp_path / "run")
    planted = {"duplicate": 40, "empty-content": 20, "over-long": 10, "malformed-json": 6}
    assert made["clean"].rows == 2000 - sum(planted.values())
    found = measure("chat-jsonl", tmp_path / "run" / made["clean"].path)
    assert (found["rows"], found["duplicates"], found["empty_content"]) == (1924, 0, 0)
    train, test = made["train"].rows, made["test"].rows
    assert train is not None
    assert test is not None
    assert train + test == 1924
    page = (tmp_path / "run" / made["report"].path).read_text()
    assert "| ingest | 2,000 | 0 | 1,994 | malformed-json 6 |" in page
    assert "| dedup | 1,994 | 0 | 1,954 | duplicate 40 |" in page
    assert "| filter | 1,954 | 0 | 1,924 | empty-content 20, over-long 10 |" in page


def test_the_same_steps_give_the_same_artifacts_elsewhere(tmp_path: Path) -> None:
    """F26."""
    one, two = data_steps(tmp_path / "one"), data_steps(tmp_path / "two")
    assert {k: m.sha256 for k, m in one.items()} == {k: m.sha256 for k, m in two.items()}


def test_no_artifact_but_the_data_holds_a_planted_address(tmp_path: Path) -> None:
    made = data_steps(tmp_path / "run")
    for name in ("audit", "report", "plot"):
        data = (tmp_path / "run" / made[name].path).read_bytes()
        assert b"@" not in data.replace(b"@import", b"")
    assert orjson.loads((tmp_path / "run" / made["audit"].path).read_bytes())["rules"]
