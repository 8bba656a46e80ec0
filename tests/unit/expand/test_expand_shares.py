"""How many rows come from whom: the matrix, the arithmetic, the lottery."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.expand.matrices import AGENTS, FIVE, fifteen, write_table, write_toml

from crewboard.errors import ArgumentsInvalid, ConfigInvalid, InputUnreadable
from crewboard.tools.expand import Ask, Compatibility, Rounding, copies, load_matrix, shares

AVAILABLE = dict.fromkeys(AGENTS, 1333)
MATRIX = Compatibility(fifteen())


def test_truncating_shares_falls_short_as_it_did() -> None:
    """5 x 1,333 rows towards 20,000 each, 6.7 % native: 99,990 in all."""
    ask = Ask(20_000, 0.067, Rounding.TRUNCATE)
    counts = {target: shares(target, MATRIX, AVAILABLE, ask) for target in AGENTS}
    totals = {target: sum(each.values()) for target, each in counts.items()}
    assert totals["qa"] == 19_997
    assert totals["support"] == 19_999
    assert [totals[name] for name in ("legal", "analyst", "content")] == [19_998] * 3
    assert sum(totals.values()) == 99_990
    assert counts["qa"] == {
        "qa": 1333,
        "support": 7466,
        "analyst": 4977,
        "content": 3733,
        "legal": 2488,
    }
    histogram: Counter[float] = Counter()
    for target, each in counts.items():
        for source, count in each.items():
            histogram[MATRIX.weights[target][source]] += count
    assert histogram == {
        1.0: 6665,
        0.8: 6222,
        0.7: 17064,
        0.6: 32855,
        0.5: 14066,
        0.4: 11617,
        0.3: 9013,
        0.2: 2488,
    }


def test_the_largest_remainders_meet_the_total_exactly() -> None:
    ask = Ask(20_000, 0.067)
    for target in AGENTS:
        assert sum(shares(target, MATRIX, AVAILABLE, ask).values()) == 20_000


def test_a_matrix_may_differ_by_direction() -> None:
    assert MATRIX.weights["qa"]["legal"] == 0.2
    assert MATRIX.weights["legal"]["qa"] == 0.3


@settings(max_examples=200, deadline=None)
@given(
    rows=st.integers(1, 5000),
    native=st.floats(0, 1),
    weights=st.lists(st.integers(1, 10), min_size=1, max_size=6),
)
def test_whatever_the_weights_no_row_is_lost_and_no_share_is_off_by_one(
    rows: int, native: float, weights: list[int]
) -> None:
    others = {f"s{i}": weight / 10 for i, weight in enumerate(weights)}
    matrix = Compatibility({"t": {"t": 1.0, **others}})
    counts = shares("t", matrix, {"t": 100, **dict.fromkeys(others, 5)}, Ask(rows, native))
    assert sum(counts.values()) == rows
    assert counts.get("t", 0) <= min(100, rows * native + 1e-9)
    rest = rows - counts.get("t", 0)
    for source, weight in others.items():
        assert abs(counts.get(source, 0) - rest * weight / sum(others.values())) < 1 + 1e-6


def test_a_target_that_nobody_may_fill_up_is_an_error() -> None:
    with pytest.raises(ArgumentsInvalid, match="no source may give the 934 rows that qa lacks"):
        shares("qa", MATRIX, {"qa": 1000}, Ask(1000, 0.066))


@pytest.mark.parametrize("ending", ["toml", "csv", "md"])
def test_a_matrix_is_read_from_each_kind_of_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"matrix.{ending}"
    if ending == "toml":
        write_toml(path, FIVE)
    else:
        write_table(path, FIVE)
    assert load_matrix(path).weights == FIVE


MATRICES: list[tuple[str, str, str]] = [
    ("m.toml", "[compatibility]\na = { a = 1, b = 0.5 }\n", "rows and columns differ: b"),
    ("m.toml", "[compatibility]\na = { a = 0.9 }\n", "a <- a: it must be 1"),
    ("m.toml", "[compatibility]\na = { a = 1, b = 1.2 }\nb = { a = 0, b = 1 }", "a <- b: a weight"),
    ("m.toml", "[compatibility]\na = { a = true }", "a <- a: a weight"),
    ("m.toml", "[other]\n", "it names no agent"),
    ("m.csv", ",a,b\na,1,nan\nb,.5,1", "a <- b: a weight"),
    ("m.csv", ",a,b\na,1\nb,.5,1", "at a: it has 1 weights for 2"),
    ("m.csv", ",a,b\na,1,.5\na,.5,1", "at a: it has 2 weights for 2"),
    ("m.md", "no table here", "there is none"),
]


@pytest.mark.parametrize(("name", "text", "told"), MATRICES)
def test_a_matrix_that_cannot_be_is_refused_with_its_cell(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigInvalid, match=told):
        load_matrix(tmp_path / name)


def test_a_file_that_is_no_matrix_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputUnreadable):
        load_matrix(tmp_path / "m.toml")


@settings(max_examples=200, deadline=None)
@given(
    count=st.integers(0, 300),
    weights=st.lists(st.sampled_from([0.0, 0.2, 0.4, 1.0]), min_size=1, max_size=30),
    start=st.integers(0, 2**64 - 1),
    data=st.data(),
)
def test_each_row_comes_as_often_as_its_weight_says(
    count: int, weights: list[float], start: int, data: st.DataObject
) -> None:
    """Weights become numbers of copies: within one of the exact share, and the total to the row."""
    ranks = data.draw(st.permutations(range(len(weights))))
    if not any(weights):
        weights[0] = 1.0
    drawn = copies(count, ranks, weights, start)
    assert sum(drawn) == count
    for often, weight in zip(drawn, weights, strict=True):
        assert abs(often - count * weight / sum(weights)) < 1 + 1e-6
        assert often == 0 or weight > 0


def test_there_is_nothing_to_draw_where_no_row_has_a_weight() -> None:
    with pytest.raises(ValueError, match="weight"):
        copies(3, [1, 2], [0.0, 0.0], 0)
