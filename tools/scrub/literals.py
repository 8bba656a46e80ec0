"""JSON text as it is written: where each key, string and number of it stands.

A parser gives values and forgets how they were written. Whoever changes one value and must leave every
other byte alone needs the places instead. The text must be sound JSON: a parser has to have read it.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson

Path = tuple[str | int, ...]
"""The keys and indices that lead to a value."""

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Literal:
    """`text[start:end]` writes a key, a string (quotes included) or a number."""

    path: Path
    start: int
    end: int
    is_key: bool
    is_string: bool


def literals(text: str) -> Iterator[Literal]:
    """Every key, string and number of a JSON document, also those of a key that occurs twice."""
    steps: list[str | int | None] = []  # None: an object whose next string is a key
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        sign = text[start]
        if sign == "{":
            steps.append(None)
        elif sign == "[":
            steps.append(0)
        elif sign in "}]":
            steps.pop()
        elif sign == ",":
            steps[-1] = steps[-1] + 1 if isinstance(steps[-1], int) else None
        elif sign == '"' and steps[-1] is None:
            steps[-1] = orjson.loads(text[start:end])
            yield Literal(_path(steps), start, end, is_key=True, is_string=True)
        elif sign == '"' or sign in "-0123456789":
            yield Literal(_path(steps), start, end, is_key=False, is_string=sign == '"')


def places(body: str) -> Callable[[int], int]:
    """For a string's text between its quotes: from the index of a character to where it is written."""
    if "\\" not in body:
        return lambda index: index
    at: list[int] = []
    more = [0]
    for escape in _ESCAPE.finditer(body):
        at.append(escape.start() - more[-1])
        more.append(more[-1] + len(escape[0]) - 1)
    return lambda index: index + more[bisect_left(at, index)]


def _path(steps: list[str | int | None]) -> Path:
    return tuple(step for step in steps if step is not None)
