"""JSON Lines, read as they come: each line with its place, and a bad one as a fault.

A fault never hides its neighbours, and nothing is held but the line at hand; one longer than the
limit is skipped in pieces. orjson parses; the standard library only explains what orjson refused.
Of a key that occurs twice in one object the last value wins, unnoticed. A file packed by gzip or
zstd is unpacked on the way; its offsets count unpacked bytes.
"""

import json
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from crewboard.errors import InputEmpty, InputMissing, InputUnreadable
from crewboard.tools.files.unpack import open_unpacked

LINE_LIMIT = 50_000_000
"""Bytes: no line of a training set is longer, and a binary file without line ends is."""
_BOM = b"\xef\xbb\xbf"
_CHUNK = 1 << 20
_DEPTH = 254  # what orjson can write again; it reads deeper


class Reason(StrEnum):
    """Why a line is not a row."""

    BLANK = "blank"
    BAD_UTF8 = "bad-utf8"
    MALFORMED = "malformed-json"
    LONE_SURROGATE = "lone-surrogate"
    NOT_A_NUMBER = "not-a-number"
    NOT_AN_OBJECT = "not-an-object"
    TOO_DEEP = "too-deep"
    OVER_LONG = "over-long-line"


@dataclass(frozen=True, slots=True)
class Line:
    """A good line.

    Its number from 1, the byte offset where it begins, its bytes without the line end, and the
    object that they are.
    """

    number: int
    offset: int
    raw: bytes
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that is not a row. `note` tells the place within the line and quotes nothing."""

    number: int
    offset: int
    reason: Reason
    note: str = ""


def check_readable(path: Path) -> int:
    """Return a regular file's size in bytes; InputMissing, InputEmpty or InputUnreadable."""
    size = check_regular(path)
    if size == 0:
        raise InputEmpty(path=path)
    if not os.access(path, os.R_OK):
        raise InputUnreadable(path=path, where="", reason="you may not read it")
    return size


def check_regular(path: Path) -> int:
    """Likewise, for a file that may be empty."""
    try:
        found = path.stat()
    except FileNotFoundError:
        raise InputMissing(path=path) from None
    except OSError as error:
        raise InputUnreadable(path=path, where="", reason=error.strerror) from error
    if not stat.S_ISREG(found.st_mode):
        raise InputUnreadable(path=path, where="", reason=f"it is {_species(found.st_mode)}")
    return found.st_size


def read_jsonl(
    path: Path, *, limit: int = LINE_LIMIT, tap: Callable[[bytes], object] | None = None
) -> Iterator[Line | Fault]:
    """Every line of `path`, good or bad. `tap` is handed all bytes in order, to hash or count them.

    Raises what `check_readable` raises, at once; and at the end InputEmpty when every line was
    blank, InputUnreadable when none was an object.
    """
    check_readable(path)
    return _lines(path, limit, tap or _ignore)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of an unpacked file: the lines whose first byte lies from `start` to before `stop`."""

    start: int
    stop: int


def read_span(path: Path, span: Span, *, limit: int = LINE_LIMIT) -> Iterator[Line | Fault]:
    """The lines of one part of `path`, numbered from 1; several parts may be read at once.

    InputUnreadable when the file cannot be read on; nothing else is checked.
    """
    for number, offset, raw in _pieces(path, limit, _ignore, span):
        yield parse_line(number, offset, raw, limit)


def _lines(path: Path, limit: int, tap: Callable[[bytes], object]) -> Iterator[Line | Fault]:
    rows, first_fault = 0, None
    for number, offset, raw in _pieces(path, limit, tap, None):
        item = parse_line(number, offset, raw, limit)
        if isinstance(item, Line):
            rows += 1
        elif first_fault is None and item.reason is not Reason.BLANK:
            first_fault = item
        yield item
    if rows == 0:
        raise nothing_in(path, first_fault)


def _pieces(
    path: Path, limit: int, tap: Callable[[bytes], object], span: Span | None
) -> Iterator[tuple[int, int, bytes | None]]:
    """Yield (number, offset, bytes) of each line; None for the bytes of an over-long one."""
    number, offset = 0, 0
    try:
        with open_unpacked(path) as file:
            if span and span.start:
                file.seek(span.start - 1)
                offset = span.start - 1 + sum(map(len, _rest_of_line(file)))
            while (not span or offset < span.stop) and (piece := file.readline(limit + 1)):
                number += 1
                tap(piece)
                size, fits = len(piece), len(piece) <= limit or piece.endswith(b"\n")
                if not fits:
                    for more in _rest_of_line(file):
                        tap(more)
                        size += len(more)
                yield number, offset, piece if fits else None
                offset += size
    except OSError as error:
        where = f" after line {number}" if number else ""
        raise InputUnreadable(path=path, where=where, reason=error.strerror) from error


def _rest_of_line(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.readline(_CHUNK):
        yield piece
        if piece.endswith(b"\n"):
            return


def _ignore(_piece: bytes) -> None:
    """Tap nothing."""


def parse_line(
    number: int, offset: int, raw: bytes | None, limit: int = LINE_LIMIT
) -> Line | Fault:
    """The row or the fault that a line is; `raw` is None for one that was over-long."""
    if raw is None:
        return Fault(number, offset, Reason.OVER_LONG, f"longer than {limit} bytes")
    body = raw.removeprefix(_BOM).rstrip(b"\r\n") if offset == 0 else raw.rstrip(b"\r\n")
    try:
        row = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Fault(number, offset, *_explain(body))
    if not isinstance(row, dict):
        return Fault(number, offset, Reason.NOT_AN_OBJECT, f"it is a JSON {_json_name(row)}")
    if not _fits(row):
        return Fault(number, offset, Reason.TOO_DEEP, f"nested deeper than {_DEPTH}")
    return Line(number, offset, body, row)


def _explain(body: bytes) -> tuple[Reason, str]:
    """Tell why orjson refused `body`.

    The standard library accepts NaN and lone surrogates, and so tells them from what is no JSON.
    """
    if not body.strip():
        return Reason.BLANK, ""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return Reason.BAD_UTF8, f"byte {error.start} of the line"
    odd: list[str] = []
    try:
        value = json.loads(text, parse_constant=odd.append)
    except json.JSONDecodeError as error:
        return Reason.MALFORMED, f"character {error.pos} of the line"
    except (RecursionError, ValueError) as error:
        deep = isinstance(error, RecursionError)
        return Reason.MALFORMED, "nested too deep" if deep else "an integer of thousands of digits"
    if odd:
        return Reason.NOT_A_NUMBER, odd[0]
    return (
        (Reason.LONE_SURROGATE, "") if _has_surrogate(value) else (Reason.NOT_A_NUMBER, "too large")
    )


def _has_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return True  # as deep as could just be read: refused either way
    return False


def _fits(row: dict[str, Any]) -> bool:
    """Whether nothing in `row` is nested deeper than can be written again. A walk over its lists and
    objects, level by level, takes less than counting brackets in its text."""
    level = [value for value in row.values() if type(value) is dict or type(value) is list]
    depth = 1
    while level and depth < _DEPTH:
        depth += 1
        level = [
            value
            for each in level
            for value in (each.values() if type(each) is dict else each)
            if type(value) is dict or type(value) is list
        ]
    return not level


def _json_name(value: Any) -> str:
    names: dict[type, str] = {list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _species(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a directory, not a file"
    if stat.S_ISFIFO(mode):
        return "a named pipe, not a file"
    return "a device or a socket, not a file"


def nothing_in(path: Path, fault: Fault | None) -> InputEmpty | InputUnreadable:
    """The error of a file without a single row; `fault` is the first line that was not blank."""
    if fault is None:
        return InputEmpty(path=path)
    reason = f"not JSONL: no line is a JSON object (line {fault.number}: {fault.reason})"
    return InputUnreadable(path=path, where="", reason=reason)
