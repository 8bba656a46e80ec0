from typing import Any

import pytest

from crewboard.tools.generate.schema import faults, sendable, unknown_keywords

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 3, "maxLength": 9, "pattern": "^[a-z]"},
        "level": {"enum": ["easy", "hard"]},
        "scenes": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {"type": "integer", "minimum": 5, "maximum": 8},
        },
        "note": {"type": ["string", "null"]},
    },
    "required": ["title", "scenes"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"title": "abc", "scenes": [5]}, ""),
        ({"title": "abc", "scenes": [5], "note": None, "level": "hard"}, ""),
        ([], "the answer is no object"),
        ({"title": "abc"}, "the answer lacks scenes"),
        ({"title": "ab", "scenes": [5]}, "the answer.title is shorter than 3 characters"),
        (
            {"title": "a       ", "scenes": [5]},
            "the answer.title is shorter than 3 characters",
        ),  # blanks
        ({"title": "abcdefghij", "scenes": [5]}, "the answer.title is longer than 9 characters"),
        ({"title": "Abc", "scenes": [5]}, "the answer.title is not of the form ^[a-z]"),
        ({"title": "abc", "scenes": []}, "the answer.scenes is fewer than 1 items"),
        ({"title": "abc", "scenes": [5, 6, 7]}, "the answer.scenes is more than 2 items"),
        ({"title": "abc", "scenes": [4]}, "the answer.scenes.1 is less than 5"),
        ({"title": "abc", "scenes": [True]}, "the answer.scenes.1 is no integer"),  # a bool is none
        ({"title": "abc", "scenes": [5.0]}, "the answer.scenes.1 is no integer"),
        (
            {"title": "abc", "scenes": [5], "level": "x"},
            'the answer.level is none of ["easy","hard"]',
        ),
        ({"title": "abc", "scenes": [5], "note": 3}, "the answer.note is no string or null"),
        ({"title": "abc", "scenes": [5], "more": 1}, "the answer has 1 unknown keys"),
    ],
)
def test_each_rule_is_checked_here_whatever_a_provider_promises(value: Any, told: str) -> None:
    assert "; ".join(faults(value, SCHEMA)) == told


def test_a_keyword_that_nobody_would_check_is_found() -> None:
    odd = {
        "type": "object",
        "properties": {"x": {"type": "string", "format": "email"}},
        "oneOf": [],
    }
    assert list(unknown_keywords(odd)) == ["schema.oneOf", "schema.x.format"]


def test_what_is_sent_is_closed_and_tells_its_bounds_in_words() -> None:
    sent = sendable(SCHEMA)
    assert sent["additionalProperties"] is False
    assert sent["required"] == list(SCHEMA["properties"])
    assert "minLength" not in sent["properties"]["title"]
    assert '"minLength":3' in sent["properties"]["title"]["description"]
    assert sent["properties"]["scenes"]["items"]["description"] == '{"maximum":8,"minimum":5}'
