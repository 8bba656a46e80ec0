"""How many rows there are of each cell, and their places in the lottery: one pass, 8 bytes a row."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from crewboard.tools.files.jsonl import Fault
from crewboard.tools.files.passing import Passing
from crewboard.tools.mix.keys import Keys
from crewboard.tools.mix.shuffle import rank
from crewboard.tools.rebalance.flow import Bounds, Place
from crewboard.tools.rebalance.solve import Puzzle
from crewboard.tools.rebalance.targets import Axis, Cell, Targets

_EVEN = (Fraction(1),)


class Census:
    """The rows of some files by cell. `elsewhere` counts rows that no cell of the plan takes."""

    def __init__(self, targets: Targets, seed: int = 0) -> None:
        self.plan, self._seed = targets, seed
        self.ranks: dict[Cell, Keys] = {}
        self.elsewhere, self.unreadable = 0, 0

    def take(
        self, paths: Sequence[Path], progress: Callable[[int, int | None, str], None]
    ) -> "Census":
        passing = Passing(paths, progress, "counting rows")
        for path in paths:
            for item in passing.rows(path):
                if isinstance(item, Fault):
                    self.unreadable += 1
                elif (cell := self.plan.cell(item.row)) is None:
                    self.elsewhere += 1
                else:
                    self.ranks.setdefault(cell, Keys()).add(rank(self._seed, item.raw))
        return self

    @property
    def rows(self) -> dict[Cell, int]:
        return {cell: len(self.ranks[cell]) for cell in self.plan.cells() if cell in self.ranks}

    def puzzle(self, bounds: Callable[[int], Bounds], tolerance: Fraction, *, new: bool) -> Puzzle:
        """`bounds` gives the least and the most for a cell's rows; `new`: empty cells may be filled."""
        have = {self.place(cell): rows for cell, rows in self.rows.items()}
        places = [self.place(cell) for cell in self.plan.cells()] if new else list(have)
        first, second = self._sides()
        cells = {place: bounds(have.get(place, 0)) for place in places}
        return Puzzle((list(first.values()), list(second.values())), cells, have, tolerance)

    def place(self, cell: Cell) -> Place:
        first, second = self._sides()
        return list(first).index(cell[0]), list(second).index(cell[1]) if len(cell) > 1 else 0

    def _sides(self) -> tuple[Mapping[str, Fraction], Mapping[str, Fraction]]:
        axes = self.plan.axes
        return axes[0].shares, axes[1].shares if len(axes) > 1 else {"": _EVEN[0]}


def along(axis: Axis, at: int, rows: Mapping[Cell, int]) -> dict[str, int]:
    """Rows of each label of the axis that stands `at` this place in a cell."""
    found: Counter[str] = Counter(dict.fromkeys(axis.shares, 0))
    for cell, count in rows.items():
        found[cell[at]] += count
    return dict(found)


def told(
    targets: Targets, before: Mapping[Cell, int], after: Mapping[Cell, int]
) -> dict[str, list[dict[str, Any]]]:
    """By axis, and for each label: its planned share, and rows and shares before and after."""
    both = (before, after)
    return {
        axis.name: [
            {"label": label, "planned": round(float(share), 6), **_pair(label, axis, at, both)}
            for label, share in axis.shares.items()
        ]
        for at, axis in enumerate(targets.axes)
    }


def _pair(
    label: str, axis: Axis, at: int, both: tuple[Mapping[Cell, int], Mapping[Cell, int]]
) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, rows in zip(("before", "after"), both, strict=True):
        found = along(axis, at, rows)
        total = sum(found.values()) or 1
        facts[name] = found[label]
        facts[f"share_{name}"] = round(found[label] / total, 6)
    return facts
