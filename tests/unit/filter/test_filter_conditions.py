"""Lengths, turns, languages and rules of the audit; rows of any shape."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from unit.shard.corpora import byte_tokenizer
from unit.tools.data_rows import Row, chat, dropped, made, read_rows, run, write_rows

from crewboard.errors import ArgumentsInvalid, InputUnreadable
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.rules import SEVERITY
from crewboard.tools.audit.work import Wanted, audit_files
from crewboard.tools.files.jsonl import Reason
from crewboard.tools.filter import filter_rows
from crewboard.tools.filter.rules import LOCAL

ENGLISH = "The dog ran quickly through the forest and looked for its owner, who was lost there."
GERMAN = "Der Hund lief schnell durch den Wald und suchte nach seinem Besitzer, der sich verlaufen hatte."
SHAPES: list[Row] = [
    chat("one two", "three"),
    chat("one", "two three four five six"),
    {"messages": [{"role": "system", "content": "s"}, *chat("a", "b")["messages"] * 2]},
]
BOUNDS: list[tuple[dict[str, Any], list[int], dict[str, int]]] = [
    ({"min_words": 4}, [1, 2], {"too-few-words": 1}),
    ({"max_words": 4}, [0], {"over-long": 2}),
    ({"min_chars": 6}, [0, 1], {"too-few-chars": 1}),
    ({"max_chars": 12}, [0, 2], {"too-many-chars": 1}),
    ({"min_turns": 3}, [2], {"too-few-turns": 2}),
    ({"max_turns": 2}, [0, 1], {"too-many-turns": 1}),  # a system turn is none
    ({"min_words": 3, "max_words": 3, "min_chars": 12}, [0], {"over-long": 2}),
]


@pytest.mark.parametrize(("bounds", "kept", "reasons"), BOUNDS)
def test_bounds_hold_at_both_ends(
    tmp_path: Path, bounds: dict[str, Any], kept: list[int], reasons: dict[str, int]
) -> None:
    outcome = run(filter_rows, tmp_path, data=write_rows(tmp_path / "d.jsonl", SHAPES), **bounds)
    assert read_rows(made(outcome, "rows")) == [SHAPES[n] for n in kept]
    assert dropped(outcome) == reasons


def test_tokens_are_counted_by_the_tokenizer_that_is_named(tmp_path: Path) -> None:
    """F10: known before the run, and not at 83 % of it."""
    tokenizer = byte_tokenizer(tmp_path)
    name = write_rows(tmp_path / "d.jsonl", [chat("q" * 9, "a" * size) for size in (20, 21)])
    outcome = run(filter_rows, tmp_path, data=name, max_tokens=30, tokenizer=tokenizer)
    assert dropped(outcome) == {"over-limit": 1}


def test_a_file_that_is_no_tokenizer_is_refused_before_the_run(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "d.jsonl", SHAPES)
    with pytest.raises(InputUnreadable, match="no tokenizer"):
        run(filter_rows, tmp_path, data=name, max_tokens=30, tokenizer=name)


@pytest.mark.parametrize(("unknown", "kept"), [("keep", [0, 2]), ("drop", [0])])
def test_rows_stay_that_answer_in_a_declared_language(
    tmp_path: Path, unknown: str, kept: list[int]
) -> None:
    rows = [chat("Was ist das?", ENGLISH), chat("What is it?", GERMAN), chat("x", "42")]
    name = write_rows(tmp_path / "d.jsonl", rows)
    outcome = run(filter_rows, tmp_path, data=name, languages=["en"], unknown_language=unknown)
    assert read_rows(made(outcome, "rows")) == [rows[n] for n in kept]
    both = run(filter_rows, tmp_path, "both", data=name, languages=["en", "de"])
    assert dropped(both) == {}


FAULTY: list[tuple[str, Row]] = [
    ("email", chat("Write to ada@lovelace.net please")),
    ("placeholder-text", chat("Dear {{NAME}}")),
    ("boilerplate", chat("q", "As an AI language model, I cannot say.")),
    ("end-punctuation", chat("q", "an answer of some words that ends in the and")),
    ("weight-range", chat("q", weight=7)),
    ("system-placement", {"messages": [*chat("a")["messages"], {"role": "system", "content": "s"},
                                       *chat("b")["messages"]]}),
    ("tool-stray-answer", {"messages": [*chat("a")["messages"],
                                        {"role": "tool", "tool_call_id": "c", "content": "x"},
                                        *chat("b")["messages"][1:]]}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "row"), FAULTY)
def test_a_rule_of_the_audit_takes_away_what_the_audit_finds(
    tmp_path: Path, rule: str, row: Row
) -> None:
    name = write_rows(tmp_path / "d.jsonl", [chat("sound", "Quite so."), row])
    counts = {
        r["id"]: r["count"] for r in audit_files(Wanted((tmp_path / name,), AuditConfig()))["rules"]
    }
    assert counts[rule] == 1
    outcome = run(filter_rows, tmp_path, data=name, rules=[rule], drop_faulty=False)
    assert dropped(outcome) == {rule: 1}
    others = sorted(LOCAL - {rule, "end-punctuation"} - _kin(rule))
    left = run(filter_rows, tmp_path, "others", data=name, rules=others, drop_faulty=False)
    assert dropped(left) == {}


def _kin(rule: str) -> set[str]:
    """Rules that the same row breaks."""
    return {"role-alternation"} if rule == "system-placement" else set()


def test_a_key_that_occurs_twice_is_seen_in_the_line_itself(tmp_path: Path) -> None:
    sound = orjson.dumps(chat("a"))
    (tmp_path / "d.jsonl").write_bytes(sound + b"\n" + sound[:-1] + b',"id":1,"id":2}\n')
    outcome = run(filter_rows, tmp_path, data="d.jsonl", rules=["duplicate-key"])
    assert dropped(outcome) == {"duplicate-key": 1}


def test_the_range_of_weights_comes_from_the_audits_declaration(tmp_path: Path) -> None:
    (tmp_path / "audit.toml").write_text("weight_max = 10\n")
    name = write_rows(tmp_path / "d.jsonl", [chat("a", weight=7), chat("b", weight=11)])
    outcome = run(filter_rows, tmp_path, data=name, rules=["weight-range"], config="audit.toml")
    assert dropped(outcome) == {"weight-range": 1}


def test_every_rule_that_a_row_breaks_by_itself_can_be_asked_for() -> None:
    """A rule of the audit that is new belongs to one side or the other."""
    between = {"duplicate", "duplicate-stripped", "duplicate-answer", "near-duplicate"}
    between |= {"cross-agent-reuse", "leak-exact", "leak-question", "leak-near", "leak-overlap"}
    elsewhere = {"over-long", "over-limit", "language", "no-messages", *map(str, Reason)}
    assert set(SEVERITY) - between - elsewhere == LOCAL


def test_rows_of_any_shape_are_judged_by_the_fields_that_hold_their_text(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"question": "How many?", "answer": ENGLISH},
        {"question": "Wie viele?", "answer": GERMAN * 2},
        {"question": "Write to ada@lovelace.net", "answer": ""},
        {"title": "no text at all"},
        {"question": ENGLISH, "answer": 7},
    ]
    name = write_rows(tmp_path / "d.jsonl", rows)
    outcome = run(
        filter_rows, tmp_path, data=name, fields=["question", "answer"], languages=["en"],
        rules=["email"], min_words=2,
    )  # fmt: skip
    assert read_rows(made(outcome, "rows")) == [rows[0], rows[4]]
    assert dropped(outcome) == {"language": 1, "email": 1, "no-text": 1}


REFUSED: list[dict[str, Any]] = [
    {"rules": ["duplicate"]},
    {"rules": ["no-such-rule"]},
    {"max_tokens": 5},
    {"min_words": 5, "max_words": 4},
    {"min_words": 0},
    {"fields": ["a"], "rules": ["empty-content"]},
    {"fields": ["a"], "min_turns": 2},
    {"fields": ["a..b"]},
    {"unknown_language": "maybe"},
    {"data": []},
]


@pytest.mark.parametrize("arguments", REFUSED)
def test_a_filter_that_means_nothing_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentsInvalid):
        filter_rows.parse({"data": "d.jsonl", **arguments})


def test_a_dropped_row_stands_in_the_exclusions_as_it_was(tmp_path: Path) -> None:
    """However deep it is nested, and with digits that no parser keeps."""
    deep = b'{"messages":[{"role":"user","content":%b}],"n":1.50}' % (b"[" * 250 + b"]" * 250)
    (tmp_path / "d.jsonl").write_bytes(deep + b"\n" + orjson.dumps(chat("a")) + b"\n")
    outcome = run(filter_rows, tmp_path, data="d.jsonl")
    assert dropped(outcome) == {"empty-content": 1}
    assert b'"row":' + deep + b"}" in made(outcome, "dropped").read_bytes()


def test_several_files_are_filtered_as_one(tmp_path: Path) -> None:
    names = [write_rows(tmp_path / f"{n}.jsonl", [chat(n), chat(n, "")]) for n in "ab"]
    outcome = run(filter_rows, tmp_path, data=names)
    assert read_rows(made(outcome, "rows")) == [chat("a"), chat("b")]
    assert [row["file"] for row in read_rows(made(outcome, "dropped"))] == ["a.jsonl", "b.jsonl"]
