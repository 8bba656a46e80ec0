"""Where rows go: over-long ones, copies, and what is told of each source."""

from pathlib import Path
from typing import Any

import pytest
from unit.shard.corpora import byte_tokenizer
from unit.tools.data_rows import chat, dropped, made, read_rows, run, write_rows

from crewboard.errors import ArgumentsInvalid
from crewboard.tools.contract import Outcome
from crewboard.tools.mix import mix
from crewboard.tools.mix.errors import MixOverLong

SIZES = {"lmsys": 17_700, "magpie": 11_100, "toefl": 8_802, "prosocial": 4_500, "pilot": 1_366}


def test_the_founding_mix_loses_its_five_over_length_rows_in_one_step(tmp_path: Path) -> None:
    """F14, F27: 43,175 drawn, of which five are beyond the limit: 43,170."""
    for name, size in SIZES.items():
        rows = [chat(f"{name} {i}") for i in range(size)]
        if name == "toefl":
            rows[:5] = [chat(f"long {i} " + "word " * 500) for i in range(5)]
        write_rows(tmp_path / f"{name}.jsonl", rows)
    outcome = run(
        mix, tmp_path,
        sources=[f"{name}.jsonl" for name in SIZES], names=tuple(SIZES),
        ratios=(0.40, 0.25, 0.20, 0.10, 0.05), anchor=2, caps=(None, None, None, None, 1366),
        seed=42, max_words=400,
    )  # fmt: skip
    assert outcome.measured["counts"] == [17_604, 11_002, 8_802, 4_401, 1_366]
    assert sum(outcome.measured["counts"]) == 43_175
    assert outcome.rows is not None
    assert outcome.rows.rows_out == 43_170
    assert dropped(outcome)["over-long"] == 5
    assert [source["written"] for source in outcome.measured["sources"]][2] == 8_797


def long_ones(folder: Path) -> list[str]:
    """20 rows of a, 4 of them too long; 20 of b."""
    rows = [chat(f"a {i}", "word " * (100 if i < 4 else 2)) for i in range(20)]
    return [
        write_rows(folder / "a.jsonl", rows),
        write_rows(folder / "b.jsonl", [chat(f"b {i}") for i in range(20)]),
    ]


POLICIES = [
    # policy, rows written, over-long ones among the dropped, told of source a
    ("drop", 36, 4, 4),
    ("keep", 40, 0, 4),
    ("replace", 32, 4, 4),  # 16 of a are left, and so 16 of b
]


@pytest.mark.parametrize(("policy", "written", "left_out", "told"), POLICIES)
def test_over_length_is_treated_as_the_recipe_says(
    tmp_path: Path, policy: str, written: int, left_out: int, told: int
) -> None:
    """F10, F13."""
    outcome = run(
        mix, tmp_path, sources=long_ones(tmp_path), ratios=(0.5, 0.5), max_words=50,
        over_length=policy,
    )  # fmt: skip
    assert len(read_rows(made(outcome, "rows"))) == written
    assert dropped(outcome).get("over-long", 0) == left_out
    assert outcome.measured["sources"][0]["over_long"] == told


def test_a_replaced_row_does_not_make_the_mix_smaller(tmp_path: Path) -> None:
    names = long_ones(tmp_path)
    outcome = run(
        mix, tmp_path, sources=names, ratios=(0.5, 0.5), rows=20, max_words=50,
        over_length="replace",
    )  # fmt: skip
    assert outcome.measured["counts"] == [10, 10]
    assert len(read_rows(made(outcome, "rows"))) == 20


def test_a_recipe_may_refuse_over_length_rows_with_their_line(tmp_path: Path) -> None:
    """F10: known before the run, not at 83 % of it."""
    with pytest.raises(MixOverLong, match=r"Line 1 of .*a\.jsonl has 10\d words, .* takes 50"):
        run(
            mix, tmp_path, sources=long_ones(tmp_path), ratios=(0.5, 0.5), max_words=50,
            over_length="refuse",
        )  # fmt: skip
    assert list((tmp_path / "out").iterdir()) == []


def test_a_limit_may_be_in_tokens_of_a_named_tokenizer(tmp_path: Path) -> None:
    """F10: one row of 33,459 tokens against a limit of 32,768."""
    tokenizer = byte_tokenizer(tmp_path)
    rows = [chat("q" * 9, "a" * size) for size in (20, 21, 90)]  # with a line end: 30, 31, 100
    name = write_rows(tmp_path / "a.jsonl", rows)
    given: dict[str, Any] = {
        "sources": [name],
        "ratios": [1.0],
        "tokenizer": tokenizer,
        "max_tokens": 30,
    }
    outcome = run(mix, tmp_path, **given)
    assert [row["messages"][1]["content"] for row in read_rows(made(outcome, "rows"))] == ["a" * 20]
    assert dropped(outcome) == {"over-long": 2}


def test_a_source_that_runs_short_may_give_its_rows_again(tmp_path: Path) -> None:
    """F13: copies count as made, so the account still adds up."""
    a = write_rows(tmp_path / "a.jsonl", [chat(f"a {i}") for i in range(10)])
    b = write_rows(tmp_path / "b.jsonl", [chat(f"b {i}") for i in range(100)])
    outcome = run(mix, tmp_path, sources=[a, b], ratios=(0.5, 0.5), rows=50, oversample=(2.5, 1))
    rows = [row["messages"][0]["content"] for row in read_rows(made(outcome, "rows"))]
    times = [rows.count(f"a {i}") for i in range(10)]
    assert sorted(times) == [2] * 5 + [3] * 5
    assert outcome.rows is not None
    assert outcome.rows.made == 15
    assert outcome.measured["sources"][0]["copies_made"] == 15
    short = run(mix, tmp_path, "two", sources=[a, b], ratios=(0.5, 0.5), rows=50, oversample=(2, 1))
    assert [source["short"] for source in short.measured["sources"]] == [5, 0]


def test_each_source_tells_its_copies_its_weights_and_what_it_shares(tmp_path: Path) -> None:
    """F14: "duplicates" names its key; F25: each source names its bytes."""
    rows = [chat("same"), {"messages": chat("same")["messages"], "id": 2}, chat("own", weight=0.4)]
    a = write_rows(tmp_path / "a.jsonl", rows)
    b = write_rows(tmp_path / "b.jsonl", [chat("same"), chat("b")])
    outcome = run(mix, tmp_path, sources=[a, b], names=("a", "b"), ratios=(0.6, 0.4))
    told = outcome.measured
    assert [source["duplicates"] for source in told["sources"]] == [1, 0]
    assert told["sources"][0]["weights"] == {"rows": 1, "mean": 0.4, "min": 0.4, "max": 0.4}
    assert told["overlaps"] == [{"sources": ["a", "b"], "rows": 1}]
    assert told["duplicates_key"].startswith("messages")
    assert [len(source["sha256"][0]) for source in told["sources"]] == [64, 64]


def test_several_files_may_be_one_source(tmp_path: Path) -> None:
    names = [
        write_rows(tmp_path / f"{name}.jsonl", [chat(f"{name} {i}") for i in range(10)])
        for name in "abc"
    ]
    outcome = run(mix, tmp_path, sources=names, names=("x", "x", "y"), ratios=(0.5, 0.5), rows=20)
    assert outcome.measured["counts"] == [10, 10]
    assert [source["rows"] for source in outcome.measured["sources"]] == [20, 10]


REFUSED: list[dict[str, Any]] = [
    {"ratios": (0.5, 0.5), "anchor": 0, "rows": 10},
    {"ratios": (0.5, 0.5), "oversample": (0.5, 1)},
    {"ratios": (0.5, 0.5), "max_tokens": 10},
    {"ratios": (0.5, 0.5), "names": ("a",)},
    {"ratios": (0.5, 0.5), "names": ("a", "a")},
    {"ratios": (0.5, 0.5), "pins": ("x",)},
]


@pytest.mark.parametrize("arguments", REFUSED)
def test_a_mix_that_means_nothing_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentsInvalid):
        mix.parse({"sources": ("a", "b"), **arguments})


def test_the_summary_is_of_the_rows(tmp_path: Path) -> None:
    outcome: Outcome = run(mix, tmp_path, sources=long_ones(tmp_path), ratios=(0.5, 0.5), rows=10)
    assert outcome.summary == "40 rows in, 10 in rows, 30 dropped (not-drawn 30)"
