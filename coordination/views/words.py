"""Words that board, notes and stand-ups share."""

from collections.abc import Mapping
from typing import Any

_JUDGED = {"accept": "accepted", "rework": "gave back", "waived": "let pass by a waiver"}


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def judged(judgement: str) -> str:
    return _JUDGED.get(judgement, judgement)


def blocked(cause: str, needed: str, **_: str) -> str:
    """A reason in one breath: the cause, and what would help."""
    return f"{cause.rstrip('. ')}; needed: {needed}"


def rows(number: int | None, accounting: Mapping[str, Any] | None) -> str:
    """How many rows; for all that a run let through, also of how many, and why the others are not there."""
    if number is None:
        return ""
    told = count(number, "row")
    if not accounting or accounting["rows_out"] != number or accounting["rows_in"] in {0, number}:
        return told
    if accounting["rows_in"] < number:
        return f"{told} from {accounting['rows_in']:,}"
    reasons = sorted(accounting["dropped"].items())
    dropped = ", ".join(f"{lost:,} {reason}" for reason, lost in reasons if lost)
    return f"{told} of {accounting['rows_in']:,}" + (f" (dropped {dropped})" if dropped else "")
