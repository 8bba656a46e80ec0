"""A view without its secrets: the board is one of the sinks."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from crewboard.redact import redact

T = TypeVar("T")


def redacted(value: T) -> T:
    """`value` with every text in it redacted, through tuples and frozen values."""
    return _redacted(value)  # type: ignore[no-any-return]  # it is of the same type by construction


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, tuple):
        return tuple(map(_redacted, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _redacted(getattr(value, f.name)) for f in fields(value)})
    return value
