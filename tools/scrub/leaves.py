"""The texts of a row, whatever its shape: each string and number with its field, and what it is.

Nothing has to be known of a format. Every value is text unless its field says otherwise:

- names and kinds that other fields or programs refer to (`id`, `*_id`, `role`, `type`, `class_`, `model`,
  `language`, a function's `name`), and keys, are structure;
- `code`, `source_code`, `script`, `diff`, `patch` and the `content` of an ADP `code_action` are code.

What a tool is called with (`arguments`, `kwargs`, `input`) has no structure but its keys. A string that
is itself a JSON object or list is taken apart like the row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from crewboard.tools.scrub.literals import Path, literals, places

_NESTED = 6
"""JSON in a string in JSON in a string: deeper than this it is text."""
_STRUCTURE = frozenset({"role", "type", "class_", "id", "model", "language", "function_name"})
_CODE = frozenset({"code", "source_code", "script", "diff", "patch"})
_GIVEN = frozenset({"arguments", "kwargs", "input"})
_CALLS = frozenset({"function", "function_call"})
_ANSWERS = frozenset({"tool", "function"})


class Place(StrEnum):
    TEXT = "text"
    CODE = "code"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One string or number. `at` leads from an index of `text` to where it stands in the line, and
    `depth` says how many strings are around it."""

    field: Path
    text: str
    place: Place
    at: Callable[[int], int]
    depth: int = 0
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class _Document:
    text: str
    value: Any
    field: Path = ()
    at: Callable[[int], int] = int
    depth: int = 0


def leaves_of(text: str, row: Any) -> Iterator[Leaf]:
    """Every leaf of a line of JSON, `row` being its value, in the order of the line; keys too."""
    return _leaves(_Document(text, row))


def texts_in(row: Any) -> Iterator[tuple[Path, int, str]]:
    """(field, depth, text) of the same leaves by another way, without places: from the parsed value, as
    readers see it, and in no order."""
    waiting: list[tuple[Path, int, Any]] = [((), 0, row)]
    while waiting:  # a call for each would end at a depth that a hostile row can reach
        field, depth, value = waiting.pop()
        if isinstance(value, str):
            inner = nested(value) if depth < _NESTED else None
            if inner is None:
                yield field, depth, value
            else:
                waiting.append((field, depth + 1, inner))
        elif isinstance(value, dict):
            waiting += [((*field, key), depth, each) for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [((*field, i), depth, each) for i, each in enumerate(value)]
        elif isinstance(value, int) and not isinstance(value, bool):
            yield field, depth, str(value)


def nested(text: str) -> Any:
    """The object or list that a text is in JSON; None for any other text."""
    if not text.startswith(("{", "[")) or not text.rstrip().endswith(("}", "]")):
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def place_of(field: Path, root: Any, depth: int) -> Place:
    """What the value at `field` is. `root` is the row, where `depth` is 0."""
    names = [step for step in field if isinstance(step, str)]
    name = names[-1] if names else ""
    if name in _CODE:
        return Place.CODE
    if depth or not _GIVEN.isdisjoint(names):
        return Place.TEXT
    if name in _STRUCTURE or name.endswith("_id"):
        return Place.STRUCTURE
    around = _follow(root, field[:-1])
    if name == "content" and around.get("class_") == "code_action":
        return Place.CODE
    return Place.STRUCTURE if _names_function(name, names, around) else Place.TEXT


def _names_function(name: str, names: list[str], around: dict[str, Any]) -> bool:
    if name == "name":
        return (
            (len(names) > 1 and names[-2] in _CALLS)
            or not {"arguments", "parameters"}.isdisjoint(around)
            or around.get("role") in _ANSWERS
        )
    return name == "function" and "kwargs" in around


def _follow(value: Any, field: Path) -> dict[str, Any]:
    for step in field:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return {}
    return value if isinstance(value, dict) else {}


def _leaves(document: _Document) -> Iterator[Leaf]:
    for literal in literals(document.text):
        field = (*document.field, *literal.path)
        place = place_of(field, document.value, document.depth)
        if literal.is_key:
            place = Place.STRUCTURE
        written = document.text[literal.start : literal.end]
        if not literal.is_string:
            at = _shifted(document.at, literal.start)
            yield Leaf(field, written, place, at, document.depth, is_number=True)
            continue
        body = written[1:-1]
        text = orjson.loads(written) if "\\" in body else body
        at = _within(document.at, literal.start + 1, body)
        can_nest = not literal.is_key and place is Place.TEXT and document.depth < _NESTED
        inner = nested(text) if can_nest else None
        if inner is None:
            yield Leaf(field, text, place, at, document.depth)
        else:
            yield from _leaves(_Document(text, inner, field, at, document.depth + 1))


def _shifted(at: Callable[[int], int], start: int) -> Callable[[int], int]:
    return lambda index: at(start + index)


def _within(at: Callable[[int], int], start: int, body: str) -> Callable[[int], int]:
    """Escapes are looked through when somebody asks: of most texts nobody does."""
    return lambda index: at(start + places(body)(index))
