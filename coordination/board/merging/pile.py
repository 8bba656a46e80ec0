"""Pieces of several versions, put one behind the other so that each still reads as it did.

Between two pieces that did not stand together before, Markdown may need help: a blank line, where one
would flow into the other; an empty comment, where an indented text would become part of a card.
"""

import re
from collections.abc import Sequence

from crewboard.coordination.board.merging.gap import Span
from crewboard.coordination.board.merging.keeping import content_column
from crewboard.memory.markdown import Kind, Line, indent

_BLANK = Line("", None, Kind.BLANK)
_SEPARATOR = Line("<!-- -->", None, Kind.OPAQUE)
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*\Z")
_INTERRUPTS = re.compile(r" {0,3}(?:[-*+]|0{0,8}1[.)])[ \t]+\S")


class Pile:
    """The merged file, line by line, from pieces of ours and theirs. `fitting` is False for what is no
    Markdown."""

    def __init__(self, ours: Sequence[Line], theirs: Sequence[Line]) -> None:
        self.lines: list[Line] = []
        self._ours, self._theirs = ours, theirs
        self.fitting = True
        self._ends: tuple[int | None, int | None] = (0, 0)

    def put(self, lines: Sequence[Line], ours: Span | None, theirs: Span | None) -> int:
        """Add a piece, and tell where it begins. The spans are where it lay in each version."""
        together = (theirs is not None and theirs[0] == self._ends[1]) or (
            ours is not None and ours[0] == self._ends[0]
        )
        if self.fitting and lines[0].kind is not Kind.BLANK and self.lines:
            airy = _airy(self._theirs, theirs) if theirs else _airy(self._ours, ours)
            self._fit(lines[0], together=together, airy=airy)
        start = len(self.lines)
        self.lines += lines
        self._ends = ours and ours[1], theirs and theirs[1]
        return start

    def end(self, *, blank: bool) -> None:
        """Drop the blank lines that were added at the end, unless the file ended with one before."""
        while (
            not blank
            and self.lines[-1:]
            and self.lines[-1].kind is Kind.BLANK
            and self.lines[-1].ending is None
        ):
            self.lines.pop()

    def apart(self) -> None:
        """End with a blank line."""
        if self.lines and self.lines[-1].kind is not Kind.BLANK:
            self.lines.append(_BLANK)

    def _fit(self, first: Line, *, together: bool, airy: bool) -> None:
        last = self.lines[-1]
        if first.text[:1] in " \t" and first.kind is not Kind.HEADING:
            card = self._card()
            if card and indent(first.text) >= content_column(card.text):
                self.lines.append(_SEPARATOR)
                return
        parted = airy and first.kind is not Kind.ITEM
        if not together and last.kind is not Kind.BLANK and (parted or _flows(last, first)):
            self.lines.append(_BLANK)

    def _card(self) -> Line | None:
        """The first line of the card that is the last thing but blank lines."""
        above = (line for line in reversed(self.lines) if line.kind is not Kind.BLANK)
        first = next((line for line in above if not line.nested), None)
        return first if first and first.kind is Kind.ITEM else None


def _airy(lines: Sequence[Line], span: Span | None) -> bool:
    """Whether a blank line stood above a piece where it came from."""
    return span is not None and span[0] > 0 and lines[span[0] - 1].kind is Kind.BLANK


def _flows(last: Line, first: Line) -> bool:
    """Whether a line would be taken for a part of what stands right above it."""
    if last.kind is Kind.OPAQUE:
        return True
    in_card = last.nested or last.kind is Kind.ITEM
    if first.kind is Kind.OPAQUE:
        return last.kind is not Kind.HEADING
    if first.kind is Kind.ITEM:
        return not in_card and last.kind is Kind.TEXT and not _INTERRUPTS.match(first.text)
    if first.kind is Kind.TEXT:
        if in_card:
            return True
        tables = "|" in last.text, "|" in first.text
        return last.kind is Kind.TEXT and (
            bool(_UNDERLINE.match(first.text)) or tables[0] != tables[1]
        )
    return False
