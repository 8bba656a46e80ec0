"""The same things in three versions, and what becomes of each: which side says where it stands."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from crewboard.coordination.board.merging.align import rising

NONE = -1


class Row(NamedTuple):
    """A thing's index in each version, NONE where it is missing."""

    base: int
    ours: int
    theirs: int


@dataclass
class Threefold:
    """Every thing under one number. `base`, `ours` and `theirs` tell the number of each index."""

    rows: list[Row]
    base: list[int]
    ours: list[int]
    theirs: list[int]

    @classmethod
    def of(
        cls, sizes: tuple[int, int, int], to_ours: Mapping[int, int], to_theirs: Mapping[int, int]
    ) -> "Threefold":
        rows = [Row(n, to_ours.get(n, NONE), to_theirs.get(n, NONE)) for n in range(sizes[0])]
        found = cls(rows, [*range(sizes[0])], [NONE] * sizes[1], [NONE] * sizes[2])
        for number, row in enumerate(rows):
            found._tell(number, row)
        for index in range(sizes[1]):
            if found.ours[index] == NONE:
                found._add(Row(NONE, index, NONE))
        for index in range(sizes[2]):
            if found.theirs[index] == NONE:
                found._add(Row(NONE, NONE, index))
        return found

    def join(self, pairs: Mapping[int, int]) -> None:
        """Take things of ours and of theirs for one, unless the base knows them as two."""
        for ours, theirs in pairs.items():
            one, other = self.ours[ours], self.theirs[theirs]
            here, there = self.rows[one], self.rows[other]
            if here.theirs != NONE or there.ours != NONE or NONE not in (here.base, there.base):
                continue
            number, gone = (one, other) if here.base != NONE or there.base == NONE else (other, one)
            self.rows[gone] = Row(NONE, NONE, NONE)
            self.rows[number] = Row(max(here.base, there.base), ours, theirs)
            self._tell(number, self.rows[number])

    def tie(self, pairs: Mapping[int, int]) -> None:
        """Take things for one whatever was guessed before: what each was taken for stands without it."""
        for ours, theirs in pairs.items():
            one, other = self.ours[ours], self.theirs[theirs]
            if one == other:
                continue
            here, there = self.rows[one], self.rows[other]
            self.rows[one], self.rows[other] = here._replace(ours=NONE), there._replace(theirs=NONE)
            base = NONE
            if here.theirs == NONE:
                base, self.rows[one] = here.base, Row(NONE, NONE, NONE)
            elif there.ours == NONE:
                base, self.rows[other] = there.base, Row(NONE, NONE, NONE)
            self._add(Row(base, ours, theirs))

    def half(self) -> tuple[list[int], list[int]]:
        """What of ours is not known in theirs, and the other way round."""
        here = [n for n, number in enumerate(self.ours) if self.rows[number].theirs == NONE]
        return here, [n for n, number in enumerate(self.theirs) if self.rows[number].ours == NONE]

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        self._tell(len(self.rows) - 1, row)

    def _tell(self, number: int, row: Row) -> None:
        if row.base != NONE:
            self.base[row.base] = number
        if row.ours != NONE:
            self.ours[row.ours] = number
        if row.theirs != NONE:
            self.theirs[row.theirs] = number


class Side(Enum):
    """Who says where a thing stands."""

    BOTH = "it stands where it stood"
    OURS = "ours"
    THEIRS = "theirs"
    GONE = "nobody: it is taken out"


class Fate(NamedTuple):
    """`home` is the number of what it lies in. `dispute`: both sides moved it; or one took it off and
    the other had changed it, and it stays."""

    side: Side
    home: int = NONE
    dispute: str = ""


GONE = Fate(Side.GONE)
MOVED, TAKEN, GIVEN_UP = "moved", "taken off by them", "taken off by us"
Homes = tuple[Sequence[int], Sequence[int], Sequence[int]]


def fates(things: Threefold, homes: Homes, changed: Callable[[Row], bool]) -> list[Fate]:
    """What becomes of each thing. `homes` tell for each version what its things lie in; `changed` is
    asked for what one side took off: whether the other has changed it."""
    moved = (_reordered(things, homes, 1), _reordered(things, homes, 2))
    return [_fate(number, row, homes, changed, moved) for number, row in enumerate(things.rows)]


def _fate(
    number: int,
    row: Row,
    homes: Homes,
    changed: Callable[[Row], bool],
    moved: tuple[set[int], set[int]],
) -> Fate:
    base, ours, theirs = (homes[n][index] if index != NONE else NONE for n, index in enumerate(row))
    if NONE in (ours, theirs):
        return _halved(row, Row(base, ours, theirs), changed)
    if theirs != base:
        disputed = ours not in (base, theirs)
        return Fate(Side.THEIRS, theirs, MOVED if disputed else "")
    if ours != base:
        return Fate(Side.OURS, ours)
    if number in moved[1]:
        return Fate(Side.THEIRS, theirs)
    return Fate(Side.OURS, ours) if number in moved[0] else Fate(Side.BOTH, theirs)


def _halved(row: Row, home: Row, changed: Callable[[Row], bool]) -> Fate:
    """What becomes of a thing that one side alone has: added there, or taken off by the other."""
    if home.ours == home.theirs == NONE:
        return GONE
    ours = home.theirs == NONE
    side, stands = (Side.OURS, home.ours) if ours else (Side.THEIRS, home.theirs)
    if home.base == NONE:
        return Fate(side, stands)
    if stands == home.base and not changed(row):
        return GONE
    return Fate(side, stands, TAKEN if ours else GIVEN_UP)


def _reordered(things: Threefold, homes: Homes, side: int) -> set[int]:
    """What one side put elsewhere among its old neighbours: the fewest that explain the new order."""
    stayed: dict[int, list[int]] = defaultdict(list)
    for number, row in enumerate(things.rows):
        if row.base != NONE and row[side] != NONE:
            home = homes[0][row.base]
            if homes[side][row[side]] == home:
                stayed[home].append(number)
    found: set[int] = set()
    for numbers in stayed.values():
        places = [things.rows[number][side] for number in numbers]
        if any(one > other for one, other in pairwise(places)):
            found |= {*numbers} - {numbers[n] for n in rising(places)}
    return found
