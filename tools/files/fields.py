"""A place in a row, written down: `metadata.score`, `messages.-1.content`, `messages.*.content`.

Names are parted by dots. A number counts into a list, below 0 from its end; `*` is every member of a list or
an object. A dot in front is for a name that has another meaning where it is used (`.answer`). A key that
holds a dot itself cannot be named.
"""

from dataclasses import dataclass
from typing import Any, Self

_EVERY = "*"


@dataclass(frozen=True, slots=True)
class Field:
    """`name` as it was written."""

    name: str
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """ValueError where a name is missing between two dots."""
        parts = tuple(text.removeprefix(".").split("."))
        if not all(parts):
            raise ValueError(f"{text!r} names no field: write a.b.c")
        return cls(text, parts)

    def values(self, row: Any) -> list[Any]:
        """All that stands there, in order; nothing where a row has no such place."""
        level = [row]
        for part in self.parts:
            level = [child for value in level for child in _children(value, part)]
        return level


def _children(value: Any, part: str) -> list[Any]:
    if isinstance(value, dict):
        if part == _EVERY:
            return list(value.values())
        return [value[part]] if part in value else []
    if not isinstance(value, list):
        return []
    if part == _EVERY:
        return value
    at = _index(part)
    return [value[at]] if at is not None and -len(value) <= at < len(value) else []


def _index(part: str) -> int | None:
    digits = part.removeprefix("-")
    return int(part) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None  # noqa: PLR2004 - no list is longer


def number_in(values: list[Any]) -> float | None:
    """The first of them as a number, if it is one: true and false are none."""
    first = values[0] if values else None
    return float(first) if isinstance(first, int | float) and not isinstance(first, bool) else None
