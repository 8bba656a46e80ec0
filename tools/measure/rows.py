"""Measures of files of rows. A file without a byte has zero rows, and that is a measure too."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crewboard.errors import InputEmpty, InputUnreadable
from crewboard.tools.files.chat import (
    ChatRule,
    Message,
    faults_of,
    messages_key,
    messages_of,
    text_of,
    words_in,
)
from crewboard.tools.files.jsonl import Fault, Line
from crewboard.tools.files.rows import read_rows
from crewboard.tools.pii import REAL, contacts_in

_ROLE_RULES = frozenset(
    {
        ChatRule.NO_MESSAGES,
        ChatRule.UNKNOWN_ROLE,
        ChatRule.ROLE_ALTERNATION,
        ChatRule.ENDS_WITHOUT_ASSISTANT,
    }
)


def measure_chat(path: Path) -> dict[str, float]:
    """Count rows; `duplicates` is the share of rows that repeat an earlier one's messages."""
    counts = dict.fromkeys(
        ("rows", "parse_errors", "empty_content", "role_faults", "missing_assistant"), 0.0
    )
    most_words, with_contacts, redundant = 0, 0, 0
    seen: set[bytes] = set()
    for item in _items(path):
        counts["rows"] += 1
        if isinstance(item, Fault):
            counts["parse_errors"] += 1
            continue
        messages = messages_of(item.row)
        for name in _fault_names(messages):
            counts[name] += 1
        if messages is None:
            continue
        key = messages_key(messages)
        redundant += key in seen
        seen.add(key)
        most_words = max(most_words, words_in(messages))
        with_contacts += _has_contact(messages)
    share = redundant / counts["rows"] if counts["rows"] else 0.0
    return counts | {
        "duplicates": round(share, 6),
        "words_max": float(most_words),
        "pii_rows": float(with_contacts),
    }


def measure_rows(path: Path) -> dict[str, float]:
    """Lines, and how many of them are no JSON object."""
    faults = [isinstance(item, Fault) for item in _items(path)]
    return {"rows": float(len(faults)), "parse_errors": float(sum(faults))}


def measure_dataset(path: Path) -> dict[str, float]:
    """A file of rows of any shape: as chat rows where the first row holds messages."""
    first = next((item for item in _items(path) if isinstance(item, Line)), None)
    is_chat = first is not None and messages_of(first.row) is not None
    return measure_chat(path) if is_chat else measure_rows(path)


def objects_in(path: Path) -> list[dict[str, Any]]:
    """All rows of a small file; faults are left out."""
    return [item.row for item in _items(path) if isinstance(item, Line)]


def _items(path: Path) -> Iterator[Line | Fault]:
    """Yield the lines of a file in which every line may be bad, or which may have none."""
    try:
        yield from read_rows(path)
    except InputEmpty:
        return
    except InputUnreadable:
        if not path.is_file():
            raise


def _fault_names(messages: list[Message] | None) -> set[str]:
    """Name the measures that a row adds one to. A row without messages has a role fault."""
    if messages is None:
        return {"role_faults"}
    rules = {fault.rule for fault in faults_of(messages)}
    names = {"role_faults"} if rules & _ROLE_RULES else set()
    if ChatRule.EMPTY_CONTENT in rules:
        names.add("empty_content")
    if ChatRule.MISSING_ASSISTANT in rules:
        names.add("missing_assistant")
    return names


def _has_contact(messages: list[Message]) -> bool:
    return any(kind in REAL for message in messages for kind in contacts_in(text_of(message)))
