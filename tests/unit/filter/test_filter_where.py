"""Conditions on fields: what they accept, and what is no condition."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.tools.data_rows import chat, dropped, made, read_rows, run, write_rows

from crewboard.errors import ArgumentsInvalid
from crewboard.tools.files.fields import Field
from crewboard.tools.filter import filter_rows
from crewboard.tools.filter.where import Where

ROW: dict[str, Any] = {
    "score": 0.5,
    "n": 3,
    "ok": True,
    "none": None,
    "day": "2026-05-07",
    "metadata": {"tags": ["a", "b"], "sources": [{"id": 1}, {"id": 2}]},
}
HOLDS = [
    ("score >= 0.5", True),
    ("score>0.5", False),
    ("n == 3.0", True),
    ("n in [1, 3]", True),
    ("n in []", False),
    ("n != 4", True),
    ("ok == true", True),
    ("ok == 1", False),  # true is no number
    ("ok >= 0", False),
    ('day < "2026-06-01"', True),
    ("day == 2026", False),
    ('day contains "-05-"', True),
    ("metadata.tags contains a", True),
    ("metadata.tags contains c", False),
    ("metadata.tags.0 == a", True),
    ("metadata.tags.-1 == b", True),
    ("metadata.tags.2 exists", False),
    ("metadata.sources.*.id > 1", True),  # one that fits is enough
    ("metadata.sources.*.id > 2", False),
    ("metadata exists", True),
    ("nothing exists", False),
    ("nothing missing", True),
    ("none missing", True),
    ("none == null", False),  # a condition on what is not there is `missing`
    ("nothing != 1", False),
    ("score.deeper == 1", False),
    ("score >= NaN", False),  # a bare word is a text, and no number is more than a text
    ('day in [1, "2026-05-07"]', True),
]


@pytest.mark.parametrize(("text", "expected"), HOLDS)
def test_a_condition_holds_or_not(text: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert Where.parse(text).holds(ROW) is expected


NONE = [
    "",
    "score",
    "score >=",
    "score >= [1]",
    "score in 1",
    "score = 1",
    "score exists 1",
    "score >= two words",
    "a..b == 1",
    "__import__('os').system('x') == 1 or 1",
]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_condition_is_refused_before_the_run(text: str) -> None:
    with pytest.raises(ArgumentsInvalid):
        filter_rows.parse({"data": "d.jsonl", "where": [text]})


@given(
    row=st.dictionaries(
        st.text(max_size=3),
        st.recursive(
            st.none() | st.floats() | st.text(max_size=2),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.text(max_size=3), inner, max_size=2)
            ),
        ),
        max_size=4,
    ),
    path=st.sampled_from(["a", "*.*", "*.-1", "*.0.*", "b.a", "0"]),
)
def test_any_row_is_judged_without_an_error(row: dict[str, Any], path: str) -> None:
    for rest in ("exists", "> 1", '< "x"', "in [null, true]", "contains 1"):
        Where.parse(f"{path} {rest}").holds(row)
    assert isinstance(Field.parse(path).values(row), list)


def test_each_condition_is_a_reason_of_its_own(tmp_path: Path) -> None:
    """F13."""
    rows = [chat("a", score=n / 4, kind="x" if n % 2 else "y") for n in range(4)]
    name = write_rows(tmp_path / "d.jsonl", rows)
    outcome = run(filter_rows, tmp_path, data=name, where=["score  >= 0.25", "kind == x"])
    assert read_rows(made(outcome, "rows")) == [rows[1], rows[3]]
    assert dropped(outcome) == {"where (kind == x)": 1, "where (score >= 0.25)": 1}
