"""One agent's rows, waiting on disk to be drawn: memory holds some 200 bytes for each, whatever its length.

The weight of a row is taken off it here and heeded in the drawing.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from crewboard.tools.files.exact import INEXACT, is_exact
from crewboard.tools.files.jsonl import Fault, Line
from crewboard.tools.files.passing import Passing

_WEIGHT = "weight"
Row = dict[str, Any]


@dataclass
class Books:
    """Where every row went; the dropped ones are written to `out` as they are counted."""

    out: BinaryIO
    rows_in: int = 0
    weighted: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    written: dict[str, int] = field(default_factory=dict)
    histogram: Counter[str] = field(default_factory=Counter)
    drawn: dict[str, dict[str, int]] = field(default_factory=dict)

    def drop(self, file: str, origin: tuple[int, int], reason: str) -> None:
        """`origin` is a row's line and byte offset."""
        self.dropped[reason] += 1
        told = {"reason": reason, "file": file, "line": origin[0], "offset": origin[1]}
        self.out.write(orjson.dumps(told) + b"\n")


@dataclass
class Pool:
    """For each row: where it lies in the spool (offset, size) and in its file (line, offset), the hash that
    it is drawn by, its weight; and which rows have been drawn."""

    agent: str
    file: str
    places: list[tuple[int, int]] = field(default_factory=list)
    origins: list[tuple[int, int]] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def of_any(self, _row: Row) -> "Pool":
        """The one pool of a file that is all one agent's."""
        return self

    def take(self, line: Line, spool: BinaryIO, books: Books) -> None:
        origin = (line.number, line.offset)
        if not is_exact(line):
            books.drop(self.file, origin, INEXACT)
            return
        weight = line.row.pop(_WEIGHT, 1)
        if not _is_share(weight):
            books.drop(self.file, origin, "weight-out-of-range")
            return
        books.weighted += weight != 1
        raw = orjson.dumps(line.row)
        self.places.append((spool.tell(), len(raw)))
        self.origins.append(origin)
        self.keys.append(hashlib.sha256(raw).digest()[:16])
        self.weights.append(weight)
        spool.write(raw)

    @property
    def available(self) -> int:
        """Rows that may be drawn: those whose weight is above 0."""
        return sum(weight > 0 for weight in self.weights)

    def drop_unused(self, books: Books) -> None:
        for number, origin in enumerate(self.origins):
            if number not in self.used:
                books.drop(self.file, origin, "not-drawn")


def label_of(row: Row, field: str) -> str | None:
    """What a row says of itself: at its root, in `metadata`, or in ADP's `details`."""
    for place in (row, row.get("metadata"), row.get("details")):
        if isinstance(place, dict) and isinstance(place.get(field), str):
            return str(place[field])
    return None


@dataclass(frozen=True)
class Filling:
    """Rows on their way: read by `passing`, written to the end of `spool`, counted in `books`."""

    passing: Passing
    spool: BinaryIO
    books: Books

    def fill(self, path: Path, pool_of: Callable[[Row], Pool | None]) -> None:
        """Each row of `path` into the pool that it is for; those of nobody are dropped."""
        for item in self.passing.rows(path):
            self.books.rows_in += 1
            origin = (item.number, item.offset)
            if isinstance(item, Fault):
                self.books.drop(path.name, origin, str(item.reason))
            elif (pool := pool_of(item.row)) is None:
                self.books.drop(path.name, origin, "unknown-agent")
            else:
                pool.take(item, self.spool, self.books)


def _is_share(weight: Any) -> bool:
    return isinstance(weight, int | float) and not isinstance(weight, bool) and 0 <= weight <= 1
