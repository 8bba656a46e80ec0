"""How answers end, and what rows weigh."""

from math import isfinite
from typing import Any

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.checks.contract import Silent
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.rules import END_PUNCTUATION, WEIGHT_RANGE
from crewboard.tools.audit.sight import Sight, field_of

_ENDS = frozenset(".!?:;\u2026\u3002\uff01\uff1f\u061f\u0964\"'\u201d\u2019\u00bb)]}>`|*_~/%")
"""Sentences, quotations, code, lists and markup end so."""
_SENTENCE = 8


class Endings(Silent):
    """An answer of eight words or more that stops in the middle was often cut by a token limit."""

    name = "endings"

    def look(self, sight: Sight, book: Book) -> None:
        if sight.roles[-1] != "assistant":
            return
        text = sight.texts[-1].rstrip()
        if not text or text[-1] in _ENDS:
            return
        if len(text.split(None, _SENTENCE)) >= _SENTENCE and not _ends_in_number(text):
            book.note(END_PUNCTUATION, sight.number, sight.offset)


class Weights(Silent):
    """A row's weight within the declared range; a message's is 0 or 1, as providers take it."""

    name = "weights"

    def __init__(self, config: AuditConfig) -> None:
        self._name = config.fields.weight
        self._range = (config.weight_min, config.weight_max)

    def look(self, sight: Sight, book: Book) -> None:
        if self._name in sight.row or "metadata" in sight.row:
            self._weigh(sight, book)
        if not sight.plain:
            weights = [m["weight"] for m in sight.messages if "weight" in m]
            if any(type(weight) is not int or weight not in (0, 1) for weight in weights):
                book.note(WEIGHT_RANGE, sight.number, sight.offset, "a message's is not 0 or 1")

    def _weigh(self, sight: Sight, book: Book) -> None:
        weight = field_of(sight.row, self._name)
        if weight is None and self._name not in sight.row:
            return
        low, high = self._range
        if not _is_number(weight):
            book.note(WEIGHT_RANGE, sight.number, sight.offset, "no number")
        elif not low <= weight <= high:
            book.note(WEIGHT_RANGE, sight.number, sight.offset, f"{weight:g}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _ends_in_number(text: str) -> bool:
    """`#### 72`, `= 72`: the answer of a sum."""
    last = text.rsplit(None, 1)[-1]
    return last[-1].isdigit()
