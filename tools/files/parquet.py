"""Rows of a Parquet file as lines: what JSON can hold of them, one batch in memory at a time.

A row has no byte offset of its own here: its `offset` is its number from 0. Dates, times and decimals
become text; bytes become text where they are UTF-8 and a fault where they are not.
"""

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from crewboard.errors import ExtraMissing, InputEmpty, InputUnreadable
from crewboard.tools.files.errors import InputExpands
from crewboard.tools.files.jsonl import Fault, Line, Reason, check_readable
from crewboard.tools.files.unpack import FREE_MB, MOST_TIMES

MAGIC = b"PAR1"
_BATCH = 256
_MB = 1_000_000
_AS_TEXT = (date, time, timedelta, Decimal, UUID)


def is_parquet(path: Path) -> bool:
    """Whether it begins and ends as Parquet does."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return False
        file.seek(max(0, check_readable(path) - len(MAGIC)))
        return file.read() == MAGIC


def read_parquet(path: Path) -> Iterator[Line | Fault]:
    """Every row of `path`; `raw` is the row as orjson writes it.

    InputEmpty without a row, InputUnreadable when it is damaged, InputExpands when it claims to
    unpack far beyond its size, ExtraMissing without pyarrow.
    """
    if find_spec("pyarrow") is None:
        raise ExtraMissing(what="a Parquet file", package="pyarrow", extra="data")
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            _weigh(path, file.metadata)
            for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
                for row in _rows(batch):
                    number += 1
                    yield _item(number, row)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        where = f" after row {number}" if number else ""
        raise InputUnreadable(path=path, where=where, reason=error) from error
    if number == 0:
        raise InputEmpty(path=path)


def _weigh(path: Path, metadata: Any) -> None:
    groups = range(metadata.num_row_groups)
    unpacked = sum(metadata.row_group(n).total_byte_size for n in groups)
    if unpacked > max(FREE_MB * _MB, MOST_TIMES * path.stat().st_size):
        raise InputExpands(path=path, times=MOST_TIMES, mb=0)


def _rows(batch: Any) -> list[Any]:
    """Its rows; for one with a value that Python cannot hold (a date beyond the year 9999) what was raised,
    so that it loses no other."""
    try:
        found: list[Any] = batch.to_pylist()
    except (ValueError, OverflowError) as error:
        if batch.num_rows == 1:
            return [error]
        half = batch.num_rows // 2
        return _rows(batch.slice(0, half)) + _rows(batch.slice(half))
    return found


def _item(number: int, row: dict[str, Any] | Exception) -> Line | Fault:
    if isinstance(row, Exception):
        note = f"a value cannot be read ({type(row).__name__})"
        return Fault(number, number - 1, Reason.MALFORMED, note)
    try:
        raw = orjson.dumps(row, default=_plain)
    except orjson.JSONEncodeError as error:
        return Fault(number, number - 1, Reason.MALFORMED, f"a value is no JSON: {error}")
    return Line(number, number - 1, raw, orjson.loads(raw))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, _AS_TEXT):
        return str(value)
    raise TypeError
