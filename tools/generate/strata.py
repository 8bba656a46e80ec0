"""How many rows each stratum gets: the plan that a run fills, and a resumed run goes on filling.

The axes of a recipe (agent, difficulty, category ...) are crossed in their order. Rounding errors are
carried from one split to the next ("error diffusion"), so that they do not add up: along the first axis
the counts are the largest-remainder ones, and along every later one each label stays within one row of
its share of the whole, wherever no count would have to fall below zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

Axis = tuple[str, Mapping[str, Fraction]]
"""A name, and the weight of each of its labels; weights need not sum to anything."""


@dataclass(frozen=True)
class Cell:
    """One stratum: a label of each axis, and the rows that it is owed."""

    labels: Mapping[str, str]
    quota: int

    @property
    def name(self) -> str:
        return "/".join(self.labels.values()) or "all"


def cells(rows: int, axes: Sequence[Axis]) -> tuple[Cell, ...]:
    """The strata of `rows` rows, in the axes' order; their quotas sum to `rows` exactly, and some may be
    zero."""
    found = [Cell({}, rows)]
    for name, weights in axes:
        owed = dict.fromkeys(weights, Fraction(0))
        found = [
            Cell({**cell.labels, name: label}, quota)
            for cell in found
            for label, quota in _split(cell.quota, weights, owed).items()
        ]
    return tuple(found)


def _split(rows: int, weights: Mapping[str, Fraction], owed: dict[str, Fraction]) -> dict[str, int]:
    """`rows` by weight and by what earlier splits still owe each label, which is brought up to date."""
    whole = sum(weights.values())
    wanted = {label: rows * weight / whole + owed[label] for label, weight in weights.items()}
    given = {label: max(0, int(share // 1)) for label, share in wanted.items()}
    while (left := rows - sum(given.values())) != 0:
        step = 1 if left > 0 else -1
        movable = [label for label in given if step > 0 or given[label] > 0]
        given[max(movable, key=lambda label: step * (wanted[label] - given[label]))] += step
    owed.update({label: wanted[label] - given[label] for label in given})
    return given


def by_axis(counted: Mapping[str, int], plan: Sequence[Cell]) -> dict[str, dict[str, int]]:
    """Rows by axis and label; `counted` gives the rows of each cell by its name."""
    totals: dict[str, dict[str, int]] = {}
    for cell in plan:
        for axis, label in cell.labels.items():
            labels = totals.setdefault(axis, {})
            labels[label] = labels.get(label, 0) + counted.get(cell.name, 0)
    return totals
