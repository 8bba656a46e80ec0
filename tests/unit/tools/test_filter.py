from pathlib import Path

import pytest
from unit.tools.data_rows import chat, dropped, made, read_rows, run, turns, write_rows

from crewboard.errors import SelfCheckFailed
from crewboard.tools.filter import filter_rows

ROWS = [
    chat("sound"),
    chat("empty", ""),
    chat("long " * 30),
    turns("user", "user", "assistant"),
    turns("user"),
]


def test_rows_that_break_a_rule_are_left_out_under_its_name(tmp_path: Path) -> None:
    """F13."""
    name = write_rows(tmp_path / "d.jsonl", ROWS)
    outcome = run(filter_rows, tmp_path, data=name, max_words=20)
    assert read_rows(made(outcome, "rows")) == ROWS[:1]
    assert dropped(outcome) == {
        "empty-content": 1,
        "missing-assistant": 1,
        "over-long": 1,
        "role-alternation": 1,
    }
    assert [row["row"] for row in read_rows(made(outcome, "dropped"))] == ROWS[1:]


def test_faulty_rows_stay_when_only_length_matters(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "d.jsonl", ROWS)
    outcome = run(filter_rows, tmp_path, data=name, max_words=20, drop_faulty=False)
    assert dropped(outcome) == {"over-long": 1}


@pytest.mark.parametrize(("limit", "kept"), [(4, 1), (5, 2)])
def test_a_row_of_just_the_limit_is_not_over_long(tmp_path: Path, limit: int, kept: int) -> None:
    name = write_rows(tmp_path / "d.jsonl", [chat("a"), chat("a b c d", "e")])
    outcome = run(filter_rows, tmp_path, data=name, max_words=limit)
    assert outcome.rows is not None
    assert outcome.rows.rows_out == kept


def test_a_filter_that_leaves_nothing_failed(tmp_path: Path) -> None:
    """F9: zero rows is a failure."""
    name = write_rows(tmp_path / "d.jsonl", ROWS[1:2])
    with pytest.raises(SelfCheckFailed, match="empty-content 1"):
        run(filter_rows, tmp_path, data=name)
