"""From the losses of rows to one difference, and how sure of it one may be."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

RESAMPLES = 2000
METHOD = (
    "token-weighted negative log-likelihood in nats over assistant tokens; delta = tuned - base, "
    f"below zero is better; 95 % paired percentile bootstrap over rows, {RESAMPLES} resamples"
)


@dataclass(frozen=True)
class Scored:
    """One row: its line from 1, how many tokens were scored, and their summed loss in nats under
    base and adapter."""

    line: int
    tokens: int
    base: float
    tuned: float


@dataclass(frozen=True)
class Difference:
    """Nats per token; `low` and `high` bound `delta` with 95 % confidence."""

    tokens: int
    base: float
    tuned: float
    delta: float
    low: float
    high: float


def difference(rows: Sequence[Scored], seed: int) -> Difference:
    """The token-weighted means, and the percentile interval of their difference under resampling of
    rows with replacement, each row keeping its pair (Efron and Tibshirani 1993, chapter 13; Koehn
    2004 for the paired form). Same rows and seed, same interval. ValueError without rows.

    Rows are taken as independent: near-duplicates among them make the interval too narrow.
    """
    if not rows:
        raise ValueError("no rows to compare")
    tokens = sum(row.tokens for row in rows)
    base, tuned = sum(row.base for row in rows) / tokens, sum(row.tuned for row in rows) / tokens
    deltas = sorted(_deltas(rows, seed))
    low, high = deltas[int(0.025 * RESAMPLES)], deltas[int(0.975 * RESAMPLES) - 1]
    return Difference(tokens, base, tuned, tuned - base, low, high)


def _deltas(rows: Sequence[Scored], seed: int) -> list[float]:
    draw = random.Random(seed)  # noqa: S311 - statistics, not secrets
    pairs = [(row.tuned - row.base, row.tokens) for row in rows]
    found = []
    for _ in range(RESAMPLES):
        sample = draw.choices(pairs, k=len(pairs))
        found.append(sum(gain for gain, _ in sample) / sum(tokens for _, tokens in sample))
    return found
