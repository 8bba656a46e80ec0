"""Where things stand on a board: items by the id that they end with, headings by their place."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from crewboard.coordination.board.card import Column
from crewboard.coordination.board.headings import Place, closes_section, read_heading
from crewboard.coordination.board.headline import Style, id_of, style_of
from crewboard.coordination.board.outline import words_of
from crewboard.memory.markdown import Document, Kind, Line

_GROUP_LEVEL = 3
_ORDER = list(Column)


@dataclass(frozen=True)
class Found:
    """A card's block: lines `start` to `end`, under the heading of `place` (None: elsewhere), in the
    section titled `lane`."""

    start: int
    end: int
    place: Place | None
    lane: str = ""


@dataclass(frozen=True)
class Landing:
    """Where new lines go; `apart` when what stands before them is not a list."""

    position: int
    apart: bool


@dataclass
class Survey:
    document: Document
    cards: dict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))
    bare: dict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))
    """Items without an id of the crew's, by their first line."""
    headings: dict[Place, int] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document) -> "Survey":
        survey = cls(document)
        column: Place | None = None
        place: Place | None = None
        lane = ""
        for index, line in enumerate(document.lines):
            if line.kind is Kind.HEADING:
                named = read_heading(line)
                if closes_section(line):
                    column, lane = named, words_of(line)
                if named or line.level <= _GROUP_LEVEL:
                    place = named or column
                if named:
                    survey.headings.setdefault(named, index)
            elif line.kind is Kind.ITEM:
                found = Found(index, document.block_end(index), place, lane)
                known = id_of(line.text)
                (survey.cards[known] if known else survey.bare[line.text]).append(found)
        return survey

    def texts(self, found: Found) -> list[str]:
        return [line.text for line in self.document.lines[found.start : found.end]]

    def style(self, place: Place) -> Style:
        """How the cards of a place begin; where it has none, those of all columns."""
        if place not in self._styles:
            own = [each for each in self._items if each.place == place]
            cards = [
                each for each in self._items if each.place and each.place.column is not Column.NOTES
            ]
            lines = self.document.lines
            self._styles[place] = style_of(lines[each.start].text for each in own or cards)
        return self._styles[place]

    @cached_property
    def _items(self) -> list[Found]:
        groups = (*self.cards.values(), *self.bare.values())
        return [found for group in groups for found in group]

    @cached_property
    def _styles(self) -> dict[Place, Style]:
        return {}

    def landing(self, place: Place) -> Landing:
        """Find the end of the list under the heading of `place`, which must stand on the board."""
        heading = self.headings[place]
        end = self._next(heading, lambda _: True)
        under = range(heading + 1, end)
        items = [n for n in under if self.document.lines[n].kind is Kind.ITEM]
        if items:
            return Landing(self.document.block_end(items[-1]), apart=False)
        texts = [n for n in under if not self._parts(n)]
        return Landing(texts[-1] + 1 if texts else heading + 1, apart=bool(texts))

    def opening(self, place: Place) -> int:
        """Where the heading of `place` goes when it is missing.

        In the order of `Column`: behind the nearest column before it that is there, else before
        the nearest one after it, else last.
        """
        rank = _ORDER.index(place.column) + bool(place.owner)
        for column in reversed(_ORDER[:rank]):
            if (heading := self.headings.get(Place(column))) is not None:
                return self._next(heading, closes_section)
        following = (self.headings.get(Place(column)) for column in _ORDER[rank:])
        return next((heading for heading in following if heading is not None), self.document.tail)

    def _next(self, heading: int, ends: Callable[[Line], bool]) -> int:
        """Where a section gives way to the heading that ends it, or to what nothing closes."""
        for index in range(heading + 1, self.document.tail):
            line = self.document.lines[index]
            if line.kind is Kind.HEADING and ends(line):
                return index
        return self.document.tail

    def _parts(self, index: int) -> bool:
        """Whether a line only keeps things apart: a blank one, or a rule below a blank one."""
        line, above = self.document.lines[index], self.document.lines[index - 1]
        rule = set(line.text.strip(" \t")) <= {"-", "*", "_", " ", "\t"}
        return line.kind is Kind.BLANK or (
            line.kind is Kind.TEXT and rule and above.kind is Kind.BLANK
        )
