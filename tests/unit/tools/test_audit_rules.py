"""Each rule on rows that break it and on rows that only seem to."""

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
from unit.tools.data_rows import Row, chat, turns, write_rows
from unit.tools.test_audit import counts_of, report_on, rules_of

from crewboard.errors import CrewboardError, InputEmpty, InputMissing, InputUnreadable
from crewboard.tools.audit import keys, read, repeats, sizes
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.work import Wanted, audit_files
from crewboard.tools.language import detect
from crewboard.tools.pii import screen

LONG = "This answer is long enough to be compared with others."
GERMAN = "Der Hund lief schnell durch den Wald und suchte nach seinem Besitzer, der verloren war."


def call(name: str = "lookup", arguments: Any = '{"city": "Rome"}', id_: str = "c1") -> Row:
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def tooled(*calls: Row, answers: tuple[str, ...] = ("c1",), schema: Row | None = None) -> Row:
    parameters = schema or {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
        "required": ["city"],
        "additionalProperties": False,
    }
    messages: list[Row] = [
        {"role": "user", "content": "What weather?"},
        {"role": "assistant", "content": None, "tool_calls": list(calls)},
        *({"role": "tool", "tool_call_id": each, "content": "Sun."} for each in answers),
        {"role": "assistant", "content": "Sunny."},
    ]
    offered = {"type": "function", "function": {"name": "lookup", "parameters": parameters}}
    return {"messages": messages, "tools": [offered]}


BROKEN: list[tuple[Row, dict[str, int]]] = [
    (turns("user", "system", "assistant"), {"system-placement": 1}),
    (turns("system", "system", "user", "assistant"), {"system-placement": 1}),
    (chat("a", weight=1.2), {"weight-range": 1}),
    (chat("a", weight="1"), {"weight-range": 1}),
    (chat("a", weight=True), {"weight-range": 1}),
    (chat("a", weight=None), {"weight-range": 1}),
    (chat("a", metadata={"weight": -0.1}), {"weight-range": 1}),
    (chat("a", "so it goes on and on and never stops until the"), {"end-punctuation": 1}),
    (chat("a", GERMAN), {"language": 1}),
    (tooled(call(), answers=()), {"tool-unanswered": 1, "role-alternation": 1}),
    (tooled(call(), answers=("c1", "c1")), {"tool-stray-answer": 1}),
    (tooled(call(), answers=("c1", "c2")), {"tool-stray-answer": 1}),
    (tooled(call(arguments="{'city': 1}")), {"tool-arguments": 1}),
    (tooled(call(arguments="[1]")), {"tool-arguments": 1}),
    (tooled(call(arguments='{"days": 2}')), {"tool-arguments": 1}),
    (tooled(call(arguments='{"city": "Rome", "days": 0}')), {"tool-arguments": 1}),
    (tooled(call(arguments='{"city": "Rome", "sea": 1}')), {"tool-arguments": 1}),
    (tooled(call("other")), {"tool-arguments": 1}),
    (tooled(call(arguments='{"city": "ann@quay-post.net"}')), {"email": 1}),
    (chat("Pay DE44 5001 0517 5407 3249 31."), {"iban": 1}),
]
SOUND: list[Row] = [
    chat("a", weight=0),
    chat("a", weight=1.0),
    chat("a", "Rome"),
    chat("a", "The sum of all of these numbers together is then 72"),
    chat("a", "def f(x):\n    return [x for x in range(10) if x in the_list]"),
    tooled(call()),
    tooled(call(arguments={"city": "Rome"})),
    tooled(call(), call(id_="c2"), answers=("c2", "c1")),
    {"messages": [*turns("user")["messages"], {"role": "assistant", "tool_calls": [call()]}]},
    chat('He wrote {"a": 1, "b": {"a": 2}} there.', about={"x": {"a": 1}, "a": ["b:c"]}),
]


@pytest.mark.parametrize(("row", "counts"), BROKEN)
def test_a_broken_row_is_found_under_its_rule(
    tmp_path: Path, row: Row, counts: dict[str, int]
) -> None:
    assert counts_of(report_on(tmp_path, [chat("Sound?", LONG), row])) == counts


@pytest.mark.parametrize("row", SOUND)
def test_a_sound_row_is_no_finding(tmp_path: Path, row: Row) -> None:
    assert counts_of(report_on(tmp_path, [row])) == {}


@pytest.mark.parametrize(
    "line",
    [
        b'{"messages": [], "messages": [{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}',
        b'{"messages": [{"role":"user","role":"user","content":"a"},{"role":"assistant","content":"b"}]}',
        b'{"messages": [{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"x":{"a":1,"a":2}}',
        b'{"id" : 1,"id":2,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}',
    ],
)
def test_a_key_that_stands_twice_in_one_object_is_found(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "data.jsonl").write_bytes(line + b"\n")
    report = audit_files(Wanted((tmp_path / "data.jsonl",), AuditConfig()))
    assert counts_of(report) == {"duplicate-key": 1}


def test_copies_are_told_under_three_keys(tmp_path: Path) -> None:
    """F19: which key a share of duplicates was measured under is written beside it."""
    rows = [
        chat("Ask?", LONG),
        chat("Ask?", LONG),
        chat(" Ask? ", LONG + "\n"),
        chat("Other?", LONG),
        chat("Short?", "Yes."),
        chat("Shorter?", "Yes."),
    ]
    report = report_on(tmp_path, rows)
    assert counts_of(report) == {
        "duplicate": 1,
        "duplicate-stripped": 1,
        "duplicate-answer": 1,
    }
    told = {each["rule"]: each["redundant_rows"] for each in report["repeats"]["keys"]}
    assert told == {
        "duplicate": 1,
        "duplicate-stripped": 1,
        "duplicate-answer": 1,
        "cross-agent-reuse": 0,
    }


def test_reuse_is_one_conversation_under_several_agents(tmp_path: Path) -> None:
    def under(system: str | None, **more: Any) -> Row:
        row = chat("Ask?", LONG, **more)
        if system:
            row["messages"].insert(0, {"role": "system", "content": system})
        return row

    reused = [under("You write."), under("You code."), under(None), under("You write.", agent="x")]
    counts = counts_of(report_on(tmp_path, reused))
    assert counts == {"cross-agent-reuse": 3, "duplicate": 1}
    alone = [under("You write."), under("You write.")]
    assert counts_of(report_on(tmp_path, alone)) == {"duplicate": 1}


def test_near_duplicates_are_told_with_the_row_that_they_repeat(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    words = [f"word{n}" for n in range(60)]
    changed = [*words[:30], "another", *words[31:]]
    rows = [chat("Ask?", " ".join(w) + ".") for w in (words, changed, list(reversed(words)))]
    report = report_on(tmp_path, rows, near=True)
    assert counts_of(report)["near-duplicate"] == 1
    (sample,) = rules_of(report)["near-duplicate"]["samples"]
    assert sample["line"] == 2
    assert sample["note"] == "shares 0.839 with line 1"


def test_an_audit_without_the_fast_libraries_finds_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row for row, _ in BROKEN] + SOUND + [chat("a", LONG), chat("a", LONG), chat("b\u00a0c")]
    fast = report_on(tmp_path, rows)
    for module in (keys, repeats, sizes, detect, screen):
        monkeypatch.setattr(module, "find_spec", lambda _name: None)
    from crewboard.tools.audit import report as told

    monkeypatch.setattr(told, "find_spec", lambda _name: None)
    slow = report_on(tmp_path, rows)
    assert slow["engines"] == {
        "patterns": "re",
        "language": "words",
        "hash": "blake2b",
        "words": "split",
    }
    assert {**slow, "engines": {}} == {**fast, "engines": {}}


def test_several_files_are_one_dataset_and_places_name_their_file(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [chat("a", LONG), chat("b", "")])
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(orjson.dumps(chat("a", LONG)) + b"\n{"))
    report = audit_files(Wanted((tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"), AuditConfig()))
    rules = rules_of(report)
    assert report["data"]["rows"] == 4
    place = {"file": "b.jsonl.gz", "line": 1, "offset": 0, "note": "same as line 1 of a.jsonl"}
    assert rules["duplicate"]["samples"] == [place]
    assert rules["malformed-json"]["samples"][0]["file"] == "b.jsonl.gz"
    assert rules["empty-content"]["samples"][0]["file"] == "a.jsonl"


@pytest.mark.parametrize("processes", [1, 2])
def test_files_of_one_name_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    monkeypatch.setattr(read, "WORTH_IT", 50)
    paths = (tmp_path / "one" / "rows.jsonl", tmp_path / "two" / "rows.jsonl")
    for path in paths:
        path.parent.mkdir()
        write_rows(path, [chat(str(path.parent)), chat(f"b of {path.parent}", "")])
    report = audit_files(Wanted(paths, AuditConfig(), processes=processes))
    empty = rules_of(report)["empty-content"]["samples"]
    assert [place["file"] for place in empty] == [str(path) for path in paths]
    assert [file["name"] for file in report["files"]] == [str(path) for path in paths]


@pytest.mark.parametrize(
    ("data", "error"),
    [(None, InputMissing), (b"", InputEmpty), (b"\n\n", InputEmpty), (b"a,b\n", InputUnreadable)],
)
def test_what_holds_no_rows_is_refused(
    tmp_path: Path, data: bytes | None, error: type[CrewboardError]
) -> None:
    path = tmp_path / "data.jsonl"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(error):
        audit_files(Wanted((path,), AuditConfig(), folder=tmp_path))
    assert [each.name for each in tmp_path.iterdir()] == (
        ["data.jsonl"] if data is not None else []
    )


@pytest.mark.parametrize(
    "text",
    [
        "a\x01b c",
        "a\x1bb\x0cc",
        "a\u00a0b\u3000c",
        "",
        " ",
        "a\x00b c",
        "é\tè\nê",
        "a  b\n\n c ",
        "\x1ca",
    ],
)
def test_words_are_those_that_white_space_parts(tmp_path: Path, text: str) -> None:
    rows = [chat("x y"), chat(text, "z"), chat("last")]
    told = report_on(tmp_path, rows)["words"]
    assert told["mean"] == round((3 + len(text.split()) + 1 + 2) / 3, 3)
