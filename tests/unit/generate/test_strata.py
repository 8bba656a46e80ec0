from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewboard.tools.generate.strata import Axis, by_axis, cells

AGENTS: Axis = ("agent", dict.fromkeys(("a", "b", "c", "d", "e"), Fraction(1)))
DIFFICULTY: Axis = (
    "difficulty",
    {"easy": Fraction(30), "medium": Fraction(45), "hard": Fraction(25)},
)
CATEGORIES: Axis = ("category", {f"c{n}": Fraction(1) for n in range(7)})


def test_the_quotas_of_6665_rows_are_exact_along_every_axis() -> None:
    """F21: 30/45/25 over five agents of 1,333 rows, seven categories crossed in."""
    plan = cells(6665, (AGENTS, DIFFICULTY, CATEGORIES))
    got = by_axis({cell.name: cell.quota for cell in plan}, plan)
    assert set(got["agent"].values()) == {1333}
    assert got["difficulty"] == {"easy": 2000, "medium": 2999, "hard": 1666}
    assert sorted(got["category"].values()) == [952, 952, 952, 952, 952, 952, 953]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (1, {"easy": 0, "medium": 1, "hard": 0}),  # the largest remainder
        (4, {"easy": 1, "medium": 2, "hard": 1}),
        (100, {"easy": 30, "medium": 45, "hard": 25}),
    ],
)
def test_small_totals_go_to_the_largest_remainders(rows: int, expected: dict[str, int]) -> None:
    plan = cells(rows, (DIFFICULTY,))
    counted = {cell.name: cell.quota for cell in plan}
    assert {label: counted.get(label, 0) for label in expected} == expected


def test_without_axes_there_is_one_stratum_of_all() -> None:
    (cell,) = cells(7, ())
    assert (cell.name, cell.quota) == ("all", 7)


@given(
    st.integers(1, 5000),
    st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=5), min_size=1, max_size=3),
)
def test_quotas_always_add_up_and_no_label_drifts_by_more_than_a_row(
    rows: int, weights: list[list[int]]
) -> None:
    axes = tuple(
        (f"x{i}", {f"{i}-{j}": Fraction(w) for j, w in enumerate(each)})
        for i, each in enumerate(weights)
    )
    plan = cells(rows, axes)
    assert sum(cell.quota for cell in plan) == rows
    assert all(cell.quota >= 0 for cell in plan)
    first = by_axis({cell.name: cell.quota for cell in plan}, plan)["x0"]
    whole = sum(weights[0])
    for j, weight in enumerate(weights[0]):
        assert abs(first.get(f"0-{j}", 0) - Fraction(rows * weight, whole)) < 1
