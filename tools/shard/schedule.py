"""The mixture, made concrete: which sequence of which source comes when.

No trainer heeds a weight beside a sequence, so weights become numbers of entries. Sequences are drawn by
the hash of the seed, their source and their number.
"""

import hashlib
from dataclasses import dataclass
from fractions import Fraction

from crewboard.tools.mix.quota import Recipe, quotas


@dataclass(frozen=True)
class Schedule:
    """`entries` are (source, sequence), both numbers from 0, in order; `counts` how many each source has."""

    entries: list[tuple[int, int]]
    counts: list[int]


def schedule(
    names: tuple[str, ...],
    sequences: list[int],
    weights: tuple[float, ...],
    passes: float,
    seed: int,
) -> Schedule:
    """Without `weights` every sequence comes once; with them, as many as the scarcest source allows."""
    counts = list(sequences)
    if weights:
        recipe = Recipe(weights, oversample=(passes,) * len(names))
        counts = quotas(recipe, sequences)
    lots: list[tuple[int, int, int]] = []
    for source, (name, have, count) in enumerate(zip(names, sequences, counts, strict=True)):
        each, more = divmod(count, have) if have else (0, 0)
        drawn = sorted((_lot(seed, name, n, 0), n) for n in range(have))
        for place, (_, number) in enumerate(drawn):
            times = each + (place < more)
            lots += [(_lot(seed, name, number, copy + 1), source, number) for copy in range(times)]
    return Schedule([(source, number) for _, source, number in sorted(lots)], counts)


def by_size(sequences: list[int]) -> list[float]:
    total = sum(sequences)
    return [float(Fraction(n, total)) if total else 0.0 for n in sequences]


def _lot(seed: int, name: str, number: int, copy: int) -> int:
    told = b"shard:%d:%s:%d:%d" % (seed, name.encode(), number, copy)
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big")
