"""Mending of weights: a row's own within the declared range, a message's 0 or 1."""

import re
from math import isfinite
from typing import Any

from crewboard.tools.audit.config import AuditConfig

Row = dict[str, Any]
_NUMBER = re.compile(r"[ ]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ ]*")


def with_weights_in_range(row: Row, config: AuditConfig) -> Row | None:
    """The row with each weight moved to the nearest end of its range; None where one is no number. A
    fraction on a message is left: neither 0 nor 1 means the same."""
    name, low, high = config.fields.weight, config.weight_min, config.weight_max
    mended = dict(row)
    if name in row:
        mended[name] = _within(row[name], low, high)
    elif isinstance(more := row.get("metadata"), dict) and name in more:
        mended["metadata"] = {**more, name: _within(more[name], low, high)}
    messages = row.get("messages")
    if isinstance(messages, list):
        mended["messages"] = [_of_message(message) for message in messages]
    return None if mended == row and repr(mended) == repr(row) else mended


def _within(weight: Any, low: float, high: float) -> Any:
    value = _number(weight)
    if value is None:
        return weight
    return weight if value == weight and low <= value <= high else min(max(value, low), high)


def _of_message(message: Any) -> Any:
    if not isinstance(message, dict) or "weight" not in message:
        return message
    value = _number(message["weight"])
    if value is None or 0 < value < 1:
        return message
    return {**message, "weight": 1 if value >= 1 else 0}


def _number(weight: Any) -> float | int | None:
    """A finite number, or a text of one. True and false are none: nobody says what they weigh."""
    if isinstance(weight, str):
        weight = float(weight) if _NUMBER.fullmatch(weight) else None
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        return None
    return weight if isinstance(weight, int) or isfinite(weight) else None
