"""Rows out of the files that people have: JSON Lines and Parquet as all tools read them, and whole JSON.

Alpaca, ShareGPT and ATIF files are often one JSON array, or one object over many lines. An array is
split as it comes, so that memory holds one element; an element that is no JSON is a fault like a bad
line, and loses no other. A row's `number` is then the line on which it begins.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from crewboard.tools.convert.formats.table import without_nulls
from crewboard.tools.files.jsonl import Fault, Line, Reason, check_readable, nothing_in, parse_line
from crewboard.tools.files.parquet import is_parquet
from crewboard.tools.files.rows import read_rows
from crewboard.tools.files.unpack import open_unpacked

_BOM = b"\xef\xbb\xbf"
_CHUNK = 1 << 20
_TEXT = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_BETWEEN = re.compile(rb'(?:[^"\[\]{},]*+"[^"\\]*+(?:\\.[^"\\]*+)*+")*+[^"\[\]{},]*+', re.DOTALL)
"""What stands between two marks: texts with both their quotes, and all else. Neither pattern backtracks."""
_MARKS = frozenset({b"[", b"]", b"{", b"}", b",", b'"'})
_DEPTH = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


def read_source(path: Path, limit: int) -> Iterator[Line | Fault]:
    """Every row of `path`, good or bad, in order. Raises what `read_rows` raises."""
    check_readable(path)
    if is_parquet(path):
        yield from (_without_nulls(item) for item in read_rows(path))
    elif _is_array(path, limit):
        yield from _known(path, _elements(path, limit))
    elif (whole := _single(path, limit)) is not None:
        yield whole
    else:
        yield from read_rows(path, limit=limit)


def _is_array(path: Path, limit: int) -> bool:
    """Whether the first thing in it is an array that is not just the first line of many."""
    with open_unpacked(path) as file:
        head = _first_line(file, limit)
        if not head.startswith(b"["):
            return False
        more = file.read(_CHUNK).strip()
    return not more or not isinstance(parse_line(1, 0, b'{"x":' + head + b"}"), Line)


def _single(path: Path, limit: int) -> Line | None:
    """The one object that the whole file is, when its first line is but the beginning of it."""
    with open_unpacked(path) as file:
        head = _first_line(file, limit)
        if head.startswith(b"{") and head.count(b"{") > head.count(b"}"):
            whole = head + b"\n" + file.read(limit)
            found = parse_line(1, 0, whole) if len(whole) <= limit else None
            return _on_one_line(found) if isinstance(found, Line) else None
    return None


def _first_line(file: BinaryIO, limit: int) -> bytes:
    """The first line that is not blank, without its BOM."""
    while piece := file.readline(limit):
        if stripped := piece.removeprefix(_BOM).strip():
            return stripped
    return b""


def _known(path: Path, items: Iterator[Line | Fault]) -> Iterator[Line | Fault]:
    rows, first = 0, None
    for item in items:
        rows += isinstance(item, Line)
        first = first or (item if isinstance(item, Fault) else None)
        yield item
    if rows == 0:
        raise nothing_in(path, first)


def _elements(path: Path, limit: int) -> Iterator[Line | Fault]:
    """The elements of an array, each between commas that stand at its own depth."""
    with open_unpacked(path) as file:
        scan = _Scan(file, limit)
        for number, offset, raw in scan.elements():
            item = parse_line(number, offset, raw, limit)
            yield _on_one_line(item) if isinstance(item, Line) else item
        if not scan.closed:
            yield Fault(scan.line, scan.offset, Reason.MALFORMED, "the array is not closed")


class _Scan:
    """A walk over the bytes of an array. `line` and `offset` are where the element at hand begins.

    No byte is looked at more than twice, however texts lie to the pieces that are read, and of an
    over-long element only its place is held.
    """

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file, self._limit = file, limit
        self._held = b""
        self._from, self._at = 0, 0
        self._depth, self._in_text = 0, False
        self._too_long: tuple[int, int] | None = None
        self.line, self.offset, self.closed = 1, 0, False

    def elements(self) -> Iterator[tuple[int, int, bytes | None]]:
        """(line, offset, bytes) of each element; None for the bytes of an over-long one."""
        while not self.closed and (mark := self._mark()):
            self._depth += _DEPTH.get(mark, 0)
            if mark == b"[" and self._depth == 1:
                self._pass(self._at)
            elif (mark == b"," and self._depth == 1) or self._depth == 0:
                self.closed = self._depth == 0
                yield from self._element(self._at - 1)
                self._pass(self._at)
        if self.closed and (rest := (self._held[self._from :] + self._file.read(_CHUNK)).strip()):
            yield self.line, self.offset, b"]" + rest  # no JSON: something goes on after the array

    def _element(self, end: int) -> Iterator[tuple[int, int, bytes | None]]:
        if self._too_long is not None:
            place, self._too_long = self._too_long, None
            yield *place, None
            return
        raw = self._held[self._from : end]
        body = raw.strip()
        if not body and self.closed:
            return  # an empty array, or a comma before its end
        yield *self._begin(raw), body if len(body) <= self._limit else None

    def _begin(self, raw: bytes) -> tuple[int, int]:
        """(line, offset) of the first byte of `raw`, which begins where the walk is, that is no space."""
        lead = raw[: len(raw) - len(raw.lstrip())]
        return self.line + lead.count(b"\n"), self.offset + len(lead)

    def _mark(self) -> bytes:
        """The next mark of JSON's own, outside of all texts; nothing at the end of the file."""
        while True:
            pattern = _TEXT if self._in_text else _BETWEEN
            found = pattern.match(self._held, self._at)
            self._at = found.end() if found else self._at
            mark = self._held[self._at : self._at + 1]
            if mark == b'"':  # one that closes, or that opens a text whose end is not read yet
                self._in_text = not self._in_text
            if mark in _MARKS:
                self._at += 1
                if mark != b'"':
                    return mark
            elif not self._read_on():
                return b""

    def _read_on(self) -> bool:
        if len(self._held) - self._from > self._limit:
            self._too_long = self._too_long or self._begin(self._held[self._from :])
            self._pass(self._at)
        more = self._file.read(max(_CHUNK, len(self._held) - self._from))
        self._held = self._held[self._from :] + more
        self._at -= self._from
        self._from = 0
        return bool(more)

    def _pass(self, end: int) -> None:
        self.line += self._held.count(b"\n", self._from, end)
        self.offset += end - self._from
        self._from = end


def _on_one_line(line: Line) -> Line:
    if b"\n" not in line.raw:
        return line
    return Line(line.number, line.offset, orjson.dumps(line.row), line.row)


def _without_nulls(item: Line | Fault) -> Line | Fault:
    if isinstance(item, Fault):
        return item
    return Line(item.number, item.offset, item.raw, without_nulls(item.row))
