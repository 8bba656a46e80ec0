"""The grams by which a text is looked up: its rarest ones.

If two sets overlap to a share t (Jaccard), they have at least ceil(t * n) grams in common for the n of
either. So in any order of all grams the first n - ceil(t * n) + 1 of each set hold a common one
(Bayardo, Ma, Srikant, "Scaling up all pairs similarity search", WWW 2007). With the rarest first, most
of these occur in one text only, and are dropped: what is left is short, and misses no pair.
"""

from dataclasses import dataclass
from typing import Any

from crewboard.tools.near.arrays import load_numpy
from crewboard.tools.near.frequency import Frequency

_COUNT_BITS, _HASH_BITS = 8, 44
_MOST_TEXTS = 1 << 64 - _COUNT_BITS - _HASH_BITS
_SEVERAL = 2


@dataclass(frozen=True)
class Same:
    """Text `number` has the very grams of `first`."""

    number: int
    first: int


class Prefixes:
    """Postings (gram, text) of all texts, and texts whose grams are those of an earlier one.

    Memory: 12 bytes a posting, some 150 bytes a text.
    """

    def __init__(self, threshold: float, frequency: Frequency) -> None:
        np = self._np = load_numpy("finding near duplicates")
        self._threshold, self._frequency = threshold, frequency
        self._low = np.uint64((1 << _HASH_BITS) - 1)
        self._grams: list[Any] = []
        self._texts: list[Any] = []
        self._seen: dict[tuple[int, int], int] = {}
        self.same: list[Same] = []
        self.sizes: dict[int, int] = {}
        """Different grams of each text that is compared."""

    def add(self, numbers: Any, grams: Any, sizes: Any) -> None:
        """Texts with their grams: `sizes[n]` of them, at least one, belong to text `numbers[n]`."""
        for at in range(0, len(numbers), _MOST_TEXTS):
            few = slice(at, at + _MOST_TEXTS)
            begin, count = int(sizes[:at].sum()), int(sizes[few].sum())
            self._add(numbers[few], grams[begin : begin + count], sizes[few])

    def _add(self, numbers: Any, grams: Any, sizes: Any) -> None:
        np = self._np
        keys = np.repeat(np.arange(len(numbers), dtype=np.uint64), sizes)
        keys <<= np.uint64(_COUNT_BITS + _HASH_BITS)
        keys |= self._frequency.of(grams) << np.uint64(_HASH_BITS)
        keys |= grams & self._low
        keys.sort()
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
        rows = (keys >> np.uint64(_COUNT_BITS + _HASH_BITS)).astype(np.int64)
        begins = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
        kept = np.diff(np.append(begins, len(keys)))
        reach = kept - np.ceil(kept * self._threshold - 1e-9).astype(np.int64) + 1
        reach[~self._fresh(numbers.tolist(), keys, begins, kept)] = 0
        place = np.arange(len(keys)) - np.repeat(begins, kept)
        chosen = np.flatnonzero(place < np.repeat(reach, kept))
        counts = (keys[chosen] >> np.uint64(_HASH_BITS)) & np.uint64((1 << _COUNT_BITS) - 1)
        chosen = chosen[counts >= _SEVERAL]
        self._grams.append(keys[chosen] & self._low)
        self._texts.append(numbers[rows[chosen]].astype(np.uint32))

    def _fresh(self, numbers: list[int], keys: Any, begins: Any, kept: Any) -> Any:
        """Which texts have grams that no earlier text has exactly."""
        np = self._np
        mixed = (keys & self._low) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(31)
        sums = np.add.reduceat(mixed * mixed, begins)
        fresh = np.ones(len(numbers), bool)
        for n, told in enumerate(zip(kept.tolist(), sums.tolist(), strict=True)):
            first = self._seen.setdefault(told, numbers[n])
            if first == numbers[n]:
                self.sizes[first] = told[0]
            else:
                fresh[n] = False
                self.same.append(Same(numbers[n], first))
        return fresh

    def postings(self) -> tuple[Any, Any]:
        """All grams and their texts, sorted by gram and then by text; they are handed over."""
        np = self._np
        grams = np.concatenate([np.empty(0, np.uint64), *self._grams])
        texts = np.concatenate([np.empty(0, np.uint32), *self._texts])
        self._grams, self._texts = [], []
        order = np.argsort(grams, kind="stable")  # texts come in order already
        return grams[order], texts[order]
