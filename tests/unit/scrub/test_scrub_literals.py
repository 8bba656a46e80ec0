"""Places in JSON text lead to the very characters that a parser reads."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewboard.tools.scrub.literals import literals, places

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
ROWS = st.dictionaries(TEXT, VALUES, max_size=4)


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@given(row=ROWS, ascii_only=st.booleans(), indent=st.sampled_from([None, 1]))
def test_every_string_and_number_is_found_under_its_path(
    row: dict[str, Any], *, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(row, ensure_ascii=ascii_only, indent=indent)
    for literal in literals(text):
        written = orjson.loads(text[literal.start : literal.end])
        assert written == (literal.path[-1] if literal.is_key else at(row, literal.path))
    values = [each.path for each in literals(text) if not each.is_key]
    assert len(values) == len(set(values)) == _leaves(row)


def _leaves(value: Any) -> int:
    if isinstance(value, dict | list):
        return sum(map(_leaves, value.values() if isinstance(value, dict) else value))
    return isinstance(value, str | int) and not isinstance(value, bool)


@given(text=TEXT, ascii_only=st.booleans(), data=st.data())
def test_a_character_is_written_where_its_place_says(
    text: str, *, ascii_only: bool, data: st.DataObject
) -> None:
    body = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    at = places(body)
    assert json.loads(f'"{body[at(start) : at(end)]}"') == text[start:end]


ESCAPES = [
    # body, index, where it stands
    (r"ab", 1, 1),
    (r"\nb", 1, 2),
    (r"\u00e9b", 1, 6),
    (r"\ud83d\ude00b", 1, 12),  # one character, two escapes
    (r"\\u0041", 1, 2),  # a backslash, then plain letters
    (r"\"\/x", 2, 4),
]


@pytest.mark.parametrize(("body", "index", "place"), ESCAPES)
def test_an_escape_is_one_character(body: str, index: int, place: int) -> None:
    assert places(body)(index) == place


def test_a_key_that_occurs_twice_is_told_twice() -> None:
    """What a parser loses, a reader of the file still sees."""
    found = [each.path for each in literals('{"a":"x","a":["y",{"b":1}]}') if not each.is_key]
    assert found == [("a",), ("a", 0), ("a", 1, "b")]
