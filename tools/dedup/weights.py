"""What rows weigh, so that a row which stays can take over the weight of those that go.

A row weighs what its field says, or 1; together all rows weigh as much afterwards as before. What is no
finite number, or beyond `HEAVIEST`, counts as 1.
"""

from array import array
from collections.abc import Callable
from typing import Any

from crewboard.tools.files.jsonl import Fault, Line

HEAVIEST = 1e12
"""Up to here sums are exact to a thousandth for millions of rows."""
_DIGITS = 9


class Weights:
    """One for each line, in order. `odd` of them were no such number."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._each = array("d")
        self._totals = array("d")
        self.odd = 0

    def take(self, item: Line | Fault) -> None:
        weight = item.row.get(self._name, 1) if isinstance(item, Line) else 1
        sound = _is_number(weight) and abs(weight) <= HEAVIEST
        self.odd += not sound
        self._each.append(weight if sound else 1)

    def add_up(self, kept_for: Callable[[int], int]) -> None:
        """Give every row's weight to the one that stays for it."""
        self._totals = array("d", bytes(8 * len(self._each)))
        for index, weight in enumerate(self._each):
            self._totals[kept_for(index)] += weight

    def of(self, kept: int) -> float:
        """What a row that stays weighs with all that go for it: whole where it is whole."""
        total = round(self._totals[kept], _DIGITS)
        return int(total) if total.is_integer() else total


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
