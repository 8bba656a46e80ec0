"""How rows spread over what they say of themselves, against a plan, and what goes with what.

Counted in cells of (stage, agent, category, difficulty). Of values that are no short text, and of
cells beyond the first 5,000, only a remainder is counted.
"""

from collections import defaultdict
from collections.abc import Mapping
from math import sqrt
from typing import Any

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.config import AXES, AuditConfig, Balance
from crewboard.tools.audit.sight import Sight, field_of

Cell = tuple[str, ...]
NONE, OTHER = "(none)", "(other)"
_CELLS, _LONGEST, _SHOWN = 5000, 60, 50


class Skew:
    name = "skew"

    def __init__(self, config: AuditConfig) -> None:
        self._names = [getattr(config.fields, axis) for axis in AXES]
        self._plans = config.balance
        self._cells: dict[Cell, list[int]] = {}
        self._known: dict[tuple[Any, ...], list[int]] = {}

    def look(self, sight: Sight, book: Book) -> None:
        del book
        row = sight.row
        if "metadata" in row:
            values = tuple(field_of(row, name) for name in self._names)
        else:
            values = tuple(map(row.get, self._names))
        try:
            counted = self._known.get(values)
        except TypeError:  # a value is a list or an object
            counted = None
        counted = counted or self._cell(values)
        counted[0] += 1
        counted[1] += sight.words

    def _cell(self, values: tuple[Any, ...]) -> list[int]:
        cell = tuple(map(_label, values))
        if cell not in self._cells and len(self._cells) >= _CELLS:
            cell = (OTHER,) * len(AXES)
        counted = self._cells.setdefault(cell, [0, 0])
        if len(self._known) < _CELLS and all(map(_is_short, values)):
            self._known[values] = counted
        return counted

    def state(self) -> Any:
        return [[list(cell), *counted] for cell, counted in self._cells.items()]

    def absorb(self, state: Any) -> None:
        for cell, rows, words in state:
            counted = self._cells.setdefault(tuple(cell), [0, 0])
            counted[0] += rows
            counted[1] += words

    def told(self) -> dict[str, Any]:
        return {
            "balance": {axis: self._along(n) for n, axis in enumerate(AXES)},
            "plan": {axis: self._against(axis, plan) for axis, plan in self._plans.items()},
            "bias": self._bias(),
        }

    def _along(self, axis: int) -> list[dict[str, Any]]:
        """Rows, share and mean words by value, the commonest first, at most 50."""
        counted = _summed((cell[axis], *counts) for cell, counts in self._cells.items())
        total = sum(rows for rows, _ in counted.values()) or 1
        ranked = sorted(counted.items(), key=lambda item: (-item[1][0], item[0]))[:_SHOWN]
        return [
            {
                "value": v,
                "rows": rows,
                "share": round(rows / total, 6),
                "mean_words": round(words / rows, 1),
            }
            for v, (rows, words) in ranked
        ]

    def _against(self, axis: str, balance: Balance) -> dict[str, Any]:
        """Measured shares beside planned ones; over all stages, and the stage that is furthest off."""
        at = AXES.index(axis)
        by_stage: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for cell, (rows, _) in self._cells.items():
            by_stage[cell[0]][cell[at]] += rows
            by_stage[""][cell[at]] += rows
        whole = _shares(by_stage.pop("", {}))
        values = sorted({*balance.plan, *whole})
        told = [
            {"value": v, "planned": balance.plan.get(v, 0.0), "measured": whole.get(v, 0.0)}
            for v in values
        ]
        off = {
            stage: round(_distance(_shares(rows), balance.plan), 6)
            for stage, rows in by_stage.items()
        }
        worst = max(off, key=lambda stage: (off[stage], stage), default=NONE)
        most = max((abs(whole.get(v, 0.0) - balance.plan.get(v, 0.0)) for v in values), default=0.0)
        return {
            "values": told,
            "tolerance": balance.tolerance,
            "over": most > balance.tolerance + 1e-9,
            "furthest_off": round(most, 6),
            "stage": worst,
            "stage_distance": off.get(worst, 0.0),
        }

    def _bias(self) -> dict[str, Any]:
        """Whether length goes with difficulty, and agents with categories or difficulties."""
        return {
            "length_by_difficulty": self._along(AXES.index("difficulty")),
            "agent_by_category": self._association(1, 2),
            "agent_by_difficulty": self._association(1, 3),
            "category_by_difficulty": self._association(2, 3),
        }

    def _association(self, one: int, two: int) -> float:
        """Cramer's V of two fields: 0 where they are independent, 1 where one decides the other."""
        table: dict[tuple[str, str], int] = defaultdict(int)
        for cell, (rows, _) in self._cells.items():
            table[cell[one], cell[two]] += rows
        across, down = _margin(table, 0), _margin(table, 1)
        total = sum(across.values())
        least = min(len(across), len(down)) - 1
        if not total or least < 1:
            return 0.0
        squares = sum(
            (table.get((a, b), 0) - rows * more / total) ** 2 / (rows * more / total)
            for a, rows in across.items()
            for b, more in down.items()
        )
        return round(sqrt(squares / total / least), 4)


def _is_short(value: Any) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= _LONGEST)


def _label(value: Any) -> str:
    if isinstance(value, str):
        return value if _is_short(value) else OTHER
    if value is None:
        return NONE
    if isinstance(value, bool | int | float):
        return str(value)
    return OTHER


def _summed(parts: Any) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for value, rows, words in parts:
        before = found.get(value, (0, 0))
        found[value] = (before[0] + rows, before[1] + words)
    return found


def _shares(rows: dict[str, int]) -> dict[str, float]:
    total = sum(rows.values()) or 1
    return {value: round(count / total, 6) for value, count in rows.items()}


def _distance(measured: Mapping[str, float], plan: Mapping[str, float]) -> float:
    """Half the sum of differences: the share of rows that stand under another value than planned."""
    return sum(abs(measured.get(v, 0) - plan.get(v, 0)) for v in {*measured, *plan}) / 2


def _margin(table: dict[tuple[str, str], int], side: int) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for pair, rows in table.items():
        found[pair[side]] += rows
    return dict(found)
