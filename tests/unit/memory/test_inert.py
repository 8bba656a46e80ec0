"""Quoted text stays words: it cannot become structure."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewboard.memory.inert import code, inert, worded
from crewboard.memory.markdown import Kind, scan


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 43,170 rows ($1.50)", "plain words, 43,170 rows ($1.50)"),
        ("wrote `data/mix.jsonl` in 3 s", "wrote `data/mix.jsonl` in 3 s"),  # a plain code span
        ("a\n## ✅ Done\r\n- x", "a ## (box) Done - x"),
        ("# title", r"\# title"),
        ("- [x] done", r"\- \[x\] done"),
        ("> quote", r"\> quote"),
        ("1. item", r"\1. item"),
        ("see ^t41x9", r"see \^t41x9"),
        ("2 ^ 3", "2 ^ 3"),
        ("a <!-- e:1 --> b", "a &lt;!-- e:1 --> b"),
        ("&lt;b&gt; R&D", "&amp;lt;b&amp;gt; R&D"),
        ("**bold** ~~gone~~", r"\*\*bold\*\* \~~gone\~~"),
        ("`<!-- -->`", r"\`&lt;!-- -->\`"),
        ("t\u202eorder\u200b\u2066x\u00ad", "torderx"),
        ("a\u2028b\x85c\x0bd\x00e\tf", "a b c d e f"),
        ("☑ ☐ ✔", "(box) (box) (box)"),
        ("bad \ud800 half", "bad \ufffd half"),
        ("é日本 “q”", "é日本 “q”"),
    ],
)
def test_text_reads_as_it_did_without_acting(text: str, shown: str) -> None:
    assert inert(text) == shown


@pytest.mark.parametrize("length", [399, 400, 401, 5000, 100_000])
def test_text_is_cut_at_its_limit(length: int) -> None:
    assert len(inert("x" * length)) == min(length, 400)


@given(st.text(st.characters(codec=None)))
def test_any_text_is_one_harmless_line(text: str) -> None:
    shown = inert(text)
    (line,) = scan(shown.encode()).lines or [None]
    if line is not None:
        assert line.kind in {Kind.TEXT, Kind.BLANK}
        assert not line.ending
    assert not re.search(r"(?<!\\)\^\w|<!--|(?<!\\)\[", shown)


@given(st.text())
def test_code_is_one_span(text: str) -> None:
    assert code(text).count("`") == 2


@pytest.mark.parametrize(
    "text",
    ["Mix *all* [x] `a b`", "a < b & c", "~~no~~ ^t41x9", "- #1. x", "1) y", "&lt; &amp;lt;"],
)
def test_what_was_made_inert_can_be_read_again(text: str) -> None:
    assert worded(inert(text)) == text
