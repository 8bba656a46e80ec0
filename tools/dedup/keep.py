"""Which row of a cluster stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Self

from crewboard.tools.files.chat import messages_of, text_of
from crewboard.tools.files.fields import Field, number_in
from crewboard.tools.files.jsonl import Line

_PLAIN = ("first", "last", "longest")


@dataclass(frozen=True)
class Keep:
    """The row of the highest `score` stays; of equal ones the earliest, by file and line.

    `longest` counts the characters of all turns, or the bytes of a row without messages. `best:FIELD` takes
    the highest number; a row that has none there comes last.
    """

    rule: str
    field: Field | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """ValueError where `text` is no rule."""
        rule, _, name = text.partition(":")
        if rule == "best" and name:
            return cls(text, Field.parse(name))
        if text not in _PLAIN:
            raise ValueError(f"{text!r} is no rule: {', '.join(_PLAIN)} or best:FIELD")
        return cls(text)

    @property
    def scores(self) -> bool:
        """Whether a row must be looked at for it."""
        return self.rule != "first"

    def score(self, line: Line, index: int) -> float:
        if self.rule == "longest":
            return float(_length(line))
        if self.field is not None:
            found = number_in(self.field.values(line.row))
            return -inf if found is None else found
        return float(index)

    def told(self, score: float) -> dict[str, Any]:
        """What a row's score says, for people: nothing where its place alone decides."""
        if self.rule == "longest":
            return {"length": int(score)}
        if self.field is not None:
            return {"value": None if score == -inf else score}
        return {}


def best_first(rows: set[int], scores: Sequence[float] | None) -> list[int]:
    """Rows in the order in which they are preferred."""
    if scores is None:
        return sorted(rows)
    return sorted(rows, key=lambda row: (-scores[row], row))


def _length(line: Line) -> int:
    messages = messages_of(line.row)
    return len(line.raw) if messages is None else sum(len(text_of(m)) for m in messages)
