"""A board as people see it: lanes, groups and cards, each with the lines where it lies.

A card is an item of a list at the top level, or a row of a table under a heading. What a heading
means is read in `headings`; whatever is neither card nor heading is text, and nobody's business here.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from crewboard.coordination.board.card import Column
from crewboard.coordination.board.firstline import Said, block_id, cells_of, read_row, said
from crewboard.coordination.board.headings import Place, read_heading
from crewboard.memory.markdown import Document, Kind, Line, Seen, scan

_UNWORDED = re.compile(r"\A(?:[\W_]|\d+[.)][ \t])+")
_RULED = re.compile(r":?-+:?\Z")
_FOOT = re.compile(r"%%[ \t]*kanban:settings")  # obsidian-kanban keeps its own there, and last
_BOXES = {
    **dict.fromkeys("xX", Column.DONE),
    **dict.fromkeys("~/", Column.IN_PROGRESS),
    "-": Column.WITHDRAWN,
    " ": Column.BACKLOG,
}
_LANE, _GROUP = 2, 3
_AFTER_MARKER = frozenset("-*+`~|>#<0123456789")


@dataclass(frozen=True, slots=True)
class Item:
    """A card as it lies in the file: lines `start` to `end`, what is nested in it included.

    `title` is its words, spelt as in the file; `box` the character in its box, None without one;
    `lane` an index into the outline's lanes, -1 before the first; `row`: it is a row of a table.
    """

    start: int
    end: int
    id: str
    title: str
    box: str | None
    struck: bool
    lane: int
    group: str
    row: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A section under a heading of level 2. `place` is None for one that is people's own."""

    start: int
    end: int
    title: str
    place: Place | None


@dataclass(frozen=True)
class Known:
    """Lines and cards that were read before: who reads several versions of one file hands the same one
    to each."""

    lines: Seen = field(default_factory=dict)
    cards: dict[str, Said] = field(default_factory=dict)


@dataclass(frozen=True)
class Outline:
    document: Document
    lanes: tuple[Lane, ...]
    items: tuple[Item, ...]
    foot: int
    """Where the sections end: behind it stands what belongs to the file, not to a lane."""

    @classmethod
    def of(cls, data: bytes) -> "Outline":
        return cls.read(scan(data))

    @classmethod
    def read(cls, document: Document, known: Known | None = None) -> "Outline":
        reader = _Reader(document, (known or Known()).cards)
        for index, line in enumerate(document.lines):
            reader.line(index, line)
        reader.close(reader.foot)
        return cls(document, tuple(reader.lanes), tuple(reader.items), reader.foot)

    def column(self, item: Item) -> Column | None:
        """Where a card stands: by its lane, and in a lane of people's own by its box."""
        place = self.lanes[item.lane].place if item.lane >= 0 else None
        if place is not None:
            return place.column
        return None if item.box is None else _BOXES.get(item.box)

    def text(self, item: Item) -> tuple[str, ...]:
        return tuple(line.text for line in self.document.lines[item.start : item.end])

    def lane_title(self, item: Item) -> str:
        return self.lanes[item.lane].title if item.lane >= 0 else ""

    def by_id(self) -> Mapping[str, tuple[Item, ...]]:
        return self._by_id

    @cached_property
    def _by_id(self) -> Mapping[str, tuple[Item, ...]]:
        found: dict[str, list[Item]] = defaultdict(list)
        for item in self.items:
            if item.id:
                found[item.id].append(item)
        return {name: tuple(items) for name, items in found.items()}


def words_of(line: Line) -> str:
    """A heading's words, without the signs or the number before them; a date stays."""
    return _UNWORDED.sub("", line.title) or line.title


@dataclass
class _Reader:
    """What was met so far, and the lane, group and table that are open."""

    document: Document
    known: dict[str, Said]
    lanes: list[Lane] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    lane: int = -1
    group: str = ""
    under: bool = False
    table: bool = False
    foot: int = -1

    def __post_init__(self) -> None:
        self.foot = len(self.document.lines)

    def line(self, index: int, line: Line) -> None:
        kind = line.kind
        if kind is Kind.ITEM:
            self.table = False
            self._item(index, line)
        elif kind is Kind.HEADING:
            self.table = False
            self._heading(index, line)
        elif kind is Kind.TEXT and not line.nested:
            self._text(index, line)
        elif kind is Kind.OPAQUE or kind is Kind.BLANK:
            self.table = False

    def close(self, end: int) -> None:
        """Give the open lane its end."""
        if self.lane >= 0:
            last = self.lanes[self.lane]
            self.lanes[self.lane] = Lane(last.start, end, last.title, last.place)

    def _heading(self, index: int, line: Line) -> None:
        if line.level <= _LANE:
            self.close(min(index, self.foot))
            self.lane, self.group, self.under = -1, "", False
        if line.level == _LANE:
            self.lane = len(self.lanes)
            self.lanes.append(Lane(index, index, words_of(line), read_heading(line)))
        if line.level == _GROUP:
            self.group = words_of(line)
        self.under = self.under or line.level >= _LANE

    def _item(self, index: int, line: Line) -> None:
        told = self.known.get(line.text)
        if told is None:
            told = self.known[line.text] = said(line.text)
        end, (name, title, box, struck) = self.document.block_end(index), told
        name = name or (self._wrapped_id(index + 1, end) if end > index + 1 else "")
        self.items.append(Item(index, end, name, title, box, struck, self.lane, self.group))

    def _wrapped_id(self, start: int, end: int) -> str:
        """The id at the end of a first paragraph of several lines."""
        last = ""
        for line in self.document.lines[start:end]:
            if line.kind is not Kind.TEXT or line.text.lstrip()[:1] in _AFTER_MARKER:
                break
            last = line.text
        return block_id(last) if last else ""

    def _text(self, index: int, line: Line) -> None:
        if self.table:
            row = read_row(line.text)
            self.items.append(Item(index, index + 1, *row, False, self.lane, self.group, row=True))
        elif self.under and "|" in line.text:
            self.table = self._opens_table(self.document.lines[index - 1], line)
        elif _FOOT.match(line.text) and index < self.foot:
            self.foot = index

    def _opens_table(self, above: Line, line: Line) -> bool:
        """Whether a line rules off the titles of as many columns above it."""
        ruled = cells_of(line.text)
        if not all(_RULED.match(cell) for cell in ruled):
            return False
        titled = above.kind is Kind.TEXT and not above.nested
        return titled and len(cells_of(above.text)) == len(ruled)
