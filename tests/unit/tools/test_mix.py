import random
from pathlib import Path
from typing import Any

import pytest
from unit.tools.data_rows import Row, chat, dropped, made, read_rows, run, write_rows

from crewboard.errors import ArgumentsInvalid
from crewboard.tools.filter import filter_rows
from crewboard.tools.mix import mix
from crewboard.tools.mix.quota import Recipe, quotas

FOUNDING = Recipe((0.40, 0.25, 0.20, 0.10, 0.05), anchor=2, caps=(None, None, None, None, 1366))


def source(folder: Path, name: str, count: int) -> str:
    return write_rows(folder / f"{name}.jsonl", (chat(f"{name} {i}") for i in range(count)))


@pytest.mark.parametrize(
    ("recipe", "available", "expected"),
    [
        # the founding mix: 43,175 rows
        (FOUNDING, [20_000, 12_000, 8_802, 5_000, 2_000], [17_604, 11_002, 8_802, 4_401, 1_366]),
        # a source that runs short gives what it has, and no other makes up for it
        (FOUNDING, [100, 12_000, 8_802, 5_000, 2_000], [100, 11_002, 8_802, 4_401, 1_366]),
        # without an anchor the scarcest source sets the size
        (Recipe((0.5, 0.5)), [10, 30], [10, 10]),
        (Recipe((0.75, 0.25)), [30, 30], [30, 10]),
        # but not one that is capped anyway
        (Recipe((0.5, 0.5), caps=(3, None)), [5, 30], [3, 30]),
        # thirds are exact in fractions
        (Recipe((0.1, 0.2, 0.7)), [30, 60, 210], [30, 60, 210]),
        (Recipe((0.5, 0.5), caps=(3, 4)), [5, 30], [3, 4]),
    ],
)
def test_the_quota_of_each_source(
    recipe: Recipe, available: list[int], expected: list[int]
) -> None:
    assert quotas(recipe, available) == expected


def test_the_founding_mix_comes_out_to_the_row(tmp_path: Path) -> None:
    """The figure: 43,175 rows, of which five over-length ones leave 43,170."""
    sizes = {"lmsys": 17_700, "magpie": 11_100, "toefl": 8_802, "prosocial": 4_500, "pilot": 1_366}
    names = [source(tmp_path, name, size) for name, size in sizes.items()]
    long = [chat(f"long {i} " + "word " * 500) for i in range(5)]
    rows = read_rows(tmp_path / names[2])[5:]
    write_rows(tmp_path / names[2], rows + long)
    ratios = FOUNDING.ratios
    mixed = run(mix, tmp_path, sources=names, ratios=ratios, seed=42, anchor=2, caps=FOUNDING.caps)
    assert mixed.rows is not None
    assert mixed.rows.rows_out == 43_175
    assert mixed.measured["counts"] == [17_604, 11_002, 8_802, 4_401, 1_366]
    assert mixed.measured["asked_ratios"] == list(ratios)
    assert mixed.measured["got_ratios"] == [0.407736, 0.254823, 0.203868, 0.101934, 0.031639]
    kept = run(filter_rows, tmp_path, "filtered", data="out/rows.jsonl", max_words=400)
    assert kept.rows is not None
    assert (kept.rows.rows_out, dict(kept.rows.dropped)) == (43_170, {"over-long": 5})


def test_every_row_of_every_source_is_drawn_or_recorded(tmp_path: Path) -> None:
    """F13, F14."""
    names = [source(tmp_path, "a", 50), source(tmp_path, "b", 20)]
    with (tmp_path / "b.jsonl").open("ab") as file:
        file.write(b"{cut\n")
    outcome = run(mix, tmp_path, sources=names, ratios=(0.5, 0.5), seed=3)
    assert dropped(outcome) == {"malformed-json": 1, "not-drawn": 30}
    drawn = {row["messages"][0]["content"] for row in read_rows(made(outcome, "rows"))}
    assert len(drawn) == 40
    assert {f"b {i}" for i in range(20)} <= drawn


def test_the_order_of_rows_within_a_source_does_not_matter(tmp_path: Path) -> None:
    """F26: the same rows and seed give the same bytes."""
    rows: list[Row] = [chat(f"q {i % 80}") for i in range(100)]  # with copies among them
    outputs: list[bytes] = []
    for seed in (0, 1):
        random.Random(seed).shuffle(rows)
        names = [write_rows(tmp_path / "a.jsonl", rows), source(tmp_path, "b", 30)]
        outcome = run(mix, tmp_path, f"out{seed}", sources=names, ratios=(0.6, 0.4), seed=9)
        outputs.append(made(outcome, "rows").read_bytes())
    assert outputs[0] == outputs[1]


def test_of_many_copies_of_one_row_the_quota_is_drawn(tmp_path: Path) -> None:
    copies = write_rows(tmp_path / "a.jsonl", [chat("same")] * 10)
    names = [copies, source(tmp_path, "b", 4)]
    outcome = run(mix, tmp_path, sources=names, ratios=(0.5, 0.5))
    assert outcome.measured["counts"] == [4, 4]
    assert len(read_rows(made(outcome, "rows"))) == 8


def test_another_seed_draws_other_rows(tmp_path: Path) -> None:
    names = [source(tmp_path, "a", 100), source(tmp_path, "b", 10)]
    one, two = (
        made(run(mix, tmp_path, f"o{s}", sources=names, ratios=(0.5, 0.5), seed=s), "rows")
        for s in (1, 2)
    )
    assert set(one.read_bytes().splitlines()) != set(two.read_bytes().splitlines())


@pytest.mark.parametrize(
    "arguments",
    [
        {"ratios": (1.0,)},
        {"ratios": (0.5, 0.6)},
        {"ratios": (1.2, -0.2)},
        {"ratios": (0.5, 0.5), "anchor": 2},
        {"ratios": (0.5, 0.5), "caps": (1,)},
    ],
)
def test_proportions_that_mean_nothing_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentsInvalid):
        mix.parse({"sources": ("a", "b"), **arguments})
