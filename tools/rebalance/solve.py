"""How many rows of each cell a dataset has that meets its target shares: the most that sampling leaves, or
the fewest that repeating or generating makes.

A share is met when the rows of its label are within the tolerance of it; without a tolerance, when they are
the share rounded down or up. One axis or two; with two, both are met at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from crewboard.tools.rebalance.flow import Bounds, Place, Table, filled

_HALVINGS = 12
_STEPS = 64
_RAKINGS = 300
_CLOSE = 0.01


@dataclass(frozen=True)
class Puzzle:
    """`shares` of the labels of the first axis and of the second ((1,) where there is only one), `cells`
    with the least and the most rows that each may have, `seed` with what it has."""

    shares: tuple[Sequence[Fraction], Sequence[Fraction]]
    cells: Mapping[Place, Bounds]
    seed: Mapping[Place, int]
    tolerance: Fraction = Fraction(0)
    limit: Fraction = Fraction(0)
    """Beyond which no share may be, whatever rounding does; 0 for none."""


def solved(puzzle: Puzzle, total: int) -> dict[Place, int] | None:
    """Rows of each cell, `total` together: as near to the shares as can be, and among such, as the cells
    are to each other already. None where the shares cannot be met."""
    strict = _strict(puzzle)
    if _fits(strict, total) is None:
        return None
    near = _nearest(strict, total)
    found = _fits(near, total) or {}
    return _raked(near, found, total)


def largest(puzzle: Puzzle) -> int:
    """The most rows with which the shares can be met; 0 where nothing can."""
    low, high = 0, sum(most for _, most in puzzle.cells.values())
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(puzzle, middle) is None:
            high = middle - 1
        else:
            low = middle
    return next((n for n in range(low, 0, -1) if _fits(_strict(puzzle), n) is not None), 0)


def smallest(puzzle: Puzzle, most: int) -> int | None:
    """The fewest rows up to `most` with which the shares can be met; None where none can."""
    found = _smallest(puzzle, most)
    if found is None:
        return None
    strict = _strict(puzzle)
    return next((n for n in range(found, most + 1) if _fits(strict, n) is not None), None)


def _smallest(puzzle: Puzzle, most: int) -> int | None:
    low = max(1, sum(least for least, _ in puzzle.cells.values()))
    if _fits(puzzle, low) is not None:
        return low
    tries = [low + (most - low) * n // _STEPS for n in range(1, _STEPS + 1)]
    low, high = next(
        (
            (before, total)
            for before, total in zip([low, *tries], tries, strict=False)
            if _fits(puzzle, total) is not None
        ),
        (low, 0),
    )
    while high and high - low > 1:
        middle = (low + high) // 2
        if _fits(puzzle, middle) is None:
            low = middle
        else:
            high = middle
    return high or None


def bounds(share: Fraction, total: int, tolerance: Fraction) -> Bounds:
    """The rows of a label that are within the tolerance of its share of `total`; the share rounded, where
    no whole number is."""
    low, high = _within(share, total, tolerance)
    return (low, high) if low <= high else (floor(share * total), ceil(share * total))


def _fits(puzzle: Puzzle, total: int) -> dict[Place, int] | None:
    first, second = ([_bounds(puzzle, share, total) for share in side] for side in puzzle.shares)
    return filled(Table(first, second, puzzle.cells), total)


def _bounds(puzzle: Puzzle, share: Fraction, total: int) -> Bounds:
    low, high = bounds(share, total, puzzle.tolerance)
    if not puzzle.limit:
        return low, high
    least, most = _within(share, total, puzzle.limit)
    return max(low, least), min(high, most)


def _within(share: Fraction, total: int, tolerance: Fraction) -> Bounds:
    return max(ceil((share - tolerance) * total), 0), floor((share + tolerance) * total)


def _strict(puzzle: Puzzle) -> Puzzle:
    return replace(puzzle, limit=puzzle.tolerance)


def _nearest(puzzle: Puzzle, total: int) -> Puzzle:
    """The same with the least tolerance that `total` rows need."""
    exact = replace(puzzle, tolerance=Fraction(0))
    if _fits(exact, total) is not None:
        return exact
    near, low, high = puzzle, Fraction(0), puzzle.tolerance
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        tried = replace(puzzle, tolerance=middle)
        if _fits(tried, total) is None:
            low = middle
        else:
            near, high = tried, middle
    return near


def _raked(puzzle: Puzzle, found: dict[Place, int], total: int) -> dict[Place, int]:
    """The sums of `found` spread over the cells in proportion to what they have (iterative proportional
    fitting, kept within the bounds), then rounded so that the sums stay. Where that does not settle,
    `found` itself."""
    sums = tuple(_sums(found, side, len(puzzle.shares[side])) for side in (0, 1))
    spread = _fitted(puzzle, sums)
    cells = {
        place: (
            max(puzzle.cells[place][0], floor(value)),
            min(puzzle.cells[place][1], ceil(value)),
        )
        for place, value in spread.items()
    }
    exactly = [[(each, each) for each in side] for side in sums]
    return filled(Table(exactly[0], exactly[1], cells), total) or found


def _fitted(puzzle: Puzzle, sums: Sequence[Sequence[int]]) -> dict[Place, float]:
    value = {place: float(max(puzzle.seed.get(place, 0), 0.5)) for place in puzzle.cells}
    for _ in range(_RAKINGS):
        worst = 0.0
        for side in (0, 1):
            have = [0.0] * len(sums[side])
            for place, each in value.items():
                have[place[side]] += each
            worst = max(
                [worst, *(abs(a - b) for a, b in zip(have, sums[side], strict=True))],
            )
            for place, each in value.items():
                at = place[side]
                scaled = each * sums[side][at] / have[at] if have[at] else 0.0
                low, high = puzzle.cells[place]
                value[place] = min(max(scaled, low), high)
        if worst < _CLOSE:
            break
    return value


def _sums(found: Mapping[Place, int], side: int, labels: int) -> list[int]:
    sums = [0] * labels
    for place, rows in found.items():
        sums[place[side]] += rows
    return sums
