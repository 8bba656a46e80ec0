"""Conditions on fields, as declarations: no code is run for them.

    FIELD OPERATOR LITERAL        metadata.score >= 0.5
    FIELD in [LITERAL, ...]       source in ["lmsys", "magpie"]
    FIELD contains LITERAL        metadata.tags contains "reviewed"
    FIELD exists, FIELD missing   metadata.license exists

OPERATOR is == != < <= > >=. A literal is JSON, and a bare word a text. Numbers are compared with numbers and
texts with texts (dates as ISO 8601 has them come in order so); true and false only with == and !=. Where a
field names several values, one that fits is enough. A field that a row lacks meets no condition but
`missing`, and null counts as lacking.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import orjson

from crewboard.tools.files.fields import Field

_GRAMMAR = re.compile(
    r"\s*(?P<field>[^\s<>=!]+)(?:\s*(?P<sign>[<>=!]=|[<>])|\s+(?P<word>in|contains|exists|missing)\b)"
    r"\s*(?P<literal>.*?)\s*",
    re.DOTALL,
)
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_BARE = frozenset({"exists", "missing"})


@dataclass(frozen=True)
class Where:
    """`text` as it was written, which is the reason why a row goes."""

    text: str
    field: Field
    sign: str
    literal: Any

    @classmethod
    def parse(cls, text: str) -> Self:
        """ValueError tells what is wrong."""
        found = _GRAMMAR.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no condition: write FIELD >= 0.5, or FIELD exists")
        sign = found["sign"] or found["word"]
        literal = _literal(found["literal"], text) if sign not in _BARE else None
        if sign in _BARE and found["literal"]:
            raise ValueError(f"{text!r}: nothing comes after {sign}")
        if sign == "in" and not isinstance(literal, list):
            raise ValueError(f'{text!r}: after `in` comes a list, ["a", "b"]')
        if sign in _ORDERS and not (_is_number(literal) or isinstance(literal, str)):
            raise ValueError(f"{text!r}: {sign} needs a number or a text")
        return cls(" ".join(text.split()), Field.parse(found["field"]), sign, literal)

    def holds(self, row: dict[str, Any]) -> bool:
        values = [value for value in self.field.values(row) if value is not None]
        if self.sign in _BARE:
            return bool(values) == (self.sign == "exists")
        return any(map(self._fits, values))

    def _fits(self, value: Any) -> bool:
        if self.sign in _ORDERS:
            return _comparable(value, self.literal) and _ORDERS[self.sign](value, self.literal)
        if self.sign == "in":
            return any(_equal(value, each) for each in self.literal)
        if self.sign == "contains":
            return _contains(value, self.literal)
        return _equal(value, self.literal) == (self.sign == "==")


def _literal(written: str, text: str) -> Any:
    if _WORD.fullmatch(written) and written not in {"true", "false", "null"}:
        return written
    try:
        return orjson.loads(written)
    except orjson.JSONDecodeError:
        raise ValueError(f"{text!r}: {written!r} is no JSON; put a text in quotes") from None


def _comparable(one: Any, two: Any) -> bool:
    return (_is_number(one) and _is_number(two)) or (isinstance(one, str) and isinstance(two, str))


def _equal(one: Any, two: Any) -> bool:
    """As JSON has it: 1 is 1.0, and true is no number."""
    return bool(one == two) and isinstance(one, bool) == isinstance(two, bool)


def _contains(value: Any, literal: Any) -> bool:
    if isinstance(value, str):
        return isinstance(literal, str) and literal in value
    return isinstance(value, list) and any(_equal(each, literal) for each in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
