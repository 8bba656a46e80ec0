"""STANDUPS.md: the crew's stand-ups and people's, newest first, in the founding crews' own format.

    # Stand-ups

    ## 🌆 Evening Stand-up (2026-11-21)
    <!-- standup 2026-11-21 evening -->
    **executor:** ($1.25)
    - ✅ mixed 43,170 rows `data/mix.3f2a91c0.jsonl` ^t41x9

    ---

    ## 🌅 Morning Stand-up (2026-11-21)
    ...

A heading is no key: every agent and person may write an evening of the same day. What the crew wrote
is known by the comment beneath its heading; every other byte is somebody else's and stays.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from crewboard.memory.markdown import Document, Kind, Line, join, scan

NAME = "STANDUPS.md"
_NEW = b"# Stand-ups\n\n"
_LEVEL = 2
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MARK = re.compile(r"<!-- (standup \d{4}-\d\d-\d\d [\w:]+) -->[ \t]*\Z")


@dataclass(frozen=True)
class Entry:
    """A stand-up as it lies in the log: `key` is the crew's mark, "" for one that people wrote; `day`
    is the date that its heading bears, `line` counts from 1."""

    heading: str
    day: str
    line: int
    markdown: str
    key: str = ""


def entries(data: bytes) -> tuple[Entry, ...]:
    """Read every entry, in the order of the file: a heading of the second level that bears a date, and
    all that follows it."""
    document = scan(data)
    starts = _starts(document)
    bounds = pairwise([*starts, len(document.lines)])
    return tuple(_entry(document, *span) for span in bounds)


def with_entry(data: bytes, key: str, markdown: str) -> bytes:
    """Put the crew's entry `key` on top; the log as it is when it holds that entry already."""
    document = scan(data or _NEW)
    if any(found and found[1] == key for found in map(_marked, document.lines)):
        return data
    starts = _starts(document)
    heading, *body = markdown.rstrip("\n").split("\n")
    new = [heading, f"<!-- {key} -->", *body]
    at = starts[0] if starts else document.tail
    lines = list(document.lines)
    if starts:
        new += ["", "---", ""]
    else:
        new = _apart(new, lines, at)
    return join(document, [*lines[:at], *(Line(text) for text in new), *lines[at:]])


def _apart(new: list[str], lines: list[Line], at: int) -> list[str]:
    """`new` with a blank line between it and what stands before and behind it."""
    before = at > 0 and lines[at - 1].kind is not Kind.BLANK
    behind = at < len(lines) and lines[at].kind is not Kind.BLANK
    return [*[""] * before, *new, *[""] * behind]


def _starts(document: Document) -> list[int]:
    return [
        n
        for n, line in enumerate(document.lines)
        if line.kind is Kind.HEADING and line.level == _LEVEL and _DATE.search(line.title)
    ]


def _entry(document: Document, start: int, end: int) -> Entry:
    lines = document.lines[start:end]
    found = _DATE.search(lines[0].title)
    marks = (mark[1] for line in lines[1:2] if (mark := _marked(line)))
    text = "".join(line.text + (line.ending or "") for line in lines)
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    title = lines[0].title.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Entry(title, found[0] if found else "", start + 1, readable, next(marks, ""))


def _marked(line: Line) -> re.Match[str] | None:
    return _MARK.match(line.text)
