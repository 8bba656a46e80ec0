"""Clusters of near duplicates are stars, whatever rule prefers whichever row."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.dedup.copies import clusters, deduped, left_to, stayed
from unit.tools.data_rows import Row, chat, made, read_rows

pytest.importorskip("numpy")

GRAM = 5


def grams(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return (
        {tuple(words[i : i + GRAM]) for i in range(max(1, len(words) - GRAM + 1))}
        if words
        else set()
    )


def likeness(one: str, two: str) -> float:
    a, b = grams(one), grams(two)
    return len(a & b) / len(a | b) if a and b else 0.0


TEXTS = st.lists(
    st.lists(st.sampled_from([f"w{n}" for n in range(4)]), max_size=12).map(" ".join),
    min_size=2,
    max_size=16,
)


@settings(max_examples=150, deadline=None)
@given(
    texts=TEXTS,
    threshold=st.sampled_from([0.3, 0.6, 0.9]),
    rule=st.sampled_from(["first", "last", "longest", "best:n"]),
)
def test_a_row_goes_for_one_that_is_like_it_and_no_two_that_stay_are_alike(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], threshold: float, rule: str
) -> None:
    rows: list[Row] = [{"t": text, "n": len(text) * 7 % 5} for text in texts]
    outcome = deduped(
        tmp_path_factory.mktemp("near"), rows, key=["t"], near=threshold, keep=rule, policy="drop"
    )
    gone = left_to(outcome)
    for line, kept in gone.items():
        same = texts[line - 1] == texts[kept - 1]
        assert same or likeness(texts[line - 1], texts[kept - 1]) >= threshold
        assert kept not in gone
    left = [text for line, text in enumerate(texts, 1) if line not in gone]
    assert [row["t"] for row in stayed(outcome)] == left
    assert not any(
        one == two or likeness(one, two) >= threshold
        for i, one in enumerate(left)
        for two in left[:i]
    )


def chain(links: int, step: int, size: int = 40) -> list[str]:
    """Texts of which each shares all but `step` words with the one before."""
    return [" ".join(f"w{n}" for n in range(i * step, i * step + size)) for i in range(links)]


def test_a_chain_does_not_glue_its_ends_together(tmp_path: Path) -> None:
    """Every link is like its neighbours; the ends have not a word in common."""
    texts = chain(12, 4)
    assert likeness(texts[0], texts[1]) >= 0.7
    assert likeness(texts[0], texts[-1]) == 0
    outcome = deduped(tmp_path, [{"t": text} for text in texts], key=["t"], near=0.7)
    assert left_to(outcome) == {2: 1, 4: 3, 6: 5, 8: 7, 10: 9, 12: 11}
    assert outcome.measured["near"]["rows"] == 6
    assert outcome.rows is not None
    assert outcome.rows.dropped == {"near-duplicate": 6}


def test_members_tell_how_alike_they_are_to_the_row_that_stays(tmp_path: Path) -> None:
    texts = [*chain(2, 4), chain(1, 4)[0].upper(), chain(1, 4)[0]]
    outcome = deduped(tmp_path, [{"t": text} for text in texts], key=["t"], near=0.7)
    (told,) = clusters(outcome)
    assert [m.get("jaccard", m.get("same")) for m in told["members"]] == [
        round(likeness(texts[0], texts[1]), 6),
        1.0,
        "key",
    ]
    gone = read_rows(made(outcome, "dropped"))
    assert [row["reason"] for row in gone] == ["near-duplicate", "near-duplicate", "duplicate"]
    assert gone[0]["kept"]["jaccard"] == told["members"][0]["jaccard"]


def test_copies_of_a_row_that_goes_are_left_to_the_one_that_stays(tmp_path: Path) -> None:
    one, two = chain(2, 4)
    outcome = deduped(tmp_path, [{"t": t} for t in (two, one, two, one)], key=["t"], near=0.7)
    assert left_to(outcome) == {2: 1, 3: 1, 4: 1}
    weighed = deduped(
        tmp_path, [{"t": t} for t in (two, one, two, one)], "w",
        key=["t"], near=0.7, policy="keep-as-weight",
    )  # fmt: skip
    assert stayed(weighed) == [{"t": two, "weight": 4}]


COMPARED: list[tuple[str, list[Row]]] = [
    # what is compared goes with the key: system turns and other fields do not make rows alike
    ("messages", [chat("q " * 9, "a b c d e f"), chat("q " * 9, "a b c d e f.")]),
    ("answer", [chat("x", "w " * 30 + "one"), chat("something else", "w " * 30 + "two")]),
]


@pytest.mark.parametrize(("key", "rows"), COMPARED)
def test_what_is_compared_goes_with_the_key(tmp_path: Path, key: str, rows: list[Row]) -> None:
    outcome = deduped(tmp_path, rows, key=[key], near=0.3)
    assert left_to(outcome) == {2: 1}


def test_near_rows_stay_where_only_copies_were_asked_for(tmp_path: Path) -> None:
    outcome = deduped(tmp_path, [{"t": text} for text in chain(4, 1)], key=["t"])
    assert left_to(outcome) == {}
    assert "near" not in outcome.measured


def test_planted_near_copies_of_many_rows_are_found(tmp_path: Path) -> None:
    """One word in twenty replaced: every one is found, and no other row."""
    chance = random.Random(3)
    words = [f"word{n}" for n in range(4000)]
    texts = [" ".join(chance.choices(words, k=120)) for _ in range(400)]
    planted: dict[int, int] = {}
    for original in chance.sample(range(400), 60):
        copied = texts[original].split()
        copied[chance.randrange(5, 115)] = "other"
        planted[len(texts) + 1] = original + 1
        texts.append(" ".join(copied))
    rows: list[Any] = [chat("Say it.", text) for text in texts]
    assert left_to(deduped(tmp_path, rows, near=0.7)) == planted
