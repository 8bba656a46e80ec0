"""Keys that occur twice in one object, which a parser hides: the last value wins.

Only a line whose colons its keys and strings do not account for is parsed again, slowly, by a reader
that sees every pair. A key is missed where the line also writes a colon as an escape.
"""

import json
from typing import Any

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.checks.contract import Silent
from crewboard.tools.audit.rules import DUPLICATE_KEY
from crewboard.tools.audit.sight import Sight

_KNOWN = frozenset({"messages", "role", "content", "tool_calls", "tools", "weight", "id", "name"})


class DoubledKeys(Silent):
    name = "doubled"

    def look(self, sight: Sight, book: Book) -> None:
        if sight.doubtful and sight.raw.count(b":") != _in_value(sight.row):
            self._look_again(sight, book)

    def _look_again(self, sight: Sight, book: Book) -> None:
        doubled: list[str] = []

        def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
            made = dict(found)
            if len(made) < len(found):
                names = [name for name, _ in found]
                doubled.append(next(n for n in names if names.count(n) > 1))
            return made

        json.loads(sight.raw, object_pairs_hook=pairs)
        if doubled:
            name = doubled[0]
            told = name if name in _KNOWN else "a key of the row's own"
            book.note(DUPLICATE_KEY, sight.number, sight.offset, told)


def _in_value(value: Any) -> int:
    if isinstance(value, str):
        return str.count(value, ":")
    if isinstance(value, list):
        return sum(map(_in_value, value))
    if isinstance(value, dict):
        return len(value) + sum(_in_value(k) + _in_value(v) for k, v in value.items())
    return 0
