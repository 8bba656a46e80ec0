"""Which version of the board somebody had before them when they made this text of it.

An editor does not tell what it had loaded, so the version is inferred: the one that the fewest
changes lead from to the text. A person adds more than they take away, and what the crew wrote since
is exactly what is missing in a text made on an older version; so a line that is missing counts twice
as much as a new one. A line with an id that was reworded counts as one change, and one that stands
under another heading as a move. Versions that are equally near are told apart by the order of their
lines, then by their words, then by age: the newest wins.

Not promised: a person who takes away what the crew has just written, and writes something else in
the same save, is taken for one who had not seen it. What they took away comes back.

Only lines that differ from one version to the next are counted, and how they differ is remembered.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise, repeat

# In halves of a line.
_MISSING, _NEW, _NEW_ID, _REWORDED, _MOVED = 4, 2, 4, 1, 2
_ID = re.compile(rb"\^([0-9A-Za-z-]+)\Z")
_TIES = 10
_REMEMBERED = 5000

Place = tuple[bytes, bytes]
"""A line, and the heading above it: what a line's lane is, without knowing what a lane is."""


class Trail:
    """Finds the nearest of several versions, which `text` gives by their hash."""

    def __init__(self, text: Callable[[str], bytes]) -> None:
        self._text = text
        self._shape = lru_cache(maxsize=4)(lambda sha256: shape(text(sha256)))
        self._step = lru_cache(maxsize=_REMEMBERED)(
            lambda newer, older: _differing(self._shape(newer), self._shape(older))
        )

    def nearest(self, found: bytes, versions: Sequence[str]) -> str:
        """The one of `versions`, from the newest to the oldest, that `found` was made on."""
        costs: dict[str, int] = {}
        distance, last = Distance(), ""
        for sha256 in versions:
            differing = (
                self._step(last, sha256) if last else _differing(shape(found), self._shape(sha256))
            )
            distance.shift(differing)
            costs.setdefault(sha256, distance.cost)
            last = sha256
        least = min(costs.values())
        ties = [sha256 for sha256, cost in costs.items() if cost == least][:_TIES]
        if len(ties) == 1:
            return ties[0]
        lines = lines_of(found)
        return min(ties, key=lambda sha256: _finer(lines_of(self._text(sha256)), lines))


@dataclass
class _Tally:
    """Counts of things that are too many (above 0) or too few (below), and what they cost."""

    price: Callable[[Hashable, int], int]
    counts: Counter[Hashable] = field(default_factory=Counter)
    total: int = 0

    def add(self, thing: Hashable, number: int) -> None:
        before = self.counts[thing]
        self.counts[thing] = before + number
        self.total += self.price(thing, before + number) - self.price(thing, before)


class Distance:
    """From a version to a text, by the lines that only one of them has."""

    def __init__(self) -> None:
        self._texts = _Tally(_price_of_line)
        self._ids = _Tally(lambda _, n: _NEW_ID * n if n > 0 else -_MISSING * n)
        self._lines = _Tally(lambda _, n: abs(n))
        self._places = _Tally(lambda _, n: abs(n))

    @property
    def cost(self) -> int:
        moved = (self._places.total - self._lines.total) // 2
        return self._texts.total + self._ids.total + _MOVED * moved

    def shift(self, differing: Mapping[Place, int]) -> None:
        for place, number in differing.items():
            line = place[1]
            self._places.add(place, number)
            self._lines.add(line, number)
            self._texts.add(line, number)
            if found := _ID.search(line):
                self._ids.add(found[1], number)


def lines_of(data: bytes) -> list[bytes]:
    """Without blank lines and trailing white space, which editors add and remove unasked."""
    return [line for each in data.splitlines() if (line := each.rstrip())]


def shape(data: bytes) -> Counter[Place]:
    """How often each line stands under each heading."""
    lines = lines_of(data)
    headings = [n for n, line in enumerate(lines) if line[:1] == b"#"]
    found: Counter[Place] = Counter()
    for start, end in pairwise([0, *headings, len(lines)]):
        heading = lines[start] if start in headings else b""
        found.update(zip(repeat(heading), lines[start:end], strict=False))
    return found


def _price_of_line(line: Hashable, number: int) -> int:
    if isinstance(line, bytes) and _ID.search(line):
        return _REWORDED * abs(number)
    return _NEW * number if number > 0 else -_MISSING * number


def _differing(one: Counter[Place], other: Counter[Place]) -> dict[Place, int]:
    return {place: one[place] - other[place] for place, _ in one.items() ^ other.items()}


def _finer(version: list[bytes], found: list[bytes]) -> tuple[int, int]:
    """What order and words have to say where the lines cannot decide."""
    order = _weighed(pairwise(found), pairwise(version))
    new, missing = Counter(found) - Counter(version), Counter(version) - Counter(found)
    words = _weighed(b" ".join(new.elements()).split(), b" ".join(missing.elements()).split())
    return order, words


def _weighed(found: Iterable[Hashable], version: Iterable[Hashable]) -> int:
    here, there = Counter(found), Counter(version)
    return _NEW * (here - there).total() + _MISSING * (there - here).total()
