"""Texts that a pattern must match, or must not."""

from pathlib import Path

import pytest
from unit.tools.data_rows import chat, dropped, made, read_rows, run, write_rows

from crewboard.errors import ArgumentsInvalid
from crewboard.tools.filter import filter_rows

pytest.importorskip("re2")

ROWS = [chat("What is 1 + 1?", "It is 2."), chat("Say hi", "hi"), chat("And 3?", "no idea")]
CASES = [
    (["messages.0.content=\\?$"], [0, 2]),
    (["messages.-1.content=^[a-z]"], [1, 2]),
    (["messages.*.content=\\d"], [0, 2]),  # one of them is enough
    (["messages.*.content!=\\d"], [1]),  # none of them may
    (["messages.0.content=(?i)SAY"], [1]),
    (["messages.0.content==?"], [0, 1, 2]),  # the pattern `=?`
    (["messages.0.content=\\?$", "messages.-1.content!=idea"], [0]),
    (["nowhere!=x"], [0, 1, 2]),
]


@pytest.mark.parametrize(("match", "kept"), CASES)
def test_a_pattern_keeps_rows_or_takes_them_away(
    tmp_path: Path, match: list[str], kept: list[int]
) -> None:
    name = write_rows(tmp_path / "d.jsonl", ROWS)
    outcome = run(filter_rows, tmp_path, data=name, match=match)
    assert read_rows(made(outcome, "rows")) == [ROWS[n] for n in kept]
    assert set(dropped(outcome)) <= {f"match ({each})" for each in match}


def test_a_text_made_to_keep_an_engine_busy_does_not(tmp_path: Path) -> None:
    """(a+)+$ against a long row of a's: for ever in an engine that tries all ways."""
    name = write_rows(tmp_path / "d.jsonl", [chat("a" * 200_000 + "!"), chat("b")])
    outcome = run(filter_rows, tmp_path, data=name, match=["messages.0.content!=^(a+)+$"])
    assert dropped(outcome) == {}


@pytest.mark.parametrize("match", ["x", "=a", "!=a", "a=", "a=(", "a=(?=b)", "a=\\1"])
def test_what_is_no_match_is_refused_before_the_run(tmp_path: Path, match: str) -> None:
    """RE2 takes neither a look ahead nor a reference back."""
    name = write_rows(tmp_path / "d.jsonl", ROWS)
    with pytest.raises(ArgumentsInvalid):
        run(filter_rows, tmp_path, data=name, match=[match])
