"""Nothing that a model, a row or a peer wrote steers the terminal."""

import json

import pytest

from crewboard.cli.terminal import document, line, safe, table

HOSTILE = {
    "\x1b[2J": "\\x1b[2J",  # clears the screen
    "\x1b]0;owned\x07": "\\x1b]0;owned\\x07",  # sets the window's title
    "\x9b31m": "\\x9b31m",  # the same as ESC [ in eight bits
    "a\rb": "a\\x0db",  # overwrites the line
    "a\u202eb": "a\\u202eb",  # turns the reading direction
    "a\u2066b\u2069": "a\\u2066b\\u2069",
    "a\u200bb": "a\\u200bb",  # hides a break in a word
    "a\u2028b": "a\\u2028b",
    "a\U000e0041b": "a\\U000e0041b",  # an invisible tag
    "a\ud800b": "a\\ud800b",  # half a character
    "a\x00b": "a\\x00b",
    "\x7f": "\\x7f",
}
HARMLESS = ["Grüße", "数据", "👩‍🔬 tests", "a\tb", "two\nlines", "«title»"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_could_act_on_a_terminal_is_shown_by_its_number(text: str) -> None:
    assert safe(text) == HOSTILE[text]


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_line_ends_of_windows_are_line_ends() -> None:
    assert safe("one\r\ntwo\r\n") == "one\ntwo\n"


def test_a_line_is_one_line_and_no_longer_than_asked() -> None:
    assert line("one\n  two\tthree") == "one two three"
    assert line("abcdef", 4) == "abc…"


def test_a_table_aligns_its_columns_and_cannot_be_broken_by_a_cell(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table([("t1", "a\nb", "x"), ("t22", "\x1b[31m", "y")], ("id", "title", "by"))
    told = capsys.readouterr().out
    assert told == "ID   TITLE     BY\nt1   a b       x\nt22  \\x1b[31m  y\n"


def test_a_table_of_nothing_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    table([], ("id",))
    assert capsys.readouterr().out == ""


def test_a_json_document_is_plain_ascii_that_reads_back(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"title": "".join(t for t in HOSTILE if "\ud800" not in t)}
    document(value)
    told = capsys.readouterr().out
    assert told.isascii()
    assert "\x1b" not in told
    assert "\x7f" not in told
    assert json.loads(told) == value
