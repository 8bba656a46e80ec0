"""What a format wants of its files: rows alone, rows in a folder with what describes them, or a table."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from crewboard.errors import ExtraMissing, SelfCheckFailed
from crewboard.tools.convert.format import Format
from crewboard.tools.convert.resumable import Resumable
from crewboard.tools.files.atomic import whole, write_whole

_BATCH = 2000
PART = "rows"
"""The one part of a conversion that makes one file."""


def package(target: Format, done: Resumable, place: tuple[Path, str], dropped: Path) -> Path:
    """Finish the step; where its rows are: a file or a folder. `place` is (folder, name).

    SelfCheckFailed when no row was written, ExtraMissing for a table without pyarrow.
    """
    folder, name = place
    _refuse_nothing(done)
    rows = folder / f"{name}.{target.name}.jsonl"
    if target.beside is not None:
        home = folder / f"{name}.{target.name}"
        home.mkdir()
        rows = home / f"{name}.jsonl"
    done.finish({PART: rows}, dropped)
    if target.beside is not None:
        with rows.open("rb") as file:
            first = orjson.loads(file.readline())
        for beside, data in target.beside(rows.name, first).items():
            write_whole(rows.parent / beside, data)
        return rows.parent
    return _table(rows) if target.name == "parquet" else rows


def package_folder(
    target: Format, done: Resumable, home: Path, parts: Iterable[str], dropped: Path
) -> Path:
    """The same for a folder of files, each of which becomes a file of `home`."""
    _refuse_nothing(done)
    home.mkdir()
    places = {part: home / f"{part}.jsonl" for part in parts}
    done.finish(places, dropped)
    if target.name == "parquet":
        for rows in places.values():
            _table(rows)
    return home


def _refuse_nothing(done: Resumable) -> None:
    if done.books.written == 0:
        told = ", ".join(f"{reason} {n:,}" for reason, n in sorted(done.books.dropped.items()))
        raise SelfCheckFailed(
            tool="convert", reason=f"no row of {done.books.read:,} is left ({told})"
        )


def _table(rows: Path) -> Path:
    """The same rows as a Parquet file, a batch in memory at a time."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ExtraMissing(what="a Parquet file", package="pyarrow", extra="data") from error

    schema = _schema(pa)
    table = rows.with_name(f"{rows.name.split('.')[0]}.parquet")
    with whole(table) as file, pq.ParquetWriter(file, schema) as writer, rows.open("rb") as lines:
        batch: list[Any] = []
        for line in lines:
            batch.append(orjson.loads(line))
            if len(batch) == _BATCH:
                writer.write_table(pa.Table.from_pylist(batch, schema))
                batch.clear()
        writer.write_table(pa.Table.from_pylist(batch, schema))
    rows.unlink()
    return table


def _schema(pa: Any) -> Any:
    """The columns of `formats.table`, the same whatever the rows hold."""
    function = pa.struct([("name", pa.string()), ("arguments", pa.string())])
    call = pa.struct([("id", pa.string()), ("type", pa.string()), ("function", function)])
    texts = [(key, pa.string()) for key in ("role", "content", "name", "reasoning_content")]
    more = [("tool_calls", pa.list_(call)), ("tool_call_id", pa.string()), ("weight", pa.float64())]
    messages = pa.list_(pa.struct([*texts, *more, ("parts", pa.string())]))
    sides = [(key, messages) for key in ("messages", "chosen", "rejected")]
    beside = [("tools", pa.string()), ("id", pa.string()), ("weight", pa.float64())]
    return pa.schema([*sides, *beside, ("crewboard", pa.string())])
