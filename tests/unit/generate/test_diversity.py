from random import Random

import pytest

from crewboard.tools.generate.diversity import Seen

WORDS = [f"w{n}" for n in range(4000)]


def _text(dice: Random, words: int = 60) -> str:
    return " ".join(dice.choices(WORDS, k=words))


def _edited(text: str, dice: Random, changes: int) -> str:
    words = text.split()
    for place in dice.sample(range(len(words)), changes):
        words[place] = f"new{place}"
    return " ".join(words)


def _jaccard(a: str, b: str) -> float:
    def threes(text: str) -> set[tuple[str, ...]]:
        words = text.split()
        return set(zip(words, words[1:], words[2:], strict=False))

    mine, theirs = threes(a), threes(b)
    return len(mine & theirs) / len(mine | theirs)


def test_the_same_words_are_a_duplicate_whatever_case_and_marks() -> None:
    seen = Seen(0.8)
    assert seen.add("One two three, four.") is None
    assert seen.add("one TWO three -- four") == "duplicate"
    assert len(seen) == 1


@pytest.mark.parametrize("near", [0.6, 0.8, 0.9])
def test_what_the_index_says_is_what_comparing_everything_says(near: float) -> None:
    """Near copies of 1 to 6 changed words among 400 texts, judged against exact Jaccard."""
    dice, seen = Random(7), Seen(near)
    kept = [_text(dice) for _ in range(400)]
    assert all(seen.add(text) is None for text in kept)
    wrong = 0
    for number, text in enumerate(kept):
        copy = _edited(text, dice, 1 + number % 6)
        truly = _jaccard(text, copy) >= near
        found = seen.add(copy) is not None
        assert truly or not found  # never a false alarm
        wrong += truly and not found
    assert wrong <= 2


def test_at_a_threshold_of_one_only_copies_count() -> None:
    dice, seen = Random(7), Seen(1.0)
    text = _text(dice)
    assert seen.add(text) is None
    assert seen.add(_edited(text, dice, 1)) is None
    assert seen.add(text) == "duplicate"


def test_short_texts_and_a_common_frame_are_no_obstacle() -> None:
    seen = Seen(0.8)
    assert seen.add("yes") is None
    assert seen.add("no") is None
    assert seen.add("") is None
    frame = " ".join(f"frame{n}" for n in range(20))
    dice = Random(1)
    assert [seen.add(f"{frame} {_text(dice)}") for _ in range(400)] == [None] * 400
    again = f"{frame} {_text(dice)}"
    assert seen.add(again) is None
    assert seen.add(f"{again} extra") == "near-duplicate"
