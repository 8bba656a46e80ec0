from typing import Any

import pytest
from pydantic import ValidationError

from crewboard.agents.models.answer import fits_strict
from crewboard.agents.models.anthropic import read_message
from crewboard.agents.models.contract import Usage
from crewboard.agents.models.openai import read_completion

_OPEN = {"type": "object", "properties": {"a": {}}, "required": ["a"]}
_CLOSED = {**_OPEN, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (_CLOSED, True),
        ({"type": "array", "items": _CLOSED}, True),
        ({"type": "string"}, True),
        (_OPEN, False),
        ({**_CLOSED, "required": []}, False),
        ({"type": "array", "items": _OPEN}, False),
        ({"anyOf": [_CLOSED, {"type": "array", "items": _OPEN}]}, False),
        ({**_CLOSED, "$defs": {"Part": _OPEN}}, False),
    ],
)
def test_strict_mode_is_asked_for_only_where_the_schema_meets_its_demands(
    schema: dict[str, Any], *, strict: bool
) -> None:
    assert fits_strict(schema) is strict


def test_only_text_blocks_are_the_answer_and_cached_tokens_count() -> None:
    answer = read_message(
        {
            "content": [
                {"type": "thinking", "thinking": "hm"},
                {"type": "text", "text": "a"},
                {"type": "text", "text": "b"},
            ],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 3, "output_tokens": 2, "cache_read_input_tokens": 5},
        }
    )
    assert (answer.text, answer.finish, answer.usage) == ("ab", "stop", Usage(8, 2))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": "text"},
        {"content": [{"text": "no type"}]},
        {"content": [], "usage": {"input_tokens": -5, "output_tokens": 1}},  # a negative bill
        {"content": [], "usage": {"input_tokens": "many", "output_tokens": 1}},
    ],
)
def test_what_is_no_message_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read_message(body)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"choices": []},
        {"choices": [{"message": None}]},
        {"choices": [{"message": {"content": ["a"]}}]},
        {"choices": [{"message": {}}], "usage": {"prompt_tokens": -1, "completion_tokens": 0}},
    ],
)
def test_what_is_no_completion_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read_completion(body)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "refusal"),
        ("tool_calls", "other"),
    ],
)
def test_the_end_of_an_answer_has_one_word_for_all_providers(reason: str, finish: str) -> None:
    body = {"choices": [{"message": {"content": "x"}, "finish_reason": reason}]}
    assert read_completion(body).finish == finish
