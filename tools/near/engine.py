"""From grams to pairs: count them, look texts up by their rarest, verify what shares one.

No pair at or above the threshold is missed, and none below it is told, but for two limits that the
result names: of more than `CROWD` texts that share one rare gram, each is compared with its
neighbours only (`crowded`), and texts are compared by their first mebibyte.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from crewboard.tools.near.arrays import load_numpy
from crewboard.tools.near.frequency import Frequency
from crewboard.tools.near.gramfile import Grams
from crewboard.tools.near.prefixes import Prefixes, Same

CROWD = 64


@dataclass(frozen=True)
class NearPair:
    """Two texts, the earlier number first, and the Jaccard index of their sets of grams."""

    first: int
    second: int
    jaccard: float


@dataclass(frozen=True)
class Near:
    """`pairs` in order. Of texts with the very same grams only the first is compared with others;
    each is paired with it. `candidates` pairs were verified; `crowded` postings had more neighbours
    than were looked at."""

    pairs: list[NearPair]
    texts: int
    candidates: int
    crowded: int


def near_pairs(
    grams: Grams, threshold: float = 0.7, without: Container[int] = (), split: int | None = None
) -> Near:
    """All pairs of texts with a Jaccard index of `threshold` or more.

    Texts in `without`, and those without a word, are left out. With `split` only pairs of a number
    below it and one from it on are looked for.
    """
    frequency = Frequency(grams.total)
    for batch in grams.batches():
        if len(batch.grams):
            frequency.add(batch.grams)
    prefixes = Prefixes(threshold, frequency)
    for numbers, values, sizes in _compared(grams, without):
        prefixes.add(numbers, values, sizes)
    del frequency
    candidates, crowded = _candidates(prefixes, threshold, split)
    pairs = [NearPair(s.first, s.number, 1.0) for s in prefixes.same if _across(s, split)]
    pairs += _verified(grams, candidates.tolist(), threshold)
    pairs.sort(key=lambda pair: (pair.first, pair.second))
    return Near(pairs, grams.texts, len(candidates), crowded)


def _compared(grams: Grams, without: Container[int]) -> Iterator[tuple[Any, Any, Any]]:
    np = load_numpy("finding near duplicates")
    for batch in grams.batches():
        numbers = np.arange(batch.first, batch.first + len(batch.sizes))
        wanted = np.array([n not in without for n in numbers.tolist()], bool) & (batch.sizes > 0)
        if wanted.all():
            yield numbers, batch.grams, batch.sizes
        elif wanted.any():
            yield numbers[wanted], batch.grams[np.repeat(wanted, batch.sizes)], batch.sizes[wanted]


def _across(same: Same, split: int | None) -> bool:
    return split is None or (same.first < split <= same.number)


def _candidates(prefixes: Prefixes, threshold: float, split: int | None) -> tuple[Any, int]:
    """Pairs of texts that share a posting and whose sizes allow the threshold, and how many postings
    were crowded."""
    np = load_numpy("finding near duplicates")
    grams, texts = prefixes.postings()
    sizes = np.zeros(max(prefixes.sizes, default=0) + 1)
    sizes[list(prefixes.sizes)] = list(prefixes.sizes.values())
    found, crowded = [np.empty(0, np.uint64)], 0
    for apart in range(1, CROWD + 1):
        same = grams[apart:] == grams[:-apart]
        if not same.any():
            break
        one, two = texts[:-apart][same], texts[apart:][same]
        fits = np.minimum(sizes[one], sizes[two]) >= threshold * np.maximum(sizes[one], sizes[two])
        if split is not None:
            fits &= (one < split) & (two >= split)
        packed = (one[fits].astype(np.uint64) << np.uint64(32)) | two[fits]
        found.append(np.unique(packed))
        crowded = int(np.count_nonzero(same)) if apart == CROWD else 0
    pairs = np.unique(np.concatenate(found))
    return np.stack([pairs >> np.uint64(32), pairs & np.uint64((1 << 32) - 1)], axis=1), crowded


def _verified(grams: Grams, candidates: list[list[int]], threshold: float) -> Iterator[NearPair]:
    """Those of the candidates, which come sorted, that reach the threshold."""
    np = load_numpy("finding near duplicates")
    held, number = np.empty(0, np.uint64), -1
    for one, two in candidates:
        if one != number:
            held, number = np.unique(grams.of(one)), one
        other = np.unique(grams.of(two))
        together = np.sort(np.concatenate([held, other]))
        common = int(np.count_nonzero(together[1:] == together[:-1]))
        jaccard = common / (len(together) - common)
        if jaccard >= threshold:
            yield NearPair(one, two, jaccard)
