"""A step over rows that is stopped anywhere ends, gone on with, with the same bytes and books."""

from pathlib import Path
from typing import Any

import pytest
from unit.tools.data_rows import Row, Stopping, chat, run, write_rows

from crewboard.errors import Cancelled, InputUnreadable, JobConflict
from crewboard.tools.contract import Outcome, Tool
from crewboard.tools.contract.bench import Bench
from crewboard.tools.files import sieve
from crewboard.tools.ingest import ingest
from crewboard.tools.split import split

ROWS: list[Row] = [chat(f"q{n}") if n % 7 else {"text": n} for n in range(9000)]
STEPS: list[tuple[Tool, dict[str, Any]]] = [
    (ingest, {"files": ["in.jsonl", "more.jsonl"]}),
    (split, {"data": "in.jsonl"}),
]


@pytest.fixture(autouse=True)
def _marks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sieve, "MARK_EVERY", 500)
    monkeypatch.setattr(Stopping, "after", 4000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_rows(tmp_path / "in.jsonl", ROWS)
    write_rows(tmp_path / "more.jsonl", ROWS[:3000])
    return tmp_path


def stopped(tool: Tool, folder: Path, **arguments: Any) -> Stopping:
    bench = Stopping(folder, folder / "out")
    with pytest.raises(Cancelled):
        tool.run(tool.parse(arguments), bench)
    return bench


def told(outcome: Outcome) -> list[Any]:
    return [
        *(each.path.read_bytes() for each in outcome.made),
        outcome.rows,
        outcome.summary,
        dict(outcome.measured),
    ]


@pytest.mark.parametrize(("tool", "arguments"), STEPS)
@pytest.mark.parametrize("after", [2000, 6000, 8000])
def test_a_stopped_step_goes_on(
    folder: Path, tool: Tool, arguments: dict[str, Any], after: int
) -> None:
    whole = told(run(tool, folder, "whole", **arguments))
    Stopping.after = after
    bench = stopped(tool, folder, **arguments)
    assert not list(bench.out.iterdir()), "nothing half is named as if it were whole"

    second = Bench(folder, folder / "out")
    kept: list[bytes] = []
    write = sieve.Sieve._write

    def counted(self: sieve.Sieve, output: str, raw: bytes) -> None:
        kept.append(raw)
        write(self, output, raw)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sieve.Sieve, "_write", counted)
        outcome = tool.run(tool.parse(arguments), second)
    assert told(outcome) == whole
    assert outcome.rows is not None
    assert len(kept) <= outcome.rows.rows_in - after + 500, "what was marked is not done again"
    assert not list((folder / "out.jobs").iterdir())


def test_other_bytes_under_the_same_name_are_other_work(folder: Path) -> None:
    """F25."""
    stopped(split, folder, data="in.jsonl")
    write_rows(folder / "in.jsonl", [*ROWS[:8000], *ROWS[:1000]])
    again = told(run(split, folder, data="in.jsonl"))
    assert again == told(run(split, folder, "whole", data="in.jsonl"))


def test_a_file_of_which_nothing_can_be_converted_is_told_after_a_stop_too(folder: Path) -> None:
    write_rows(folder / "more.jsonl", [{"text": n} for n in range(5000)])
    Stopping.after = 12_000
    bench = stopped(ingest, folder, files=["in.jsonl", "more.jsonl"])
    with pytest.raises(InputUnreadable, match="more"):
        ingest.run(
            ingest.parse({"files": ["in.jsonl", "more.jsonl"]}), Bench(bench.root, bench.out)
        )


def test_two_runs_of_the_same_work_do_not_meet(folder: Path) -> None:
    class Meeting(Bench):
        def progress(self, done: int, total: int | None = None, note: str = "") -> None:
            super().progress(done, total, note)
            split.run(split.parse({"data": "in.jsonl"}), Bench(folder, folder / "out"))

    with pytest.raises(JobConflict):
        split.run(split.parse({"data": "in.jsonl"}), Meeting(folder, folder / "out"))
