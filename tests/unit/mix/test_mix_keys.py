"""Keys in 256 parts behave as one sorted list."""

from hypothesis import given
from hypothesis import strategies as st

from crewboard.tools.mix.keys import Keys, repeated, shared

KEY = st.one_of(st.integers(0, 2**64 - 1), st.sampled_from([0, 1, 1 << 56, 2**64 - 1]))
MANY = st.lists(KEY, max_size=60)


@given(MANY, st.integers(0, 60))
def test_the_lowest_are_taken_and_no_more(keys: list[int], count: int) -> None:
    count = min(count, len(keys))
    lottery = Keys(keys).lowest(count)
    assert sorted(key for key in keys if lottery.takes(key)) == sorted(keys)[:count]


@given(MANY)
def test_counts_are_those_of_a_set(keys: list[int]) -> None:
    held = Keys(keys)
    assert (len(held), held.distinct()) == (len(keys), len(set(keys)))
    assert held.checksum == Keys(reversed(keys)).checksum


@given(st.lists(MANY, min_size=2, max_size=4))
def test_what_sources_share_is_what_their_sets_share(sources: list[list[int]]) -> None:
    held = [Keys(keys) for keys in sources]
    every = [key for keys in sources for key in keys]
    assert list(repeated(held)) == sorted({key for key in every if every.count(key) > 1})
    expected = {
        (a, b): len(set(sources[a]) & set(sources[b]))
        for a in range(len(sources))
        for b in range(a + 1, len(sources))
    }
    assert shared(held) == {pair: n for pair, n in expected.items() if n}
