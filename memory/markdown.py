"""Markdown as lines that are never lost: bytes in, the same bytes out.

What is covered: which lines are headings, which are top-level list items, which lines belong to an
item, and which are opaque (fenced code, HTML, front matter), by the rules of CommonMark 0.31 for
those blocks (see `memory.blocks`). What is not: anything inside a line; a heading that is underlined
is text. A line that fits no rule is text, and text is left alone.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace

from crewboard.memory.blocks import START, Kind, State, step

__all__ = ["BOM", "Document", "Kind", "Line", "Seen", "indent", "join", "scan", "unclosed"]

BOM = "\ufeff"
_ENDING = re.compile(r"(\r\n|\n|\r)")  # never U+2028 or 0x85: those are characters here
_OPENINGS = 20
_FRONT_KEY = re.compile(r"[\w.\"'-]+[ \t]*:")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, ended by LF, CRLF, CR, or nothing where a file has no final newline.

    An ending of None leaves the choice to `join`. `nested`: part of the top-level item above.
    """

    text: str
    ending: str | None = None
    kind: Kind = Kind.TEXT
    nested: bool = False
    level: int = 0
    title: str = ""


@dataclass(frozen=True)
class Document:
    """A scanned file.

    It begins with `front` lines of front matter; from line `tail` on it lies in a code fence or
    comment that nothing closes.
    """

    bom: str
    lines: tuple[Line, ...]
    front: int
    tail: int

    @property
    def ending(self) -> str:
        """The line ending that most lines have; LF in a file without any."""
        counts = Counter(line.ending for line in self.lines if line.ending)
        return max(counts, key=lambda ending: counts[ending]) if counts else "\n"

    @property
    def ends_open(self) -> bool:
        """The last line has no newline."""
        return bool(self.lines) and not self.lines[-1].ending

    def block_end(self, start: int) -> int:
        """Where the item at `start` ends; blank lines behind it are not its own."""
        end = start + 1
        for index in range(start + 1, len(self.lines)):
            line = self.lines[index]
            if line.nested and line.text.strip(" \t"):
                end = index + 1
            elif not line.nested and line.kind is not Kind.BLANK:
                break
        return end


Seen = dict[tuple[State, str, str], tuple[Line, State]]
"""Lines that were read before, by what was open above them."""


def scan(data: bytes, seen: Seen | None = None) -> Document:
    """Any bytes, UTF-8 or not, as a document: `join(scan(data).lines, ...)` gives them back.

    Who reads several versions of one file hands the same `seen` to each.
    """
    seen = {} if seen is None else seen
    text = data.decode("utf-8", "surrogateescape")
    bom = BOM if text.startswith(BOM) else ""
    pieces = _ENDING.split(text[len(bom) :])
    raw = list(zip(pieces[::2], [*pieces[1::2], ""], strict=True))
    if not raw[-1][0]:
        raw.pop()
    front = _front_matter(raw)
    lines = [Line(line, ending, Kind.OPAQUE) for line, ending in raw[:front]]
    tail = _read_on(raw, lines, seen)
    return Document(bom, tuple(lines), front, tail)


def unclosed(document: Document, seen: Seen | None = None) -> Document:
    """The same file, read as if nothing were shut in: an opening without an end is a line of its own.

    Not promised for more than a few of them.
    """
    for _ in range(_OPENINGS):
        if document.tail == len(document.lines):
            break
        opening = document.lines[document.tail]
        lines = [*document.lines[: document.tail], replace(opening, kind=Kind.OPAQUE)]
        raw = [(line.text, line.ending or "") for line in document.lines]
        tail = _read_on(raw, lines, {} if seen is None else seen)
        document = replace(document, lines=tuple(lines), tail=tail)
    return document


def _read_on(raw: list[tuple[str, str]], lines: list[Line], seen: Seen) -> int:
    """Read the lines behind those that are read, and tell where the tail begins."""
    state, tail = START, len(raw)
    for index in range(len(lines), len(raw)):
        key = (state, *raw[index])
        known = seen.get(key)
        if known is None:
            known = seen[key] = _read(state, *raw[index])
        line, after = known
        lines.append(line)
        if after is not state:
            if after.shut_in and not state.shut_in:
                tail = index
            state = after
    return tail if state.shut_in else len(raw)


def _read(state: State, text: str, ending: str) -> tuple[Line, State]:
    kind, nested, level, title, after = step(state, text)
    return Line(text, ending, kind, nested, level, title), state if after == state else after


def join(document: Document, lines: list[Line]) -> bytes:
    """`lines` as bytes, with the byte order mark and the line endings of `document`.

    A line with an ending keeps it. One without takes that of the line before it, so that a mixed
    file stays as consistent as it was; the last line of an open-ended file stays open.
    """
    parts, last = [document.bom], document.ending
    for index, line in enumerate(lines):
        ending = line.ending
        final = index == len(lines) - 1
        if ending is None:
            ending = "" if final and document.ends_open else last
        elif not ending and not final:
            ending = last
        parts += (line.text, ending)
        last = ending or last
    return "".join(parts).encode("utf-8", "surrogateescape")


def indent(text: str) -> int:
    """Count the columns of white space before the text; a tab reaches the next multiple of four."""
    column = 0
    for character in text:
        if character == " ":
            column += 1
        elif character == "\t":
            column += 4 - column % 4
        else:
            break
    return column


def _front_matter(raw: list[tuple[str, str]]) -> int:
    """Count the lines of YAML front matter: none unless a key follows and a line closes it."""
    if len(raw) < 2 or raw[0][0].rstrip() != "---" or not _FRONT_KEY.match(raw[1][0]):  # noqa: PLR2004
        return 0
    closing = (n for n, (text, _) in enumerate(raw[1:], 2) if text.rstrip() in {"---", "..."})
    return next(closing, 0)
