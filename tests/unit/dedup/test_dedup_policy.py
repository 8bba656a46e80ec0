"""What happens to copies."""

import copy
from pathlib import Path
from typing import Any

import pytest
from unit.dedup.copies import deduped, stayed
from unit.tools.data_rows import Row, chat, made, run

from crewboard.errors import ArgumentsInvalid
from crewboard.tools.dedup import dedup

ROWS = [chat("a", n=1), chat("b", n=2), chat("a", n=3), chat("a", n=4)]


def test_the_row_that_stays_takes_over_the_weight_of_its_copies(tmp_path: Path) -> None:
    outcome = deduped(tmp_path, ROWS, policy="keep-as-weight")
    assert stayed(outcome) == [ROWS[0] | {"weight": 3}, ROWS[1]]
    assert outcome.rows is not None
    assert outcome.rows.dropped == {"duplicate": 2}
    assert "no trainer applies" in outcome.summary
    assert any("openai" in note for note in outcome.measured["notes"])


WEIGHTS: list[tuple[list[Any], Any, int]] = [
    # what the copies weigh, what the one that stays weighs then, how many are no number
    ([0.2, 0.4], 0.6, 0),
    ([None, 2], 3, 1),
    ([0.5, "high"], 1.5, 1),
    ([True, 1e300], 2, 2),
    ([-1, 1], 0, 0),
    ([0.1] * 10, 1, 0),
]


@pytest.mark.parametrize(("given", "expected", "odd"), WEIGHTS)
def test_together_rows_weigh_as_much_as_before(
    tmp_path: Path, given: list[Any], expected: float, odd: int
) -> None:
    rows = [chat("a", share=weight) for weight in given] + [chat("b", share="odd, but alone")]
    outcome = deduped(tmp_path, rows, policy="keep-as-weight", weight_field="share")
    assert stayed(outcome) == [rows[0] | {"share": expected}, rows[-1]]
    assert outcome.measured["weights_no_number"] == odd + 1


def test_marked_rows_all_stay_and_copies_say_whose_they_are(tmp_path: Path) -> None:
    outcome = deduped(tmp_path, ROWS, policy="mark", mark_field="copy_of")
    kept = stayed(outcome)
    offset = 0
    assert [row.get("copy_of") for row in kept] == [
        None,
        None,
        {"file": "out.jsonl", "line": 1, "offset": offset},
        {"file": "out.jsonl", "line": 1, "offset": offset},
    ]
    plain: list[Row] = copy.deepcopy(kept)
    for row in plain:
        row.pop("copy_of", None)
    assert plain == ROWS
    assert outcome.rows is not None
    assert outcome.rows.dropped == {}


def test_a_row_changes_only_where_the_policy_writes(tmp_path: Path) -> None:
    """Spacing, escapes, digits that no parser keeps, and a key that stands there already."""
    odd = (
        b'{ "weight" : 1.50, "messages" : [{"content":"\\u00e9"}], "z":10000000000000000000000001 }'
    )
    (tmp_path / "d.jsonl").write_bytes(odd + b"\n" + odd + b"\n")
    outcome = run(dedup, tmp_path, data="d.jsonl", policy="keep-as-weight")
    assert made(outcome, "rows").read_bytes() == odd.replace(b"1.50", b"3") + b"\n"
    marked = run(dedup, tmp_path, "two", data="d.jsonl", policy="mark")
    first, second = made(marked, "rows").read_bytes().splitlines()
    assert first == odd
    told = b'"duplicate_of":{"file":"d.jsonl","line":1,"offset":0}'
    assert second == odd.removesuffix(b"}") + b"," + told + b"}"


def test_a_policy_does_not_write_over_the_messages() -> None:
    for more in ({"policy": "mark", "mark_field": "messages"},):
        with pytest.raises(ArgumentsInvalid, match="write over the messages"):
            dedup.parse({"data": "d.jsonl", **more})


@pytest.mark.parametrize("policy", ["drop", "keep-as-weight", "mark", "keep"])
def test_every_policy_counts_the_same_copies(tmp_path: Path, policy: str) -> None:
    """F13, F19: what is decided about copies does not change how many there are."""
    outcome = deduped(tmp_path, ROWS, policy=policy)
    assert (outcome.measured["groups"], outcome.measured["redundant"]) == (1, 2)
    assert outcome.rows is not None
    assert outcome.rows.rows_out + sum(outcome.rows.dropped.values()) == 4
