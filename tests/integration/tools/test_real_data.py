"""The tools on real data, used in place."""

from pathlib import Path

import pytest
from unit.tools.data_rows import dropped, made, read_rows, run

from crewboard.tools.audit import audit
from crewboard.tools.dedup import dedup
from crewboard.tools.ingest import ingest
from crewboard.tools.measure import measure
from crewboard.tools.split import split

DATA = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not beside the project")


def linked(folder: Path, name: str) -> str:
    """The name of a real file within a workspace, by a hard look at its bytes."""
    (folder / name).write_bytes((DATA / name).read_bytes())
    return name


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("gsm8k_train.jsonl", 7473),
        ("gsm8k_test.jsonl", 1319),
        ("self_instruct_seed_tasks.jsonl", 175),
    ],
)
def test_every_real_row_becomes_a_chat_row(tmp_path: Path, name: str, rows: int) -> None:
    outcome = run(ingest, tmp_path, files=[linked(tmp_path, name)])
    assert outcome.rows is not None
    assert (outcome.rows.rows_in, outcome.rows.rows_out) == (rows, rows)
    assert dropped(outcome) == {}
    found = measure("chat-jsonl", made(outcome, "rows"))
    assert (found["rows"], found["parse_errors"], found["role_faults"]) == (rows, 0, 0)


def test_real_problems_are_audited_without_a_false_contact(tmp_path: Path) -> None:
    run(ingest, tmp_path, "chat", files=[linked(tmp_path, "gsm8k_train.jsonl")])
    report = run(audit, tmp_path, "audit", data="chat/rows.jsonl")
    assert report.measured["rows"] == 7473
    assert not {"email", "phone", "empty-content", "role-alternation"} & set(
        report.measured["counts"]
    )


def test_train_and_test_of_the_real_data_share_no_question(tmp_path: Path) -> None:
    run(ingest, tmp_path, "chat", files=[linked(tmp_path, "gsm8k_train.jsonl")])
    run(dedup, tmp_path, "unique", data="chat/rows.jsonl")
    outcome = run(split, tmp_path, "split", data="unique/rows.jsonl", test_share=0.1, seed=42)
    train, test = (
        {row["messages"][0]["content"] for row in read_rows(made(outcome, side))}
        for side in ("train", "test")
    )
    assert not train & test
    assert 650 < len(test) < 850
