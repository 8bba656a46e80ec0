"""Sequences against each other: what they share in order, and three of them woven into one.

Lines, words, cards or sections: whatever can be hashed. Cost grows with the length, not its square:
where a long stretch repeats itself so much that nothing in it is unique, it counts as rewritten.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

Pairs = list[tuple[int, int]]
_TABLE = 40_000  # cells of the exact table for what holds nothing unique


def rising(values: Sequence[int]) -> list[int]:
    """The positions of a longest strictly rising subsequence, in order."""
    tails: list[int] = []
    ends: list[int] = []
    before = [-1] * len(values)
    for position, value in enumerate(values):
        length = bisect_left(tails, value)
        before[position] = ends[length - 1] if length else -1
        tails[length : length + 1] = [value]
        ends[length : length + 1] = [position]
    chain: list[int] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(at)
        at = before[at]
    return chain[::-1]


def align(one: Sequence[Hashable], other: Sequence[Hashable]) -> Pairs:
    """Pairs of positions that hold the same, rising on both sides (Bram Cohen's patience diff)."""
    found: Pairs = []
    todo = [(0, len(one), 0, len(other))]
    while todo:
        start, end, at, stop = todo.pop()
        while start < end and at < stop and one[start] == other[at]:
            found.append((start, at))
            start, at = start + 1, at + 1
        while start < end and at < stop and one[end - 1] == other[stop - 1]:
            end, stop = end - 1, stop - 1
            found.append((end, stop))
        if start == end or at == stop:
            continue
        pins = _unique(one, other, (start, end, at, stop))
        if not pins:
            found += _exact(one, other, (start, end, at, stop))
            continue
        found += pins
        ends = [*pins, (end, stop)]
        for (left, right), (left_end, right_end) in zip(
            [(start - 1, at - 1), *pins], ends, strict=True
        ):
            todo.append((left + 1, left_end, right + 1, right_end))
    return sorted(found)


def _unique(one: Sequence[Hashable], other: Sequence[Hashable], within: tuple[int, ...]) -> Pairs:
    """The longest chain of what stands once on each side."""
    start, end, at, stop = within
    here, there = Counter(one[start:end]), Counter(other[at:stop])
    place = {key: n for n, key in enumerate(other[at:stop], at) if there[key] == 1}
    pairs = [
        (n, place[key])
        for n, key in enumerate(one[start:end], start)
        if here[key] == 1 and key in place
    ]
    return [pairs[n] for n in rising([right for _, right in pairs])]


def _exact(one: Sequence[Hashable], other: Sequence[Hashable], within: tuple[int, ...]) -> Pairs:
    """A longest common subsequence by the table; nothing where that would be too large."""
    start, end, at, stop = within
    rows, columns = end - start, stop - at
    if rows * columns > _TABLE:
        return []
    table = [[0] * (columns + 1) for _ in range(rows + 1)]
    for n in range(rows - 1, -1, -1):
        row, below, key = table[n], table[n + 1], one[start + n]
        for m in range(columns - 1, -1, -1):
            row[m] = below[m + 1] + 1 if key == other[at + m] else max(below[m], row[m + 1])
    found, n, m = Pairs(), 0, 0
    while n < rows and m < columns:
        if one[start + n] == other[at + m]:
            found.append((start + n, at + m))
            n, m = n + 1, m + 1
        elif table[n + 1][m] >= table[n][m + 1]:
            n += 1
        else:
            m += 1
    return found


class Hunk(NamedTuple):
    """What one side put in place of `taken` lines of the base: its own lines `start` to `end`."""

    taken: int
    start: int
    end: int

    @property
    def adds(self) -> bool:
        return self.end > self.start


NOTHING = Hunk(0, 0, 0)


class Slot(NamedTuple):
    """What both sides put before line `at` of the base; and, where both kept that line, where it now
    stands: (ours, theirs)."""

    at: int
    ours: Hunk
    theirs: Hunk
    kept: tuple[int, int] | None


def weave(
    base: Sequence[Hashable], ours: Sequence[Hashable], theirs: Sequence[Hashable]
) -> Iterator[Slot]:
    """Both sides' changes, slot by slot. A line of the base stays where neither side took it away."""
    pairs = align(base, ours), align(base, theirs)
    held = dict(pairs[0]), dict(pairs[1])
    hunks = [
        _hunks(each, len(base), len(side)) for each, side in zip(pairs, (ours, theirs), strict=True)
    ]
    for at in range(len(base) + 1):
        kept = (held[0][at], held[1][at]) if at in held[0] and at in held[1] else None
        mine, yours = hunks[0].get(at, NOTHING), hunks[1].get(at, NOTHING)
        if kept or mine.adds or yours.adds:
            yield Slot(at, mine, yours, kept)


def _hunks(pairs: Pairs, base: int, side: int) -> dict[int, Hunk]:
    """{where in the base: what stands there instead}."""
    found: dict[int, Hunk] = {}
    last, at = -1, -1
    for left, right in [*pairs, (base, side)]:
        if left > last + 1 or right > at + 1:
            found[last + 1] = Hunk(left - last - 1, at + 1, right)
        last, at = left, right
    return found
