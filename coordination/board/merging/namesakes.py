"""Which section of one version is which section of another."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

from crewboard.coordination.board.headings import Place, read_heading
from crewboard.coordination.board.merging.sheet import Section, Sheet, Sort
from crewboard.coordination.board.outline import words_of

_HALF = 0.5
_MOST = 10_000  # pairs of sections that are looked into

Key = Callable[[Sheet, Section, int], Hashable]
Held = Counter[Hashable]


def place_of(sheet: Sheet, section: Section) -> Place | None:
    return read_heading(sheet.lines[section.heading]) if section.heading >= 0 else None


@dataclass
class Namesakes:
    """Pairs the sections of two sheets into `found`: {index before: index after}."""

    before: Sheet
    after: Sheet
    found: dict[int, int] = field(default_factory=dict)

    def by_name(self) -> None:
        """As they are written, by what they mean, by their words; groups after the lanes they lie in."""
        for key in (_written, _meant, _worded):
            self._by(key, grouped=False)
        for key in (_written, _meant, _worded):
            self._by(_in_lane(key), grouped=True)
        self._by(_written, grouped=True)

    def by_content(self, items: Mapping[int, int]) -> None:
        """Sections that bear another name now, and hold what they held.

        A heading that means another column than before has not renamed its column: its cards moved.
        """
        left, right = self._rest()
        if len(left) * len(right) > _MOST:
            return
        here = {n: _held(self.before, n, lambda card: items.get(card, -1 - card)) for n in left}
        there = {m: _held(self.after, m, lambda card: card) for m in right}
        pairs = ((n, m) for n in left for m in right if self._may_be(n, m))
        scores = {(n, m): self._common((n, m), here[n], there[m]) for n, m in pairs}
        self._best({pair: score for pair, score in scores.items() if score >= _HALF})

    def _best(self, scores: Mapping[tuple[int, int], float]) -> None:
        """Pair what goes together best, each section once."""
        taken = set(self.found.values())
        for n, m in sorted(scores, key=lambda pair: (-scores[pair], pair)):
            if n not in self.found and m not in taken:
                self.found[n] = m
                taken.add(m)

    def _rest(self) -> tuple[list[int], list[int]]:
        taken = set(self.found.values())
        left = [n for n in range(len(self.before.sections)) if n not in self.found]
        return left, [m for m in range(len(self.after.sections)) if m not in taken]

    def _by(self, key: Key, *, grouped: bool) -> None:
        here: dict[Hashable, list[int]] = defaultdict(list)
        there: dict[Hashable, list[int]] = defaultdict(list)
        left, right = self._rest()
        for n in left:
            section = self.before.sections[n]
            if (section.sort is Sort.GROUP) is grouped:
                lane = self.found.get(section.lane, -1 - section.lane)
                here[key(self.before, section, lane)].append(n)
        for m in right:
            section = self.after.sections[m]
            if (section.sort is Sort.GROUP) is grouped:
                there[key(self.after, section, section.lane)].append(m)
        for name in here.keys() & there.keys() - {None}:
            self._match(here[name], there[name])

    def _match(self, here: list[int], there: list[int]) -> None:
        """Namesakes in the order in which they stand; where one has gone, by what they hold."""
        if len(here) == len(there) or len(here) * len(there) > _MOST:
            self.found |= zip(here, there, strict=False)
            return
        mine = {n: _held(self.before, n, lambda card: self.before.items[card].title) for n in here}
        yours = {m: _held(self.after, m, lambda card: self.after.items[card].title) for m in there}
        self._best({(n, m): self._common((n, m), mine[n], yours[m]) for n in here for m in there})

    def _may_be(self, n: int, m: int) -> bool:
        one, other = self.before.sections[n], self.after.sections[m]
        places = place_of(self.before, one), place_of(self.after, other)
        return one.sort is other.sort and (None in places or places[0] == places[1])

    def _common(self, pair: tuple[int, int], here: Held, there: Held) -> float:
        """The share of their contents that two sections have in common; where both are bare, whether
        they stand between the same neighbours."""
        if here or there:
            return (here & there).total() / max(here.total(), there.total())
        return float(self._beside(*pair, -1) and self._beside(*pair, 1))

    def _beside(self, n: int, m: int, step: int) -> bool:
        n, m = n + step, m + step
        if not 0 <= n < len(self.before.sections):
            return not 0 <= m < len(self.after.sections)
        return self.found.get(n) == m


def _held(sheet: Sheet, index: int, name: Callable[[int], Hashable]) -> Held:
    """What stands in a section: its cards, named by `name`, and its free text."""
    section = sheet.sections[index]
    cards = (part.item for part in section.parts if part.item >= 0)
    return Counter([*map(name, cards), *(part.text for part in sheet.free(section) if part.text)])


def _written(_: Sheet, section: Section, __: int) -> Hashable:
    return section.sort, section.level, section.title


def _meant(sheet: Sheet, section: Section, _: int) -> Hashable:
    return place_of(sheet, section)


def _worded(sheet: Sheet, section: Section, _: int) -> Hashable:
    if section.heading < 0:
        return None
    return section.level, words_of(sheet.lines[section.heading]).casefold()


def _in_lane(key: Key) -> Key:
    def within(sheet: Sheet, section: Section, lane: int) -> Hashable:
        name = key(sheet, section, lane)
        return None if name is None else (lane, name)

    return within
