"""Parquet is read as rows of JSON."""

import datetime as dt
import decimal
from pathlib import Path
from typing import Any

import pytest
from unit.tools.data_rows import chat, made, run

from crewboard.errors import InputEmpty, InputUnreadable
from crewboard.tools.audit import audit
from crewboard.tools.files.errors import InputExpands
from crewboard.tools.files.jsonl import Fault, Line, Reason
from crewboard.tools.files.rows import read_rows

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def written(path: Path, rows: list[dict[str, Any]], **more: Any) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), path, **more)
    return path


def test_rows_come_in_order_with_their_values(tmp_path: Path) -> None:
    rows = [{"n": n, "text": f"é{n}", "list": [n], "deep": {"a": None}} for n in range(700)]
    found = list(read_rows(written(tmp_path / "x", rows, row_group_size=100)))
    assert [item.row for item in found if isinstance(item, Line)] == rows
    assert [item.number for item in found] == list(range(1, 701))


def test_values_that_json_lacks_become_text_or_a_fault(tmp_path: Path) -> None:
    day = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
    rows = [
        {"when": day, "price": decimal.Decimal("1.50"), "raw": b"text"},
        {"when": day, "price": decimal.Decimal("1.50"), "raw": b"\xff"},
    ]
    good, bad = read_rows(written(tmp_path / "x", rows))
    assert isinstance(good, Line)
    assert (good.row["price"], good.row["raw"]) == ("1.50", "text")
    assert isinstance(bad, Fault)
    assert (bad.number, bad.reason) == (2, Reason.MALFORMED)


def test_a_torn_an_empty_and_an_exploding_file_are_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "x", [{"a": n} for n in range(100)]).read_bytes()
    (tmp_path / "torn").write_bytes(whole[:200] + b"\0" * (len(whole) - 208) + whole[-8:])
    with pytest.raises(InputUnreadable, match="torn"):
        list(read_rows(tmp_path / "torn"))
    empty = tmp_path / "empty"
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), empty)
    with pytest.raises(InputEmpty):
        list(read_rows(empty))
    bomb = tmp_path / "bomb"
    pq.write_table(
        pa.table({"a": ["x" * 1_000_000] * 100}), bomb, compression="zstd", use_dictionary=False
    )
    with pytest.raises(InputExpands):
        list(read_rows(bomb))


def test_a_parquet_file_is_audited_like_its_json_lines(tmp_path: Path) -> None:
    written(tmp_path / "x.parquet", [chat("a"), chat("b", ""), chat("a")])
    report = run(audit, tmp_path, data="x.parquet")
    assert report.measured["counts"] == {"empty-content": 1, "duplicate": 1}
    assert made(report, "report").stat().st_size > 0


def test_a_date_beyond_the_year_9999_loses_no_other_row(tmp_path: Path) -> None:
    at = pa.array([1, 2, 10**13, 4], pa.int64()).cast(pa.timestamp("s"))
    pq.write_table(pa.table({"at": at, "n": [1, 2, 3, 4]}), tmp_path / "x")
    found = list(read_rows(tmp_path / "x"))
    assert [type(item) for item in found] == [Line, Line, Fault, Line]
    assert [item.number for item in found] == [1, 2, 3, 4]
    assert isinstance(found[2], Fault)
    assert found[2].reason is Reason.MALFORMED
