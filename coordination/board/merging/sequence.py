"""The order of sections that both sides may have added to or moved about."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:[ T,]+\d\d:?\d\d)?")


def day_of(title: str) -> str:
    """The day, and hour, that a heading tells; "" where it tells none."""
    found = _DAY.search(title)
    return found[0].replace("T", " ").replace(",", "") if found else ""


def in_order(
    ours: Sequence[int], theirs: Sequence[int], stable: set[int], days: Mapping[int, str]
) -> list[int]:
    """Sections by number: those in `stable` stand in both in one order, each other one in that of the
    side that placed it.

    What both sides put in one place stands with the human's first; in a log, by day.
    """
    told = [day for number in theirs if (day := days.get(number))]
    steps = [(one > other) - (one < other) for one, other in pairwise(told)]
    falls = sum(steps)
    found: list[int] = []
    for (mine, anchor), (yours, _) in zip(
        _stretches(ours, stable), _stretches(theirs, stable), strict=True
    ):
        found += _zipped(mine, yours, days, falls)
        found += [] if anchor is None else [anchor]
    return found


def _stretches(
    numbers: Sequence[int], stable: set[int]
) -> Iterator[tuple[Sequence[int], int | None]]:
    start = 0
    for at, number in enumerate(numbers):
        if number in stable:
            yield numbers[start:at], number
            start = at + 1
    yield numbers[start:], None


def _zipped(
    ours: Sequence[int], theirs: Sequence[int], days: Mapping[int, str], falls: int
) -> list[int]:
    """Both runs in one, neither's own order changed."""
    if not falls or not all(days.get(number) for number in (*ours, *theirs)):
        return [*theirs, *ours]
    found: list[int] = []
    mine, yours = [*ours], [*theirs]
    while mine and yours:
        one, other = days[mine[0]], days[yours[0]]
        found.append((mine if (one > other if falls > 0 else one < other) else yours).pop(0))
    return [*found, *yours, *mine]
