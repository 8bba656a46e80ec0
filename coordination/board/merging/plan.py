"""What a merge has before it: every card and section of three versions, and what becomes of each."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from crewboard.coordination.board.merging.gap import Entry, Piece, woven
from crewboard.coordination.board.merging.identity import Matcher, pair, same_ids
from crewboard.coordination.board.merging.namesakes import Namesakes
from crewboard.coordination.board.merging.sequence import day_of, in_order
from crewboard.coordination.board.merging.sheet import Section, Sheet, Sort
from crewboard.coordination.board.merging.threefold import NONE, Homes, Row, Side, Threefold, fates

_ROOT = -2  # what lanes lie in
Sheets = tuple[Sheet, Sheet, Sheet]


class Plan:
    """`sheets` are base, ours and theirs. `fates` tells of each card where it goes, `places` the same
    of each section, and `contents` what the section holds when all is done."""

    def __init__(self, sheets: Sheets) -> None:
        self.sheets = sheets
        base, ours, theirs = sheets
        mine, yours = pair(base, ours), pair(base, theirs)
        self.sections = self._sections(mine.sections, yours.sections)
        self.cards = self._cards(mine.items, yours.items)
        self.fates = fates(self.cards, self._homes(), self._changed)
        self.places = fates(self.sections, self._lanes(), lambda _: True)
        self._ours = self._lying(self.sections.ours, Side.OURS)
        self._theirs = self._lying(self.sections.theirs, Side.THEIRS)
        self.contents = [self._content(row) for row in self.sections.rows]

    def lanes(self) -> list[int]:
        """The lanes that stay, in order."""
        return self._within(_ROOT)

    def groups(self, lane: int) -> list[int]:
        return self._within(lane)

    def _within(self, home: int) -> list[int]:
        """The sections that lie in one, or at the top."""
        ours, theirs = (
            [n for n in lying[home] if self._stays(n)] for lying in (self._ours, self._theirs)
        )
        stable = {n for n in theirs if self.places[n].side is Side.BOTH}
        days: dict[int, str] = {}
        if len(stable) < len(ours) and len(stable) < len(theirs):
            days = {n: day_of(self._title(n)) for n in (*ours, *theirs)}
        return in_order(ours, theirs, stable, days)

    def _lying(self, numbers: Sequence[int], side: Side) -> dict[int, list[int]]:
        """What one version says about the order of sections: {what they lie in: the sections}."""
        found: dict[int, list[int]] = defaultdict(list)
        for number in numbers:
            if self.places[number].side in {Side.BOTH, side}:
                found[self.places[number].home].append(number)
        return found

    def _stays(self, number: int) -> bool:
        """A section that one side took off stays only for what the other has put or changed there."""
        place, row = self.places[number], self.sections.rows[number]
        if place.side is Side.GONE:
            return False
        if not place.dispute or NONE not in (row.ours, row.theirs):
            return True
        held = any(entry.card != NONE or entry.text for entry in self.contents[number])
        return held or self._retitled(row) or bool(self._within(number))

    def _retitled(self, row: Row) -> bool:
        side = 1 if row.theirs == NONE else 2
        now, was = self.sheets[side].sections[row[side]], self.sheets[0].sections[row.base]
        return now.title != was.title

    def sort(self, number: int) -> Sort:
        return self._section(number).sort

    def _title(self, number: int) -> str:
        return self._section(number).title

    def _section(self, number: int) -> Section:
        row = self.sections.rows[number]
        side = 2 if row.theirs != NONE else 1
        return self.sheets[side].sections[row[side]]

    def _sections(self, mine: Mapping[int, int], yours: Mapping[int, int]) -> Threefold:
        base, ours, theirs = self.sheets
        sizes = len(base.sections), len(ours.sections), len(theirs.sections)
        found = Threefold.of(sizes, mine, yours)
        both = {row.ours: row.theirs for row in found.rows if NONE not in (row.ours, row.theirs)}
        added = Namesakes(ours, theirs, both)
        added.by_name()
        found.join(added.found)
        return found

    def _cards(self, mine: Mapping[int, int], yours: Mapping[int, int]) -> Threefold:
        base, ours, theirs = self.sheets
        found = Threefold.of((len(base.items), len(ours.items), len(theirs.items)), mine, yours)
        found.tie(same_ids(ours, theirs))
        matcher = Matcher(ours, theirs, self.sections.ours, self.sections.theirs)
        matcher.left, matcher.right = found.half()
        matcher.added()
        found.join(matcher.items)
        return found

    def _homes(self) -> Homes:
        base, ours, theirs = self.sheets
        return (
            [self.sections.base[home] for home in base.homes],
            [self.sections.ours[home] for home in ours.homes],
            [self.sections.theirs[home] for home in theirs.homes],
        )

    def _lanes(self) -> Homes:
        numbers: tuple[Sequence[int], ...] = (
            self.sections.base,
            self.sections.ours,
            self.sections.theirs,
        )
        base, ours, theirs = (
            [of[each.lane] if each.sort is Sort.GROUP else _ROOT for each in sheet.sections]
            for sheet, of in zip(self.sheets, numbers, strict=True)
        )
        return base, ours, theirs

    def _changed(self, row: Row) -> bool:
        """Whether the side that still has a card has changed its text."""
        side = 1 if row.theirs == NONE else 2
        return self.sheets[0].texts(row.base) != self.sheets[side].texts(row[side])

    def _content(self, row: Row) -> list[Entry]:
        base, ours, theirs = (
            [*self._pieces(side, index)] if index != NONE else [] for side, index in enumerate(row)
        )
        stable = {
            each.key
            for each in theirs
            if isinstance(each.key, int) and self.fates[each.key].side is Side.BOTH
        }
        return [*woven(base, ours, theirs, {key for key in stable if isinstance(key, int)})]

    def _pieces(self, side: int, section: int) -> Iterator[Piece]:
        """What one version says about a section: its free text, and the cards whose place it tells."""
        numbers = (self.cards.base, self.cards.ours, self.cards.theirs)[side]
        told = {Side.BOTH, (Side.BOTH, Side.OURS, Side.THEIRS)[side]}
        for part in self.sheets[side].sections[section].parts:
            if part.item == NONE:
                yield Piece(part.text, (part.start, part.end))
                continue
            number = numbers[part.item]
            if self.fates[number].side in told:
                yield Piece(number, (part.start, part.end))
