from typing import Any

import pytest
from unit.tools.data_rows import chat, turns

from crewboard.tools.files.chat import faults_of, messages_key, messages_of, question_key, text_of

ROLE_CASES: list[tuple[str, list[str]]] = [
    ("user assistant", []),
    ("system user assistant user assistant", []),
    ("user assistant tool assistant", []),
    ("user assistant tool tool assistant user assistant", []),
    ("assistant user assistant", ["role-alternation"]),
    ("user user assistant", ["role-alternation"]),
    ("user assistant assistant", ["role-alternation"]),
    ("user system assistant", ["role-alternation"]),
    ("system assistant", ["role-alternation"]),
    ("user tool assistant", ["role-alternation"]),
    ("user", ["missing-assistant"]),
    ("user assistant user", ["ends-without-assistant"]),
    ("system", ["missing-assistant"]),
    ("user narrator assistant", ["unknown-role"]),
]


@pytest.mark.parametrize(("roles", "rules"), ROLE_CASES)
def test_the_order_of_roles_is_judged_by_one_definition(roles: str, rules: list[str]) -> None:
    """F13: a row that does not end in an assistant turn is named, not skipped."""
    messages = turns(*roles.split())["messages"]
    assert [fault.rule for fault in faults_of(messages)] == rules


@pytest.mark.parametrize(
    ("message", "is_empty"),
    [
        ({"content": ""}, True),
        ({"content": " \n"}, True),
        ({"content": None}, True),
        ({}, True),
        ({"content": []}, True),
        ({"content": [{"type": "text", "text": " "}]}, True),
        ({"content": 7}, True),
        ({"content": "x"}, False),
        ({"content": [{"type": "text", "text": "x"}]}, False),
        ({"content": [{"type": "image_url", "image_url": {}}]}, False),
        ({"content": None, "tool_calls": [{"id": "1"}]}, False),
    ],
)
def test_content_is_empty_where_nothing_is_said(message: dict[str, Any], is_empty: int) -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", **message}]
    assert [fault.rule for fault in faults_of(messages)] == ["empty-content"] * is_empty


@pytest.mark.parametrize("value", [None, [], "text", [1], [{"role": "user"}, "text"], {}])
def test_messages_are_a_list_of_objects_or_none(value: object) -> None:
    assert messages_of({"messages": value}) is None


@pytest.mark.parametrize("role", [None, 3, ["user"], {}])
def test_a_role_of_another_type_is_an_unknown_role(role: object) -> None:
    faults = list(faults_of([{"role": role, "content": "x"}]))
    assert [fault.rule for fault in faults] == ["unknown-role"]


def test_the_key_named_messages_ignores_key_order_and_nothing_else() -> None:
    one = [{"role": "user", "content": "x"}]
    assert messages_key(one) == messages_key([{"content": "x", "role": "user"}])
    assert messages_key(one) != messages_key([{"role": "user", "content": "x "}])


def test_the_same_question_is_the_same_in_other_case_and_spacing() -> None:
    asked = question_key(chat("How many  eggs?", "Two.")["messages"])
    assert asked == question_key(chat("how many eggs? ", "Three.")["messages"])
    assert asked != question_key(chat("How many ducks?", "Two.")["messages"])


def test_text_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"}]
    assert text_of({"content": parts}) == "a\nb"
