"""Which rows are drawn, and how often: seeded, and the same whatever the order of the file.

No trainer and no provider applies a fraction as the weight of a row, so weights become numbers of
copies here: a row of weight .4 comes .4 times as often as one of weight 1.
"""

import hashlib
import math
from collections.abc import Sequence

_UNIT = 2.0**64


def rank(seed: int, where: str, key: bytes) -> int:
    """A row's place in the lottery of `where`: 64 bits of a hash of the seed, the place and its key."""
    told = b"expand:%d:%s:" % (seed, where.encode())
    return int.from_bytes(hashlib.blake2b(told + key, digest_size=8).digest(), "big")


def copies(count: int, ranks: Sequence[int], weights: Sequence[float], start: int) -> list[int]:
    """How often each row comes, `count` in all: systematic sampling in the order of rank.

    Each number is the row's exact share, rounded up or down; `start` (64 bits) moves the grid. Rows of
    weight 0 do not come; ValueError when there is no other.
    """
    total = math.fsum(weights)
    if count and not total:
        raise ValueError("no row has a weight above 0")
    drawn = [0] * len(ranks)
    offset, passed, taken = start / _UNIT, 0.0, 0
    order = [i for i in sorted(range(len(ranks)), key=lambda i: (ranks[i], i)) if weights[i] > 0]
    for i in order:
        passed += weights[i]
        upto = min(count, math.floor(count * (passed / total) + offset))
        drawn[i] = upto - taken
        taken = upto
    if order:
        drawn[order[-1]] += count - taken
    return drawn
