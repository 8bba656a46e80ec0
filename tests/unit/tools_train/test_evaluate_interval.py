import random

import pytest

from crewboard.tools.evaluate.interval import Scored, difference


def scored(n: int, gain: float, noise: float = 0.0) -> list[Scored]:
    """Rows of very different losses, whose pairs differ by `gain` nats a token and little else."""
    draw = random.Random(1)
    rows = []
    for line in range(1, n + 1):
        tokens, level = draw.randint(5, 50), draw.uniform(1, 8)
        tuned = level - gain + draw.uniform(-noise, noise)
        rows.append(Scored(line, tokens, level * tokens, tuned * tokens))
    return rows


def test_means_are_weighted_by_tokens() -> None:
    """F27: a row of ninety tokens counts ninety times one of a single token."""
    found = difference([Scored(1, 90, 90.0, 45.0), Scored(2, 10, 50.0, 45.0)], seed=0)
    assert (found.tokens, found.base, found.tuned) == (100, 1.4, 0.9)
    assert found.delta == pytest.approx(-0.5)


def test_pairing_makes_a_small_difference_decidable() -> None:
    found = difference(scored(40, gain=0.003, noise=0.001), seed=0)
    assert found.low < found.delta < found.high < 0


def test_no_difference_is_not_taken_for_one() -> None:
    found = difference(scored(40, gain=0.0, noise=0.5), seed=0)
    assert found.low < 0 < found.high


def test_the_interval_covers_what_it_says() -> None:
    """Of 100 samples from a known difference, about 95 intervals must hold it."""
    covered = 0
    for seed in range(100):
        draw = random.Random(seed)
        rows = [Scored(i, 10, 30.0, 30.0 + 10 * draw.gauss(-0.1, 0.3)) for i in range(60)]
        found = difference(rows, seed)
        covered += found.low <= -0.1 <= found.high
    assert 88 <= covered <= 100


def test_the_same_seed_gives_the_same_interval() -> None:
    """F26."""
    rows = scored(30, gain=0.1, noise=0.2)
    assert difference(rows, seed=3) == difference(rows, seed=3)
    assert difference(rows, seed=3) != difference(rows, seed=4)


def test_nothing_can_be_said_about_no_rows() -> None:
    with pytest.raises(ValueError, match="no rows"):
        difference([], seed=0)
