"""Rows that are mended: what goes in, what is asked for, what comes out or why it goes."""

from typing import Any

import orjson
import pytest

from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.files.jsonl import Line
from crewboard.tools.repair.mender import Mended, Mender, Terms
from crewboard.tools.repair.offers import fix_of

Turn = tuple[str, Any]


def row(*turns: Turn, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": text} for role, text in turns], **more}


def mended(of: dict[str, Any] | bytes, *choices: str, config: AuditConfig | None = None) -> Mended:
    fixes = {rule: fix_of(rule, action) for rule, action in (c.split("=") for c in choices)}
    raw = of if isinstance(of, bytes) else orjson.dumps(of)
    line = Line(3, 30, raw, orjson.loads(raw))
    return Mender(Terms(fixes, config or AuditConfig())).mend(line)


def after(result: Mended) -> list[tuple[Any, Any]]:
    assert result.line is not None, (result.reason, result.beside)
    return [(m["role"], m.get("content")) for m in result.line.row["messages"]]


U, A, S = ("user", "ask"), ("assistant", "answer."), ("system", "be kind")
ROLES, EMPTY = "unknown-role=reconstruct", "empty-content=reconstruct"
ORDER, FRONT = "role-alternation=reconstruct", "system-placement=reconstruct"
END = "ends-without-assistant=reconstruct"

MENDED: list[tuple[list[Turn], list[str], list[Turn]]] = [
    # turns, what is asked for, turns afterwards
    ([("human", "ask"), ("gpt", "answer.")], [ROLES], [U, A]),
    ([("Developer ", "be kind"), ("prompter", "ask"), ("MODEL", "answer.")], [ROLES], [S, U, A]),
    ([U, A, U, ("assistant", "")], [EMPTY, END], [U, A]),
    ([("system", " "), U, A], [EMPTY], [U, A]),
    ([U, A, ("user", " \u00a0")], [EMPTY], [U, A]),
    ([U, U, A, A], [ORDER], [("user", "ask\n\nask"), ("assistant", "answer.\n\nanswer.")]),
    ([U, S, A], [FRONT], [S, U, A]),
    ([S, U, S, A], [FRONT], [("system", "be kind\n\nbe kind"), U, A]),
    ([U, A, U], [END], [U, A]),
    ([U, A, U, U], [END], [U, A]),
    # several at once: each step opens the way for the next
    ([("human", "ask"), S, ("human", "ask"), ("bot", "answer."), ("human", "?")],
     [ROLES, FRONT, ORDER, END], [S, ("user", "ask\n\nask"), A]),
    ([("user", [{"type": "text", "text": "a"}]), U, A], [ORDER],
     [("user", [{"type": "text", "text": "a"}, {"type": "text", "text": "ask"}]), A]),
]  # fmt: skip


@pytest.mark.parametrize(("turns", "asked", "left"), MENDED)
def test_turns_are_mended_as_asked(turns: list[Turn], asked: list[str], left: list[Turn]) -> None:
    result = mended(row(*turns, agent="qa"), *asked)
    assert after(result) == left
    assert result.line is not None
    assert result.line.row["agent"] == "qa"


DROPPED: list[tuple[list[Turn], list[str], str, str]] = [
    # turns, what is asked for, reason, what stood in the way
    ([("narrator", "x"), A], [ROLES], "unknown-role", ""),
    ([U, ("assistant", "")], [EMPTY], "empty-content", "missing-assistant"),
    ([U, ("assistant", ""), U, A], [EMPTY], "empty-content", ""),  # in the middle it is not the end
    ([U, U, A], ["role-alternation=drop"], "role-alternation", ""),
    ([U, S, U, A], [FRONT], "system-placement", "role-alternation"),  # one fault for another
    ([("human", "a"), ("human", "b"), ("gpt", "c.")], [ROLES], "unknown-role", "role-alternation"),
    ([A, U, A], [ORDER], "role-alternation", ""),
    ([U], [END], "", ""),  # there is no assistant at all: another rule, which nobody chose
    ([U, ("tool", "x"), A], [ORDER], "role-alternation", ""),
]


@pytest.mark.parametrize(("turns", "asked", "reason", "beside"), DROPPED)
def test_a_row_that_still_breaks_a_rule_goes(
    turns: list[Turn], asked: list[str], reason: str, beside: str
) -> None:
    result = mended(row(*turns), *asked)
    assert (result.reason, result.beside) == (reason, beside)
    assert (result.line is None) == bool(reason)


def test_mending_comes_before_dropping() -> None:
    """The row breaks a rule that is to be dropped only as long as another is not mended."""
    ends = row(U, A, ("user", ""))
    assert after(mended(ends, "ends-without-assistant=drop", EMPTY)) == [U, A]
    assert mended(ends, "ends-without-assistant=drop").reason == "ends-without-assistant"


def test_a_row_that_breaks_nothing_stays_byte_for_byte() -> None:
    raw = b'{ "messages" : [{"role":"user","content":"\\u00e9"},{"role":"assistant","content":"b."}] }'
    result = mended(raw, ROLES, EMPTY, ORDER, FRONT, END)
    assert result.line is not None
    assert result.line.raw is raw


def test_what_is_left_alone_is_not_mended() -> None:
    result = mended(row(("human", "a"), A), "unknown-role=leave", EMPTY)
    assert after(result) == [("human", "a"), A]


def test_turns_that_say_different_things_beside_are_not_joined() -> None:
    named = {"role": "user", "name": "ann", "content": "x"}
    rows = {
        "messages": [{"role": "user", "content": "y"}, named, {"role": "assistant", "content": "."}]
    }
    assert mended(rows, ORDER).reason == "role-alternation"


@pytest.mark.parametrize(("way", "kept"), [("first", 1), ("last", 2)])
def test_of_a_doubled_key_the_named_value_stays(way: str, kept: int) -> None:
    raw = orjson.dumps(row(U, A))[:-1] + b',"k":1,"k":2}'
    result = mended(raw, f"duplicate-key=reconstruct:{way}")
    assert result.line is not None
    assert result.line.row["k"] == kept
    assert result.line.raw.count(b'"k"') == 1


def test_no_value_of_a_doubled_key_is_chosen_unasked() -> None:
    """To mend a row it is read, and a reader takes the last value in silence."""
    raw = orjson.dumps(row(("human", "a"), A))[:-1] + b',"k":1,"k":2}'
    result = mended(raw, ROLES)
    assert (result.reason, result.beside) == ("unknown-role", "duplicate-key")


def test_an_integer_of_any_size_stays_what_it_is() -> None:
    big = 2**70 + 1
    raw = orjson.dumps(row(("human", "a"), A))[:-1] + b',"id":%d}' % big
    result = mended(raw, ROLES)
    assert result.line is not None
    assert str(big).encode() in result.line.raw


WEIGHTS: list[tuple[Any, Any]] = [
    (7, 1), (-0.5, 0), ("0.5", 0.5), (" 3 ", 1), ("1e400", None), ("heavy", None), (True, None),
    (None, None), (10**400, 1),
]  # fmt: skip


@pytest.mark.parametrize(("weight", "kept"), WEIGHTS)
def test_a_weight_is_moved_into_its_range(weight: Any, kept: float | None) -> None:
    import json

    raw = json.dumps({**row(U, A), "weight": weight}).encode()
    if weight == 10**400:
        from crewboard.tools.repair.weights import with_weights_in_range

        found = with_weights_in_range({"weight": weight}, AuditConfig())
        assert found == {"weight": 1.0}
        return
    result = mended(raw, "weight-range=reconstruct")
    if kept is None:
        assert result.reason == "weight-range"
    else:
        assert result.line is not None
        assert result.line.row["weight"] == kept


def test_weights_of_messages_and_in_metadata_too() -> None:
    rows = row(U, A, metadata={"weight": 9, "x": 1})
    rows["messages"][1]["weight"] = 1.0
    result = mended(rows, "weight-range=reconstruct")
    assert result.line is not None
    assert result.line.row["metadata"] == {"weight": 1.0, "x": 1}
    assert repr(result.line.row["messages"][1]["weight"]) == "1"
    rows["messages"][1]["weight"] = 0.5
    assert mended(rows, "weight-range=reconstruct").reason == "weight-range"


LONG = [S, ("user", "w " * 3), ("assistant", "w " * 3), ("user", "v " * 3), ("assistant", "v " * 3)]


@pytest.mark.parametrize(("way", "words"), [("end", "w"), ("start", "v")])
def test_whole_exchanges_are_cut_until_the_rest_fits(way: str, words: str) -> None:
    result = mended(row(*LONG), f"over-long=reconstruct:{way}", config=AuditConfig(max_words=10))
    assert [role for role, _ in after(result)] == ["system", "user", "assistant"]
    assert {text.split()[0] for _, text in after(result)[1:]} == {words}
    one = mended(row(*LONG), f"over-long=reconstruct:{way}", config=AuditConfig(max_words=7))
    assert one.reason == "over-long"  # not one exchange fits


def call(name: str | None, arguments: Any) -> dict[str, Any]:
    function = {"name": "find", "arguments": arguments}
    called = {"type": "function", "function": function}
    return {"role": "assistant", "tool_calls": [called | ({"id": name} if name else {})]}


def spoken(*messages: Any) -> dict[str, Any]:
    turns = [{"role": m[0], "content": m[1]} if isinstance(m, tuple) else m for m in messages]
    return {"messages": turns}


ARGUMENTS: list[tuple[Any, str, str | None]] = [
    # arguments, ways, JSON text afterwards
    ('"{\\"a\\": 1}"', "decode", '{"a":1}'),  # encoded twice
    ("{'a': True, 'b': None}", "decode", '{"a":true,"b":null}'),  # Python
    ("", "decode", "{}"),
    (None, "decode", "{}"),
    ({"a": 1}, "text", '{"a":1}'),
    ("__import__('os').getcwd()", "decode", None),  # nothing is executed
    ("{'a': 1, ", "decode", None),
    ("[1]", "decode", None),
    ("{'a': {1, 2}}", "decode", None),
    ("(" * 500, "decode", None),
]


@pytest.mark.parametrize(("arguments", "way", "written"), ARGUMENTS)
def test_arguments_become_the_text_of_an_object(
    arguments: Any, way: str, written: str | None
) -> None:
    answer = {"role": "tool", "tool_call_id": "c1", "content": "x"}
    rows = spoken(U, call("c1", arguments), answer, A)
    result = mended(rows, f"tool-arguments=reconstruct:{way}")
    if written is None:
        assert result.reason == "tool-arguments"
    else:
        assert result.line is not None
        found = result.line.row["messages"][1]["tool_calls"][0]["function"]["arguments"]
        assert found == written


def test_an_object_is_a_fault_only_where_text_was_asked_for() -> None:
    answer = {"role": "tool", "tool_call_id": "c1", "content": "x"}
    rows = spoken(U, call("c1", {"a": 1}), answer, A)
    assert mended(rows, "tool-arguments=reconstruct:decode").steps == ()
    assert mended(rows, "tool-arguments=reconstruct").steps != ()


def test_an_answer_without_a_name_takes_that_of_the_only_open_call() -> None:
    nameless = {"role": "tool", "content": "x"}
    rows = spoken(U, call("c1", "{}"), nameless, A)
    result = mended(rows, "tool-stray-answer=reconstruct", "tool-unanswered=drop")
    assert result.line is not None
    assert result.line.row["messages"][2]["tool_call_id"] == "c1"
    two = spoken(U, call("c1", "{}"), call("c2", "{}"), nameless, nameless, A)
    assert mended(two, "tool-stray-answer=reconstruct").line is None  # it may be of either


def test_an_unanswered_call_is_cut_where_nothing_is_taught_behind_it() -> None:
    fix = "tool-unanswered=reconstruct"
    assert after(mended(spoken(U, A, U, call("c1", "{}"), U), fix)) == [U, A]
    assert mended(spoken(U, A, U, call("c1", "{}"), U, A), fix).reason == "tool-unanswered"
    assert mended(spoken(U, call("c1", "{}"), U), fix).reason == "tool-unanswered"
