"""How many rows of each cell: checked against all that there could be, for small tables."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewboard.tools.rebalance.flow import Place, Table, filled
from crewboard.tools.rebalance.solve import Puzzle, bounds, largest, smallest, solved

EVEN = (Fraction(1),)


def shares(*percent: int) -> list[Fraction]:
    return [Fraction(each, sum(percent)) for each in percent]


def column(have: list[int], percent: list[int], tolerance: str = "0", times: int = 1) -> Puzzle:
    """One axis; each row may stand `times` times, and must stay where that is more than once."""
    seed = {(i, 0): rows for i, rows in enumerate(have)}
    cells = {at: (0 if times == 1 else rows, times * rows) for at, rows in seed.items()}
    return Puzzle((shares(*percent), EVEN), cells, seed, Fraction(tolerance))


def test_the_scarcest_label_decides_how_many_rows_there_are() -> None:
    """F21: 798 easy, 535 medium and 100 hard towards 30/45/25."""
    puzzle = column([798, 535, 100], [30, 45, 25])
    total = largest(puzzle)
    assert total == 403  # 100 is a quarter of 400, and 100.75 of 403 rounded down
    assert solved(puzzle, total) == {(0, 0): 121, (1, 0): 182, (2, 0): 100}


def test_a_tolerance_keeps_more_rows_and_no_share_is_beyond_it() -> None:
    puzzle = column([798, 535, 100], [30, 45, 25], "0.05")
    total = largest(puzzle)
    found = solved(puzzle, total)
    assert total == 500  # of which 100 are the 20 % that are the least
    assert found is not None
    assert sum(found.values()) == 500
    assert all(
        abs(Fraction(rows, total) - share) <= Fraction("0.05")
        for rows, share in zip(found.values(), shares(30, 45, 25), strict=True)
    )


def test_rounding_takes_no_share_beyond_a_tolerance() -> None:
    """10 rows of hard are 23.8 % of 42, and of 41 no whole number is 44 to 46 %."""
    assert largest(column([60, 30, 10], [30, 45, 25], "0.01")) == 40


def test_as_near_to_the_shares_as_the_number_of_rows_allows() -> None:
    """With 400 rows nothing has to be off, whatever the tolerance."""
    found = solved(column([798, 535, 100], [30, 45, 25], "0.05"), 400)
    assert found == {(0, 0): 120, (1, 0): 180, (2, 0): 100}


def test_repeating_rows_stops_where_the_largest_label_has_its_share() -> None:
    puzzle = column([600, 300, 100], [30, 45, 25], times=6)
    total = smallest(puzzle, 6000)
    assert total is not None
    found = solved(puzzle, total)
    assert found is not None
    assert found[0, 0] == 600
    assert abs(total - 2000) <= 3
    assert smallest(column([600, 300, 100], [30, 45, 25], times=3), 3000) is None


def test_two_axes_are_met_at_once_and_go_on_belonging_together() -> None:
    have = {(0, 0): 50, (0, 1): 10, (1, 0): 10, (1, 1): 50}
    cells = {place: (0, rows) for place, rows in have.items()}
    puzzle = Puzzle((shares(50, 50), shares(50, 50)), cells, have)
    assert largest(puzzle) == 120
    found = solved(puzzle, 60)
    assert found is not None
    assert found == {(0, 0): 25, (0, 1): 5, (1, 0): 5, (1, 1): 25}


def test_axes_that_contradict_each_other_leave_nothing() -> None:
    """All of one label have one other: half of this and a quarter of that cannot be."""
    have = {(0, 0): 50, (1, 1): 50}
    puzzle = Puzzle((shares(50, 50), shares(25, 75)), dict.fromkeys(have, (0, 50)), have)
    assert largest(puzzle) == 3  # what rounding alone allows


def _all_tables(puzzle: Puzzle) -> dict[int, dict[Place, int]]:
    """By total, one table that meets the shares; by trying everything."""
    found: dict[int, dict[Place, int]] = {}
    places = list(puzzle.cells)
    ranges = [range(low, high + 1) for low, high in puzzle.cells.values()]
    for values in product(*ranges):
        table = dict(zip(places, values, strict=True))
        total = sum(values)
        if total and all(
            _meets(puzzle, side, at, share, table)
            for side in (0, 1)
            for at, share in enumerate(puzzle.shares[side])
        ):
            found[total] = table
    return found


def _meets(puzzle: Puzzle, side: int, at: int, share: Fraction, table: dict[Place, int]) -> bool:
    rows = sum(value for place, value in table.items() if place[side] == at)
    low, high = bounds(share, sum(table.values()), puzzle.tolerance)
    return low <= rows <= high


SMALL = st.tuples(
    st.lists(st.integers(0, 4), min_size=4, max_size=4),
    st.lists(st.integers(1, 5), min_size=4, max_size=4),
)


@given(SMALL)
def test_a_table_is_found_exactly_where_there_is_one(drawn: tuple[list[int], list[int]]) -> None:
    have, percent = drawn
    seed = dict(zip(product((0, 1), (0, 1)), have, strict=True))
    cells = {place: (0, rows) for place, rows in seed.items()}
    puzzle = Puzzle((shares(*percent[:2]), shares(*percent[2:])), cells, seed)
    possible = _all_tables(puzzle)
    for total in range(1, sum(have) + 1):
        found = solved(puzzle, total)
        assert (found is not None) == (total in possible)
        if found is not None:
            assert sum(found.values()) == total
            assert all(0 <= rows <= seed[place] for place, rows in found.items())
            assert all(
                _meets(puzzle, side, at, share, found)
                for side in (0, 1)
                for at, share in enumerate(puzzle.shares[side])
            )


@given(st.lists(st.integers(1, 30), min_size=2, max_size=4), st.data())
def test_the_largest_of_one_axis_is_the_largest(have: list[int], data: st.DataObject) -> None:
    percent = data.draw(st.lists(st.integers(1, 9), min_size=len(have), max_size=len(have)))
    puzzle = column(have, percent)
    total = largest(puzzle)
    assert solved(puzzle, total) is not None
    assert all(solved(puzzle, more) is None for more in range(total + 1, sum(have) + 1))


SIX = st.lists(st.integers(0, 9), min_size=6, max_size=6)


@given(SIX, SIX)
def test_a_flow_keeps_its_bounds(low: list[int], more: list[int]) -> None:
    places = list(product(range(2), range(3)))
    cells = {p: (a, a + b) for p, a, b in zip(places, low, more, strict=True)}
    wanted = {p: a + b // 2 for p, a, b in zip(places, low, more, strict=True)}
    rows = [sum(v for p, v in wanted.items() if p[0] == i) for i in range(2)]
    columns = [sum(v for p, v in wanted.items() if p[1] == j) for j in range(3)]
    total = sum(rows)
    found = filled(Table([(r, r) for r in rows], [(c, c) for c in columns], cells), total)
    assert found is not None
    assert [sum(v for p, v in found.items() if p[0] == i) for i in range(2)] == rows
    assert [sum(v for p, v in found.items() if p[1] == j) for j in range(3)] == columns
    assert all(cells[p][0] <= value <= cells[p][1] for p, value in found.items())
    assert (
        filled(Table([(r, r) for r in rows], [(c, c) for c in columns], cells), total + 1) is None
    )


@pytest.mark.parametrize("scale", [100, 1_000_000])
def test_size_does_not_matter(scale: int) -> None:
    puzzle = column([3 * scale, 5 * scale, scale], [30, 45, 25], "0.01")
    found = solved(puzzle, largest(puzzle))
    assert found is not None
    assert found[2, 0] == scale
