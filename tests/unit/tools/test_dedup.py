from pathlib import Path

import orjson
import pytest
from unit.tools.data_rows import chat, dropped, made, read_rows, run, write_rows

from crewboard.tools.dedup import dedup

ROWS = [chat("a", n=1), chat("b", n=2), chat("a", n=3), chat("a", n=4)]


def test_the_first_of_equal_rows_stays_and_the_others_name_it(tmp_path: Path) -> None:
    outcome = run(dedup, tmp_path, data=write_rows(tmp_path / "d.jsonl", ROWS))
    assert [row["n"] for row in read_rows(made(outcome, "rows"))] == [1, 2]
    assert [
        (r["reason"], r["line"], r["kept"]["line"]) for r in read_rows(made(outcome, "dropped"))
    ] == [
        ("duplicate", 3, 1),
        ("duplicate", 4, 1),
    ]
    assert outcome.measured == {
        "key": "messages",
        "policy": "drop",
        "keep": "first",
        "groups": 1,
        "redundant": 2,
        "keyless": 0,
    }


def test_copies_that_are_kept_as_weight_are_counted_all_the_same(tmp_path: Path) -> None:
    """F14, F19: the key, the policy and the count stand in the manifest."""
    outcome = run(dedup, tmp_path, data=write_rows(tmp_path / "d.jsonl", ROWS), policy="keep")
    assert read_rows(made(outcome, "rows")) == ROWS
    assert (outcome.measured["groups"], outcome.measured["redundant"]) == (1, 2)


def test_kept_rows_stay_byte_for_byte(tmp_path: Path) -> None:
    odd = b'{ "messages" : [ {"content":"\\u00e9", "role":"user"} ], "z":1.0 }'
    (tmp_path / "d.jsonl").write_bytes(b"\xef\xbb\xbf" + odd + b"\r\n" + orjson.dumps(ROWS[0]))
    outcome = run(dedup, tmp_path, data="d.jsonl")
    assert made(outcome, "rows").read_bytes() == odd + b"\n" + orjson.dumps(ROWS[0]) + b"\n"


@pytest.mark.parametrize(
    ("line", "reason"), [(b"{cut", "malformed-json"), (b'{"question":"q"}', "no-messages")]
)
def test_what_is_no_chat_row_is_dropped_with_its_reason(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    """F13."""
    (tmp_path / "d.jsonl").write_bytes(orjson.dumps(ROWS[0]) + b"\n" + line + b"\n")
    assert dropped(run(dedup, tmp_path, data="d.jsonl")) == {reason: 1}
