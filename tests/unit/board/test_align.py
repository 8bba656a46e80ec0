"""Sequences against each other."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crewboard.coordination.board.merging.align import align, rising, weave

LETTERS = st.lists(st.sampled_from("abcde"), max_size=14)


@given(st.lists(st.integers(0, 20), max_size=12))
def test_a_rising_chain_rises_and_is_not_shorter_than_any_greedy_one(values: list[int]) -> None:
    chain = [values[n] for n in rising(values)]
    assert all(one < other for one, other in pairwise(chain))
    greedy: list[int] = []
    for value in values:
        if not greedy or value > greedy[-1]:
            greedy.append(value)
    assert len(chain) >= len(greedy)


@given(LETTERS, LETTERS)
def test_pairs_hold_the_same_and_rise_on_both_sides(one: list[str], other: list[str]) -> None:
    pairs = align(one, other)
    assert all(one[n] == other[m] for n, m in pairs)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))


def test_what_is_unique_is_found_though_most_repeats() -> None:
    one = ["", "x", "", "", "y", ""]
    assert [one[n] for n, _ in align(one, ["", "y", "", "", "z"])] == ["", "y", ""]


def test_what_holds_nothing_unique_is_aligned_by_the_table() -> None:
    assert align([*"abab"], [*"bbaa"]) in ([(1, 0), (2, 2)], [(1, 1), (2, 2)], [(1, 0), (3, 1)])


def test_a_long_stretch_without_anything_unique_counts_as_rewritten() -> None:
    assert align(["a", "b"] * 200, ["b", "b", "a", "a"] * 100) == []


@given(LETTERS, LETTERS, LETTERS)
def test_woven_sides_hold_all_that_either_added_and_nothing_that_either_took(
    base: list[str], ours: list[str], theirs: list[str]
) -> None:
    slots = [*weave(base, ours, theirs)]
    added = (
        sum(s.ours.end - s.ours.start for s in slots),
        sum(s.theirs.end - s.theirs.start for s in slots),
    )
    assert added == (len(ours) - len(align(base, ours)), len(theirs) - len(align(base, theirs)))
    kept = {s.at for s in slots if s.kept}
    assert kept == {n for n, _ in align(base, ours)} & {n for n, _ in align(base, theirs)}
