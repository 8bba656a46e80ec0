"""What a tool hands back, and the rule that every row is accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crewboard.errors import RowsUnaccounted

_EMPTY: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class RowAccount:
    """rows_in + made = rows_out + the sum of `dropped` (reason -> rows), or the tool failed."""

    rows_in: int
    rows_out: int
    dropped: Mapping[str, int] = field(default_factory=lambda: _EMPTY)
    made: int = 0

    def check(self, tool: str) -> None:
        explained = sum(self.dropped.values())
        missing = self.rows_in + self.made - self.rows_out - explained
        if missing:
            raise RowsUnaccounted(
                tool=tool,
                rows_in=self.rows_in + self.made,
                rows_out=self.rows_out,
                dropped=explained,
                missing=missing,
            )


@dataclass(frozen=True)
class Made:
    """One thing that a run left in its output folder: a file or a folder, under the name that the
    tool's `produces` declares. `rows` is None where rows mean nothing."""

    name: str
    path: Path
    rows: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What was made, where the rows went, and what was measured on the way.

    `summary` is one line for people: counts and names of the tool's own, never text out of a row.
    """

    made: tuple[Made, ...]
    summary: str
    rows: RowAccount | None = None
    measured: Mapping[str, Any] = field(default_factory=dict)
