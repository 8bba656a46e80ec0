"""Each shape: what its rows say, that they come out as they went in, and what they refuse."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.convert.conversations import ASKED, CALLED, FOUND, JSON, SAID, SAMPLES, TOOL, Row

from crewboard.errors import UnknownName
from crewboard.tools.convert import FORMATS, Conversation, Unfit, fit, format_named, format_of, read
from crewboard.tools.convert.model import Turn, text_of


@pytest.mark.parametrize(("name", "row"), SAMPLES)
def test_a_row_comes_out_of_its_own_shape_as_it_went_in(name: str, row: Row) -> None:
    fitted = fit(read(row, FORMATS[name]), FORMATS[name])
    assert fitted.row == row
    assert fitted.lost == ()


@pytest.mark.parametrize(("name", "row"), SAMPLES)
def test_a_row_goes_through_crewboards_own_shape_and_back_unchanged(name: str, row: Row) -> None:
    chat = fit(read(row, FORMATS[name]), FORMATS["chat"])
    assert chat.lost == ()
    again = read(orjson.loads(orjson.dumps(chat.row)), FORMATS["chat"])
    assert fit(again, FORMATS[name]).row == row


_BY_NAME_ALONE = {"chatml", "openai", "together", "mistral"}


@pytest.mark.parametrize(("name", "row"), [s for s in SAMPLES if s[0] not in _BY_NAME_ALONE])
def test_a_shape_is_told_by_the_keys_of_its_rows(name: str, row: Row) -> None:
    same = {"trl": {"chat", "trl"}, "axolotl": {"chat"}, "fireworks": {"chat"}}
    same |= {"llama-factory": {"sharegpt"}, "trl-prompt-completion": {"trl"}}
    assert format_of(row).name in same.get(name, {name})


def test_a_row_of_no_known_shape_is_refused_with_a_remedy() -> None:
    with pytest.raises(Unfit, match="--from"):
        format_of({"text": "bare"})


def test_an_unknown_format_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UnknownName, match=r"There are: chat, .*llama-factory"):
        format_named("unsloth-v9")


TURNS: list[tuple[str, Row, list[tuple[str, str]]]] = [
    ("generated", SAMPLES[3][1], [("user", "do\n\nwith"), ("assistant", "done")]),
    (
        "alpaca",
        {"instruction": "i", "input": "x", "output": "o"},
        [("user", "i\nx"), ("assistant", "o")],
    ),
    ("trl", {"prompt": "q", "completion": "a"}, [("user", "q"), ("assistant", "a")]),
    ("pairs", {"context": "q", "response": "a"}, [("user", "q"), ("assistant", "a")]),
]


@pytest.mark.parametrize(("name", "row", "turns"), TURNS)
def test_what_a_row_says_becomes_turns(name: str, row: Row, turns: list[tuple[str, str]]) -> None:
    found = read(row, FORMATS[name]).turns
    assert [(turn.role, text_of(turn.content)) for turn in found] == turns


def test_an_environment_speaks_as_system_before_the_first_action_and_as_a_tool_after_it() -> None:
    turns = read(SAMPLES[5][1], FORMATS["adp"]).turns
    assert [turn.role for turn in turns] == [
        *("system", "user", "assistant", "tool", "assistant", "tool", "assistant")
    ]


def test_an_agents_calls_reach_openai_with_their_arguments_as_json_text() -> None:
    row = fit(read(SAMPLES[7][1], FORMATS["atif"]), FORMATS["openai"], keep=True).row
    [call] = row["messages"][2]["tool_calls"]
    assert call == {
        "id": "c1",
        "type": "function",
        "function": {"name": "find", "arguments": '{"of":1}'},
    }
    assert row["messages"][3] == {"role": "tool", "content": "x", "tool_call_id": "c1"}


def test_chat_templates_get_arguments_as_an_object() -> None:
    row = fit(read({"messages": [ASKED, CALLED, FOUND, SAID]}, FORMATS["chat"]), FORMATS["trl"]).row
    assert row["messages"][1]["tool_calls"][0]["function"]["arguments"] == {"of": "x"}


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', '{"a":123456789012345678901234567890}', "{", "[1]"]
)
def test_arguments_that_decoding_would_change_stay_the_text_that_they_are(text: str) -> None:
    call = CALLED["tool_calls"][0] | {"function": {"name": "f", "arguments": text}}
    row = {"messages": [ASKED, CALLED | {"tool_calls": [call]}, FOUND, SAID]}
    conversation = read(row, FORMATS["chat"])
    assert fit(conversation, FORMATS["openai"]).row == row
    for name in ("adp", "atif"):
        with pytest.raises(Unfit, match="cannot-hold"):
            fit(conversation, FORMATS[name])


def test_openai_gets_nothing_but_the_keys_of_its_schema() -> None:
    """F15: the API refused an extra `weight` after the upload."""
    row: Row = {"messages": [ASKED | {"x": 1}, SAID | {"weight": 1, "reasoning_content": "hm"}]}
    row |= {"weight": 0.4, "metadata": {"agent": "qa"}, "tools": [TOOL], "id": "7"}
    fitted = fit(read(row, FORMATS["chat"]), FORMATS["openai"])
    assert fitted.row == {"messages": [ASKED, SAID | {"weight": 1}], "tools": [TOOL]}
    assert sorted(fitted.lost) == [
        *("details.metadata", "id", "turns.extra.x", "turns.reasoning", "weight")
    ]


@pytest.mark.parametrize("name", ["fireworks", "together", "mistral", "openai"])
def test_a_provider_gets_no_option_and_no_name_that_it_refuses(name: str) -> None:
    """F15: `check` refuses them, and told to convert to what had just been written."""
    row: Row = {"messages": [ASKED, CALLED, FOUND | {"name": "find"}, SAID], "tools": [TOOL]}
    fitted = fit(read(row | {"parallel_tool_calls": False}, FORMATS["chat"]), FORMATS[name])
    options: Row = {"parallel_tool_calls": False} if name == "openai" else {}
    assert fitted.row == {"messages": [ASKED, CALLED, FOUND, SAID], "tools": [TOOL]} | options
    refused = [] if options else ["details.parallel_tool_calls"]
    assert sorted(fitted.lost) == [*refused, "turns.name"]


def test_a_weight_that_no_provider_knows_is_lost_and_said_so() -> None:
    row = {"messages": [ASKED, SAID | {"weight": 0.5}]}
    fitted = fit(read(row, FORMATS["chat"]), FORMATS["openai"])
    assert fitted.row == {"messages": [ASKED, SAID]}
    assert fitted.lost == ("turns.weight",)


def test_a_turns_weight_becomes_axolotls_mark_of_training() -> None:
    row = {"messages": [ASKED, SAID | {"weight": 0}, ASKED, SAID | {"weight": 1}]}
    messages = fit(read(row, FORMATS["chat"]), FORMATS["axolotl"]).row["messages"]
    assert [message.get("train") for message in messages] == [None, False, None, True]


HELD: list[tuple[str, list[Row], str]] = [
    ("alpaca", [ASKED, CALLED, FOUND, SAID], "a call"),
    ("alpaca", [ASKED, ASKED, SAID], "two questions in a row"),
    ("pairs", [ASKED, SAID, ASKED, SAID], "two rounds"),
    ("chatml", [ASKED, CALLED, FOUND, SAID], "a call"),
    ("chatml", [ASKED, SAID | {"content": "<|im_end|>\n<|im_start|>system\nx"}], "a control token"),
    ("llama-factory", [ASKED, CALLED, FOUND, FOUND, SAID], "two observations in a row"),
    ("llama-factory", [ASKED, SAID | {"tool_calls": CALLED["tool_calls"]}, FOUND, SAID], "both"),
    ("llama-factory", [ASKED, SAID, ASKED], "a question without an answer"),
    ("trl-prompt-completion", [ASKED], "no completion"),
    ("atif", [FOUND, ASKED, SAID], "a tool that speaks first"),
    ("adp", [ASKED, {"role": "user", "content": [{"type": "image_url"}]}, SAID], "a picture"),
    ("openai-dpo", [ASKED, SAID], "no preference"),
]


@pytest.mark.parametrize(("name", "messages", "why"), HELD)
def test_a_row_that_would_say_something_else_is_not_written(
    name: str, messages: list[Row], why: str
) -> None:
    """F13: it is refused with its reason, never cut down."""
    with pytest.raises(Unfit) as refused:
        fit(read({"messages": messages}, FORMATS["chat"]), FORMATS[name])
    assert refused.value.note, why


def test_a_preference_row_fits_preference_shapes_alone() -> None:
    pair = read(SAMPLES[2][1], FORMATS["chat"])
    holding = []
    for name in FORMATS:
        try:
            fit(pair, FORMATS[name])
        except Unfit:
            continue
        holding.append(name)
    assert holding == [
        "chat",
        "sharegpt",
        "alpaca",
        "trl",
        "openai-dpo",
        "llama-factory",
        "parquet",
    ]


WRONG: list[tuple[str, Row, str]] = [
    ("chat", {"messages": []}, "no-messages"),
    ("chat", {"messages": ["x"]}, "wrong-type"),
    ("chat", {"messages": [{"role": "narrator", "content": "x"}]}, "unknown-role"),
    ("chat", {"messages": [{"role": "user", "content": 7}]}, "wrong-type"),
    ("chat", {"messages": [SAID | {"tool_calls": [{"type": "custom"}]}]}, "wrong-type"),
    ("chat", {"messages": [SAID | {"weight": "1"}]}, "wrong-type"),
    ("adp", {"content": [{"content": "x"}], "details": {}}, "no-class"),
    ("adp", {"content": [{"class_": "MessageAction"}], "details": {}}, "unknown-class"),
    ("adp", {"content": [{"class_": "api_action", "function": "f"}]}, "wrong-type"),
    ("adp", {"a": 1, "content": [], "details": {"a": "2"}}, "stands-twice"),
    ("atif", {"steps": [], "schema_version": "ATIF-v1.7"}, "no-messages"),
    ("atif", {"steps": [{}], "schema_version": "2"}, "unknown-version"),
    ("sharegpt", {"conversations": [{"from": "narrator"}]}, "unknown-role"),
    ("sharegpt", {"conversations": [{"from": "function_call", "value": "x"}]}, "wrong-type"),
    ("alpaca", {"instruction": 7, "output": "x"}, "wrong-type"),
    ("alpaca", {"instruction": "x", "output": "y", "history": [["a"]]}, "wrong-type"),
    ("generated", {"task": "x"}, "unknown-shape"),
    ("openai-dpo", {"input": 7}, "no-messages"),
    ("chatml", {"text": "hello"}, "malformed-chatml"),
    ("parquet", {"messages": [ASKED | {"parts": "{"}]}, "wrong-type"),
]


@pytest.mark.parametrize(("name", "row", "reason"), WRONG)
def test_a_reader_refuses_with_a_reason_a_place_and_a_remedy(
    name: str, row: Row, reason: str
) -> None:
    with pytest.raises(Unfit) as refused:
        read(row, FORMATS[name])
    assert refused.value.reason == reason
    assert len(refused.value.note) > 20


_KEYS = """
    messages role content tool_calls function name arguments id weight tools prompt completion chosen
    rejected input preferred_output non_preferred_output conversations from value system instruction
    output history class_ kwargs source details language steps schema_version agent message observation
    results tool_definitions trajectory_id source_call_id crewboard extra text task context
    expected_output question answer parts reasoning_content function_call type
"""
_SAYINGS = """
    user assistant tool system agent human gpt function_call environment api_action code_action
    message_action text_observation web_observation ATIF-v1.7 function {} [] {"of":1}
"""
_NAMES = st.sampled_from(_KEYS.split())
_VALUES = st.sampled_from(_SAYINGS.split())
_ANY = st.recursive(
    JSON | _VALUES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=6),
    max_leaves=25,
)


def _as_found(back: Conversation, found: Conversation) -> Conversation:
    """`back` without the ids that a writer gave where the row had none, which is no loss."""
    if len(back.turns) != len(found.turns):
        return back
    pairs = zip(back.turns, found.turns, strict=True)
    return replace(back, turns=tuple(_unnumbered(new, old) for new, old in pairs))


def _unnumbered(new: Turn, old: Turn) -> Turn:
    answers = None if old.answers is None else new.answers
    if len(new.calls) != len(old.calls):
        return replace(new, answers=answers)
    pairs = zip(new.calls, old.calls, strict=True)
    calls = tuple(replace(a, id=None) if b.id is None else a for a, b in pairs)
    return replace(new, answers=answers, calls=calls)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=80, deadline=None)
@given(row=st.dictionaries(_NAMES, _ANY, max_size=8))
def test_whatever_a_row_is_a_reader_takes_it_or_refuses_it(name: str, row: dict[str, Any]) -> None:
    """And what it takes it writes again as it was, or says what it cannot hold."""
    try:
        found = read(row, FORMATS[name])
    except Unfit:
        return
    assert isinstance(found, Conversation)
    try:
        fitted = fit(found, FORMATS[name])
    except Unfit:
        return
    assert fitted.lost or _as_found(read(fitted.row, FORMATS[name]), found) == found


@pytest.mark.parametrize(("name", "row"), SAMPLES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_row_with_one_thing_changed_is_taken_or_refused(
    name: str, row: Row, data: st.DataObject
) -> None:
    changed = orjson.loads(orjson.dumps(row))
    place: Any = changed
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(_ANY)
    try:
        found = read(changed, FORMATS[name])
        fitted = fit(found, FORMATS[name])
    except Unfit:
        return
    assert fitted.lost or _as_found(read(fitted.row, FORMATS[name]), found) == found


def test_an_answer_that_names_no_call_is_given_to_the_one_that_waits() -> None:
    row = next(each for name, each in SAMPLES if name == "openai" and "tools" in each)
    told = orjson.loads(orjson.dumps(row))
    answer = next(turn for turn in told["messages"] if turn["role"] == "tool")
    answer["tool_call_id"] = None
    assert fit(read(told, FORMATS["openai"]), FORMATS["openai"]).row == row
