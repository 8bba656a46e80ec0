"""Rows of any file that holds rows: JSON Lines, packed or not, and Parquet. Told by its bytes."""

from collections.abc import Callable, Iterator
from pathlib import Path

from crewboard.tools.files.jsonl import LINE_LIMIT, Fault, Line, check_readable, read_jsonl
from crewboard.tools.files.parquet import is_parquet, read_parquet


def read_rows(
    path: Path, *, limit: int = LINE_LIMIT, tap: Callable[[bytes], object] | None = None
) -> Iterator[Line | Fault]:
    """Every row of `path`, good or bad. `limit` and `tap` are for lines, as `read_jsonl` has them.

    Raises what `check_readable` raises, at once; later what the format's own reader raises.
    """
    check_readable(path)
    if is_parquet(path):
        return read_parquet(path)
    return read_jsonl(path, limit=limit, tap=tap)
