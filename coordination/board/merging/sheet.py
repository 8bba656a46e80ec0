"""A board cut into the pieces that a merge moves about: sections, and in them cards and free text.

Every line lies in exactly one piece, or is a heading. What cannot be cut, such as a fence, is one piece.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from crewboard.coordination.board.outline import Item, Known, Outline
from crewboard.memory.markdown import Kind, Line, scan, unclosed

GROUP = 3
"""The level down to which a heading opens a section. A deeper one is text among the cards."""


class Sort(Enum):
    """Sections that need no heading to be known, and those that have one."""

    FRONT = "front matter"
    OPEN = "before the first heading"
    LANE = "lane"
    GROUP = "group"
    FOOT = "foot"


class Part(NamedTuple):
    """Lines `start` to `end`: a card (`item`: its index in the outline), or free text (-1)."""

    start: int
    end: int
    item: int
    text: str


@dataclass(slots=True)
class Section:
    """`heading` is the index of its line, -1 without one; `lane` the index of the section it lies in,
    its own where it is no group."""

    sort: Sort
    heading: int
    lane: int
    level: int = 0
    title: str = ""
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """`homes` tells the section of each item."""

    outline: Outline
    sections: tuple[Section, ...]
    homes: tuple[int, ...]

    @classmethod
    def of(cls, data: bytes, known: Known | None = None) -> "Sheet":
        """Cut a file up.

        What a fence shuts in that nothing closes is read as if it stood open: it is one that somebody
        is still typing, and the cards behind it have not gone.
        """
        known = known or Known()
        outline = Outline.read(unclosed(scan(data, known.lines), known.lines), known)
        cutter = _Cutter(outline)
        cutter.cut()
        return cls(outline, tuple(cutter.sections), tuple(cutter.homes))

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.outline.document.lines

    @property
    def items(self) -> tuple[Item, ...]:
        return self.outline.items

    def block(self, item: int) -> tuple[Line, ...]:
        found = self.items[item]
        return self.lines[found.start : found.end]

    def texts(self, item: int) -> tuple[str, ...]:
        """A card's lines, without the white space behind them."""
        return self._texts[item]

    @cached_property
    def _texts(self) -> tuple[tuple[str, ...], ...]:
        return tuple(
            tuple([line.text.rstrip(" \t") for line in self.lines[item.start : item.end]])
            for item in self.items
        )

    def heading(self, section: int) -> Line | None:
        """The heading's line; None for a section without one, or for no section (below 0)."""
        at = self.sections[section].heading if section >= 0 else -1
        return self.lines[at] if at >= 0 else None

    def heading_span(self, section: int) -> tuple[int, int] | None:
        at = self.sections[section].heading if section >= 0 else -1
        return (at, at + 1) if at >= 0 else None

    def free(self, section: Section) -> Iterator[Part]:
        return (part for part in section.parts if part.item < 0)


class _Cutter:
    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.lines = outline.document.lines
        self.sections: list[Section] = []
        self.homes: list[int] = []
        self.at = 0
        self.lane = 0

    def cut(self) -> None:
        front, foot = self.outline.document.front, self.outline.foot
        if front:
            self._open(Section(Sort.FRONT, -1, 0))
            self._text(front)
        self._open(Section(Sort.OPEN, -1, len(self.sections)))
        items = iter(enumerate(self.outline.items))
        number, item = next(items, (-1, None))
        while self.at < len(self.lines):
            if self.at == foot:
                self._open(Section(Sort.FOOT, -1, len(self.sections)))
            if item is not None and self.at == item.start:
                self.homes.append(len(self.sections) - 1)
                self.sections[-1].parts.append(Part(item.start, item.end, number, ""))
                self.at = item.end
                number, item = next(items, (-1, None))
            elif self._heading(self.lines[self.at]):
                self.at += 1
            else:
                self._text(self._end())

    def _heading(self, line: Line) -> bool:
        if line.kind is not Kind.HEADING or line.level > GROUP:
            return False
        index = len(self.sections)
        grouped = line.level == GROUP
        self._open(
            Section(
                Sort.GROUP if grouped else Sort.LANE,
                self.at,
                self.lane if grouped else index,
                line.level,
                line.title,
            )
        )
        return True

    def _open(self, section: Section) -> None:
        self.sections.append(section)
        if section.sort is not Sort.GROUP:
            self.lane = section.lane

    def _end(self) -> int:
        """Where the piece of free text here ends: one line, or all of what is opaque."""
        end = self.at + 1
        if self.lines[self.at].kind is Kind.OPAQUE:
            while end < len(self.lines) and self.lines[end].kind is Kind.OPAQUE:
                end += 1
        return end

    def _text(self, end: int) -> None:
        single = (
            self.lines[self.at].kind is not Kind.OPAQUE or self.at < self.outline.document.front
        )
        step = 1 if single else end - self.at
        for start in range(self.at, end, step):
            text = "\n".join(line.text for line in self.lines[start : start + step])
            self.sections[-1].parts.append(
                Part(start, start + step, -1, text if text.strip(" \t") else "")
            )
        self.at = end
