"""Markdown as lines that are never lost: bytes in, the same bytes out.

What is covered: which lines are headings, which are top-level list items, which lines belong to an
item, and which are opaque (fenced code, HTML comments, front matter), by the rules of CommonMark
0.31 for those blocks. What is not: anything inside a line, setext headings, and the exact content
column of ordered items. A line that fits no rule is text, and text is left alone.
"""

import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto

BOM = "\ufeff"
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")  # never U+2028 or 0x85: those are characters here
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*\Z")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})\Z")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|\Z)")
_FENCE = re.compile(r"(?:`{3,}(?!.*`)|~{3,})")
_HTML = (
    (re.compile(r"<!--"), re.compile(r"-->")),
    (
        re.compile(r"<(?:script|pre|style|textarea)(?:[ \t>]|\Z)", re.IGNORECASE),
        re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
    ),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">")),
)
_FRONT_KEY = re.compile(r"[\w.\"'-]+[ \t]*:")
_NESTED = 2  # columns: the content of "- x" starts there
_CODE = 4  # columns: outside an item, code from there on


class Kind(Enum):
    BLANK = auto()
    HEADING = auto()
    ITEM = auto()
    TEXT = auto()
    OPAQUE = auto()


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
            if self.lines[index].nested:
                end = index + 1
            elif self.lines[index].kind is not Kind.BLANK:
                break
        return end


def scan(data: bytes) -> Document:
    """Any bytes, UTF-8 or not, as a document: `join(scan(data).lines, ...)` gives them back."""
    text = data.decode("utf-8", "surrogateescape")
    bom = BOM if text.startswith(BOM) else ""
    raw = [m.groups() for m in _LINE.finditer(text, len(bom)) if m.group()]
    front = _front_matter([line for line, _ in raw])
    scanner = _Scanner()
    lines = [Line(line, ending, Kind.OPAQUE) for line, ending in raw[:front]]
    tail: int | None = None
    for index, (line, ending) in enumerate(raw[front:], front):
        lines.append(scanner.line(line, ending))
        if not scanner.shut_in:
            tail = None
        elif tail is None:
            tail = index
    return Document(bom, tuple(lines), front, len(raw) if tail is None else tail)


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


class _Scanner:
    """What is open at the current line: an item, a paragraph in it, a fence or comment."""

    def __init__(self) -> None:
        self.item = False
        self.paragraph = False
        self.closer: re.Pattern[str] | None = None
        self.closer_nested = False

    @property
    def shut_in(self) -> bool:
        """A fence or comment is open that only its own closing line or the file's end will end."""
        return self.closer is not None and not self.closer_nested

    def line(self, text: str, ending: str) -> Line:
        blank = not text.strip(" \t")
        column = indent(text)
        if self.closer and not (self.closer_nested and not blank and column < _NESTED):
            if self.closer.search(text):
                self.closer = None
            return Line(text, ending, Kind.OPAQUE, self.closer_nested)
        self.closer = None
        if blank:
            self.paragraph = False
            return Line(text, ending, Kind.BLANK)
        nested = self.item and column >= _NESTED
        if self._opens(text, nested=nested):
            self.item, self.paragraph = nested, False
            return Line(text, ending, Kind.OPAQUE, nested)
        return self._nested(text, ending) if nested else self._outer(text, ending)

    def _opens(self, text: str, *, nested: bool) -> bool:
        """Whether the line is a fence or comment; one that begins behind a bullet is only noted."""
        if not nested and indent(text) >= _CODE:
            return False
        whole = content = text.lstrip(" \t")
        while marker := _ITEM.match(content):
            content = content[marker.end() :]
        in_item = nested or content != whole
        if fence := _FENCE.match(content):
            self.closer, self.closer_nested = _fence_closer(fence[0], nested=in_item), in_item
            return content == whole
        closer = next((closer for opener, closer in _HTML if opener.match(content)), None)
        if closer and not closer.search(content):
            self.closer, self.closer_nested = closer, in_item
        return closer is not None and content == whole

    def _nested(self, text: str, ending: str) -> Line:
        self.paragraph = True
        return Line(text, ending, nested=True)

    def _outer(self, text: str, ending: str) -> Line:
        heading = _HEADING.match(text)
        item = not _RULE.match(text) and indent(text) < _CODE and _ITEM.match(text.lstrip(" "))
        lazy = self.item and self.paragraph and not text.lstrip(" ").startswith(">")
        if lazy and not heading and not item and not _RULE.match(text):
            return Line(text, ending, nested=True)  # goes on with the item's paragraph
        self.item = self.paragraph = bool(item)
        if heading:
            title = (heading[2] or "").strip(" \t")
            return Line(text, ending, Kind.HEADING, level=len(heading[1]), title=title)
        return Line(text, ending, Kind.ITEM if item else Kind.TEXT)


def _fence_closer(opening: str, *, nested: bool) -> re.Pattern[str]:
    lead = r"[ \t]*" if nested else " {0,3}"
    return re.compile(rf"\A{lead}{re.escape(opening[0])}{{{len(opening)},}}[ \t]*\Z")


def _front_matter(texts: list[str]) -> int:
    """Count the lines of YAML front matter: none unless a key follows and a line closes it."""
    if [text.rstrip() for text in texts[:1]] != ["---"] or not _FRONT_KEY.match(
        "".join(texts[1:2])
    ):
        return 0
    closing = (n for n, text in enumerate(texts[1:], 2) if text.rstrip() in {"---", "..."})
    return next(closing, 0)
