"""Edits to a scanned document, gathered first and made in one pass. What is not edited stays."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from crewboard.memory.markdown import Document, Kind, Line, indent, join

_BLANK = Line("", None, Kind.BLANK)
_SEPARATOR = Line("<!-- -->", None, Kind.OPAQUE)  # keeps what is indented out of the item before it
_NESTED = 2
_WORDS = {Kind.TEXT, Kind.ITEM}


@dataclass(frozen=True)
class _Insert:
    lines: tuple[Line, ...]
    apart: bool


@dataclass
class Splice:
    """The edits of one rendering. Positions are those of the document's own lines."""

    document: Document
    _replaced: dict[int, tuple[int, tuple[Line, ...]]] = field(default_factory=dict)
    _inserted: dict[int, list[_Insert]] = field(default_factory=lambda: defaultdict(list))
    _out: list[Line] = field(default_factory=list)

    def replace(self, start: int, end: int, lines: Sequence[Line]) -> None:
        """Let `lines` stand where lines `start` to `end` stood."""
        self._replaced[start] = end, tuple(lines)

    def insert(self, position: int, lines: Sequence[Line], *, apart: bool = False) -> None:
        """Add `lines` before line `position`; `apart` from their neighbours by a blank line."""
        self._inserted[position].append(_Insert(tuple(lines), apart))

    def bytes(self) -> bytes:
        self._out = []
        lines, position, touched = self.document.lines, 0, False
        for stop in [*sorted({*self._replaced, *self._inserted}), len(lines)]:
            if position < stop:
                if touched:
                    self._rejoin(lines[position])
                self._out += lines[position:stop]
                position, touched = stop, False
            if position > stop or position == len(lines):
                continue
            for each in self._inserted.get(position, ()):
                self._add(each, position)
                touched = True
            end, new = self._replaced.get(position, (position + 1, lines[position : position + 1]))
            if touched and new:
                self._rejoin(new[0])
            self._out += new
            position, touched = end, not new
        for each in self._inserted.get(len(lines), ()):
            self._add(each, len(lines))
        return join(self.document, self._out)

    def _add(self, each: _Insert, position: int) -> None:
        lines = self.document.lines
        if each.apart and self._out and self._out[-1].kind is not Kind.BLANK:
            self._out.append(_BLANK)
        self._out += each.lines
        if each.apart and position < len(lines) and lines[position].kind is not Kind.BLANK:
            self._out.append(_BLANK)
        rest = (lines[n] for n in range(position, len(lines)))
        text = next((line for line in rest if line.kind is not Kind.BLANK), None)
        if text and not text.nested and indent(text.text) >= _NESTED:
            self._out.append(_SEPARATOR)

    def _rejoin(self, line: Line) -> None:
        """Keep new neighbours from flowing into one paragraph, or into a heading over a rule."""
        before = self._out[-1] if self._out else _BLANK
        rows = "|" in before.text and "|" in line.text  # a table stays one
        text = line.kind is Kind.TEXT and before.kind not in {Kind.BLANK, Kind.HEADING} and not rows
        html = line.kind is Kind.OPAQUE and before.kind in _WORDS  # some cannot end a paragraph
        if text or html:
            self._out.append(_BLANK)
