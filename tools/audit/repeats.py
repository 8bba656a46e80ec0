"""Copies, found at the end among the keys of all rows.

One column of keys is in memory at a time, 8 bytes a row; a copy takes a hundred more. Without numpy a
dictionary takes the place of sorting, at some 150 bytes a row.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.keys import COLUMNS
from crewboard.tools.audit.rules import DUPLICATE, DUPLICATE_ANSWER, DUPLICATE_STRIPPED, REUSE
from crewboard.tools.near.arrays import load_numpy

_WIDE = len(COLUMNS)
_LINE, _OFFSET = COLUMNS.index("line"), COLUMNS.index("offset")
_RECORD = _WIDE * 8
_CHUNK = _RECORD << 13
_AT_ONCE, _BITS = 2_000_000, 4
"""More rows than so many are sorted by sixteenths, by the first bits of their keys."""


@dataclass(frozen=True)
class Part:
    """The keys of one scan, in order: of `file`, with lines that begin `shift` lines further on."""

    path: Path
    rows: int
    shift: int = 0
    file: str = ""


@dataclass(frozen=True)
class Copy:
    """Row `index` repeats row `first`, counted over all parts from 0."""

    index: int
    first: int


class Table:
    """The keys of all parts as columns."""

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        self._ends: list[int] = []
        for part in parts:
            self._ends.append((self._ends[-1] if self._ends else 0) + part.rows)
        self.rows = self._ends[-1] if self._ends else 0

    def column(self, name: str) -> Any:
        """One column over all parts: an array of numpy, or of the standard library."""
        at = COLUMNS.index(name)
        found = array("Q")
        for part in self.parts:
            with part.path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    found.extend(memoryview(chunk).cast("Q")[at::_WIDE].tolist())
        if not find_spec("numpy"):
            return found
        np = load_numpy("comparing rows")
        return np.frombuffer(found, np.uint64)

    def place(self, index: int) -> tuple[str, int, int]:
        """The file, line and offset of a row: read from the disk, for most rows are never asked for."""
        at = bisect_right(self._ends, index)
        part = self.parts[at]
        within = index - (self._ends[at - 1] if at else 0)
        with part.path.open("rb", buffering=0) as file:
            file.seek(within * _RECORD)
            record = memoryview(file.read(_RECORD)).cast("Q")
        return part.file, record[_LINE] + part.shift, record[_OFFSET]


def copies(column: Any) -> Iterator[Copy]:
    """Every row whose key an earlier one has, with the first that has it; 0 is no key."""
    if isinstance(column, array):
        seen: dict[int, int] = {}
        for index, key in enumerate(column):
            first = seen.setdefault(key, index)
            if first != index and key:
                yield Copy(index, first)
        return
    np = load_numpy("comparing rows")
    kinds = 1 if len(column) <= _AT_ONCE else 1 << _BITS
    for kind in range(kinds):
        some = column >> np.uint64(64 - _BITS) == kind if kinds > 1 else column != 0
        yield from _among(column, np.flatnonzero(some & (column != 0)))


def _among(column: Any, rows: Any) -> Iterator[Copy]:
    """The copies among some rows, by sorting them."""
    np = load_numpy("comparing rows")
    keys = column[rows]
    order = np.argsort(keys, kind="stable")
    fresh = np.ones(len(order), bool)
    fresh[1:] = keys[order[1:]] != keys[order[:-1]]
    first = order[np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))]
    copied = ~fresh
    for index, earlier in zip(
        rows[order[copied]].tolist(), rows[first[copied]].tolist(), strict=True
    ):
        yield Copy(index, earlier)


def exact_copies(table: Table) -> dict[int, int]:
    """Rows with the messages of an earlier one, which is told."""
    return {copy.index: copy.first for copy in copies(table.column("messages"))}


def settle(table: Table, exact: dict[int, int], book: Book) -> dict[str, Any]:
    """Note every copy in the book, and tell how many there are by each key."""
    told = [_noted(table, book, DUPLICATE, exact)]
    stripped = {c.index: c.first for c in copies(table.column("stripped")) if c.index not in exact}
    told.append(_noted(table, book, DUPLICATE_STRIPPED, stripped))
    known = exact.keys() | stripped.keys()
    same_answer = {c.index: c.first for c in copies(table.column("answer")) if c.index not in known}
    reused = _reused(table)
    answers = {index: first for index, first in same_answer.items() if index not in reused}
    told += [_noted(table, book, DUPLICATE_ANSWER, answers), _noted(table, book, REUSE, reused)]
    return {"rows": table.rows, "keys": told}


def _reused(table: Table) -> dict[int, int]:
    """Rows of reuse groups beyond the first row of the group."""
    rest, agent = table.column("rest"), table.column("agent")
    groups: dict[int, list[int]] = {}
    for copy in copies(rest):
        groups.setdefault(copy.first, []).append(copy.index)
    return {
        index: first
        for first, more in groups.items()
        if any(agent[index] != agent[first] for index in more)
        for index in more
    }


def _noted(table: Table, book: Book, rule: str, found: dict[int, int]) -> dict[str, Any]:
    for index, first in sorted(found.items()):
        file, number, offset = table.place(index)
        earlier, line, _ = table.place(first)
        within = f" of {earlier}" if earlier != file else ""
        book.file = file
        book.note(rule, number, offset, f"same as line {line}{within}")
    book.file = ""
    return {
        "key": _KEYS[rule],
        "rule": rule,
        "groups": len(set(found.values())),
        "redundant_rows": len(found),
        "share": round(len(found) / table.rows, 6) if table.rows else 0.0,
    }


_KEYS = {
    DUPLICATE: "messages",
    DUPLICATE_STRIPPED: "messages, contents stripped",
    DUPLICATE_ANSWER: "assistant texts, of 20 characters or more",
    REUSE: "conversation without its system turn, under at least two agents or system prompts",
}
