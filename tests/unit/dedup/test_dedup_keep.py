"""Which row of a cluster stays, and how that is explained."""

import random
from pathlib import Path

import orjson
import pytest
from unit.dedup.copies import clusters, deduped, left_to, stayed
from unit.tools.data_rows import Row, chat

from crewboard.errors import ArgumentsInvalid
from crewboard.tools.dedup import clusters as written
from crewboard.tools.dedup import dedup

ROWS: list[Row] = [
    {"k": 1, "score": 0.5, "text": "a"},
    {"k": 1, "score": None, "text": "a longer one"},
    {"k": 1, "score": 2, "text": "a"},
    {"k": 1, "score": True, "text": "a"},
    {"k": 1, "score": 2, "text": "a"},
]
RULES = [("first", 1), ("last", 5), ("longest", 2), ("best:score", 3)]


@pytest.mark.parametrize(("rule", "kept"), RULES)
def test_the_rule_decides_which_row_stays(tmp_path: Path, rule: str, kept: int) -> None:
    """Of equal ones the earlier; what is no number comes last."""
    outcome = deduped(tmp_path, ROWS, key=["k"], keep=rule)
    assert stayed(outcome) == [ROWS[kept - 1]]
    assert set(left_to(outcome).values()) == {kept}


def test_the_best_of_a_number_that_no_row_has_is_refused(tmp_path: Path) -> None:
    """F27."""
    with pytest.raises(ArgumentsInvalid, match="no row has a number in scor"):
        deduped(tmp_path, ROWS, key=["k"], keep="best:scor")


def test_a_cluster_tells_which_row_stays_and_why(tmp_path: Path) -> None:
    (told,) = clusters(deduped(tmp_path, ROWS[:3], key=["k"], keep="best:score"))
    assert told["why"] == "best:score"
    assert (told["kept"]["line"], told["kept"]["value"]) == (3, 2)
    assert [(m["line"], m["value"], m["same"]) for m in told["members"]] == [
        (1, 0.5, "key"),
        (2, None, "key"),
    ]
    assert told["kept"]["file"] == "out.jsonl"
    assert told["members"][1]["offset"] == len(orjson.dumps(ROWS[0])) + 1


def test_a_large_cluster_goes_on_in_further_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "MEMBERS", 3)
    told = clusters(deduped(tmp_path, [chat("a")] * 8))
    assert [[m["line"] for m in each["members"]] for each in told] == [[2, 3, 4], [5, 6, 7], [8]]
    assert {each["kept"]["line"] for each in told} == {1}


def test_no_order_of_rows_changes_what_stays_where_the_rule_knows_a_best_one(
    tmp_path: Path,
) -> None:
    chance = random.Random(1)
    rows = [
        {"text": f"{'the same words in every row of it ' * 2} {chance.randrange(9)}", "n": n}
        for n in range(60)
    ]
    kept = []
    for out in ("one", "two", "three"):
        outcome = deduped(tmp_path, rows, out, key=["text"], near=0.6, keep="best:n")
        kept.append(sorted(row["n"] for row in stayed(outcome)))
        chance.shuffle(rows)
    assert kept[0] == kept[1] == kept[2]


@pytest.mark.parametrize("rule", ["", "best", "best:", "best:a..b", "newest", "first:x"])
def test_a_rule_that_does_not_exist_is_refused(rule: str) -> None:
    with pytest.raises(ArgumentsInvalid):
        dedup.parse({"data": "d.jsonl", "keep": rule})
