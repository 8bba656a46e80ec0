"""The engine against what a person would write: all pairs, set by set."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crewboard.tools.audit.keys import hash64

pytest.importorskip("numpy")

from crewboard.tools.near import (
    CROWD,
    GRAM,
    LONGEST,
    GramPart,
    Grams,
    GramWriter,
    Near,
    near_pairs,
)


def written(path: Path, texts: Sequence[str]) -> GramPart:
    with path.open("wb") as file:
        writer = GramWriter(file, hash64())
        for text in texts:
            writer.add(text.encode())
        writer.flush()
    return GramPart(path, writer.sizes)


def near(folder: Path, texts: Sequence[str], threshold: float = 0.7, **more: object) -> Near:
    grams = Grams([written(folder / "grams", texts)])
    return near_pairs(grams, threshold, **more)  # type: ignore[arg-type]


def sets(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return (
        {tuple(words[i : i + GRAM]) for i in range(max(1, len(words) - GRAM + 1))}
        if words
        else set()
    )


def brute(texts: Sequence[str], threshold: float) -> dict[tuple[int, int], float]:
    found = {}
    for (i, a), (j, b) in combinations(enumerate(map(sets, texts)), 2):
        if a and b and len(a & b) / len(a | b) >= threshold:
            found[i, j] = len(a & b) / len(a | b)
    return found


WORDS = [f"w{n}" for n in range(12)] + ["a-much-longer-word-than-eight", "x" * 70, "x" * 71]
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join), min_size=2, max_size=14
)


@settings(max_examples=250, deadline=None)
@given(texts=TEXTS, threshold=st.sampled_from([0.5, 0.7, 0.9, 1.0]))
def test_all_pairs_are_found_and_no_others(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], threshold: float
) -> None:
    """But for texts with the very same grams: each of these is told with the first of them only."""
    found = near(tmp_path_factory.mktemp("near"), texts, threshold)
    told = {(pair.first, pair.second): pair.jaccard for pair in found.pairs}
    true = brute(texts, threshold)
    first = {
        i: min(j for j in range(len(texts)) if sets(texts[j]) == sets(texts[i]))
        for i in range(len(texts))
    }
    wanted = {
        (i, j): share
        for (i, j), share in true.items()
        if (first[i], first[j]) == (i, j) or first[j] == i
    }
    assert told == pytest.approx(wanted)


def test_case_and_spacing_are_no_difference(tmp_path: Path) -> None:
    texts = [
        "One two  three\nfour five six",
        "one TWO three four\tfive six",
        "something else at all it is",
    ]
    assert [(p.first, p.second, p.jaccard) for p in near(tmp_path, texts).pairs] == [(0, 1, 1.0)]


def test_texts_of_fewer_than_five_words_are_compared_as_wholes(tmp_path: Path) -> None:
    texts = ["yes", "no", "Yes", "", "one two three", "one two four", "one  two three"]
    assert [(p.first, p.second) for p in near(tmp_path, texts).pairs] == [(0, 2), (4, 6)]


def test_texts_may_be_left_out_and_sides_compared(tmp_path: Path) -> None:
    texts = [f"the same six words each time {n}" for n in (1, 1, 1, 2)]
    pairs = [(p.first, p.second) for p in near(tmp_path, texts, 0.5, without={1}).pairs]
    assert pairs == [(0, 2), (0, 3)]
    assert [(p.first, p.second) for p in near(tmp_path, texts, 0.5, split=3).pairs] == [(0, 3)]


def test_parts_are_numbered_on(tmp_path: Path) -> None:
    one = written(tmp_path / "one", ["a b c d e f", "other words stand in this one"])
    two = written(tmp_path / "two", ["", "a b c d e f"])
    assert [(p.first, p.second) for p in near_pairs(Grams([one, two])).pairs] == [(0, 3)]


def test_a_crowd_is_named_and_all_of_it_is_told_with_its_neighbours(tmp_path: Path) -> None:
    crowd = [f"{'the same long beginning of all of them ' * 3} n{n}" for n in range(CROWD + 40)]
    found = near(tmp_path, crowd)
    assert found.crowded > 0
    assert {pair.second for pair in found.pairs} == set(range(1, len(crowd)))


def test_no_text_makes_no_pair(tmp_path: Path) -> None:
    assert near(tmp_path, []).pairs == []
    assert near(tmp_path, ["", " \n"]).pairs == []


def test_a_very_long_text_is_compared_by_its_beginning(tmp_path: Path) -> None:
    long = " ".join(f"w{n}" for n in range(200_000))
    assert len(long) > LONGEST
    found = near(tmp_path, [long, long + " and an end"])
    assert [(p.first, p.second) for p in found.pairs] == [(0, 1)]
