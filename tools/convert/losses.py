"""What a row lost on its way: measured by reading back what was written, never declared.

A field is named by its place in the hub (`turns.reasoning`, `details.source`), whatever the number of
the turn. Nothing of a row's text enters a name but the keys of its own columns.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from crewboard.tools.convert.model import Conversation, Row
from crewboard.tools.convert.plain import plain

_NAMES = 200
_REST = "(further fields)"
_OPEN = ("details", "extra")


def lost(whole: Conversation, back: Conversation) -> list[str]:
    """The fields of `whole` that `back` lacks or says otherwise, once for each place. What `back` has
    besides (an id where there was none) is no loss."""
    return list(_between(plain(whole), plain(back), ""))


def _between(old: Any, new: Any, path: str) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        found: list[str] = []
        for key in old:
            if key not in new and key in _OPEN:
                found += [f"{_joined(path, key)}.{each}" for each in old[key]]
            elif key not in new:
                found.append(_joined(path, key))
            elif old[key] != new[key]:
                found += _between(old[key], new[key], _joined(path, key))
        return found
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
        return [name for a, b in pairs for name in _between(a, b, path)]
    return [path]


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


@dataclass
class Losses:
    """The tally over a file: for each field how often, in how many rows, and first where."""

    counts: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)

    def add(self, fields: list[str], line: int) -> None:
        names = [
            name if name in self.first or len(self.first) < _NAMES else _REST for name in fields
        ]
        self.counts.update(names)
        self.rows.update(set(names))
        for name in names:
            self.first.setdefault(name, line)

    def told(self) -> list[Row]:
        """One object for each field, the most frequent first."""
        order = sorted(self.counts, key=lambda name: (-self.counts[name], name))
        return [
            {
                "field": name,
                "count": self.counts[name],
                "rows": self.rows[name],
                "first_line": self.first[name],
            }
            for name in order
        ]
