"""Word 5-grams of many texts at once, as 64-bit hashes.

A word is what ASCII white space parts, in lower case (of ASCII letters). Words of up to eight bytes are
taken as the number that their bytes are, longer ones eight bytes at a time, and beyond 64 bytes by a
hash of their own; a 5-gram's hash is a weighted sum of its words' mixed numbers. A text of fewer than
five words is one shorter gram. Two different grams share a hash once in 2**64 pairs, unless somebody
forges them.
"""

from collections.abc import Callable, Sequence
from typing import Any

from crewboard.tools.near.arrays import load_numpy

GRAM = 5
LONGEST = 1 << 20
"""Bytes of a text that are looked at; what follows is not compared."""
_EIGHT, _LONG = 8, 64
_ODD = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_BLANK = 32


class Shingler:
    """`grams` of a few dozen texts at a time: then all that is made of them stays in the cache."""

    def __init__(self, hash64: Callable[[bytes], int]) -> None:
        np = self._np = load_numpy("finding near duplicates")
        self._hash = hash64
        self._masks = np.array([(1 << 8 * n) - 1 for n in range(_EIGHT + 1)], np.uint64)
        self._weights = [np.uint64(pow(_ODD[1], n + 1, 1 << 64)) for n in range(GRAM)]

    def grams(self, texts: Sequence[bytes]) -> tuple[Any, list[int]]:
        """The hashes of all grams, in the order of the texts, and how many each text has."""
        np = self._np
        data = b"\n" + b"\n".join(text[:LONGEST] for text in texts).lower() + b"\n"
        blank = np.frombuffer(data, np.uint8) <= _BLANK
        edges = np.flatnonzero(blank[1:] != blank[:-1]) + 1
        starts, ends = edges[::2], edges[1::2]
        words = self._words(data + bytes(_EIGHT), starts, ends)
        ends_of_texts = np.cumsum([min(len(text), LONGEST) + 1 for text in texts])
        counts = np.diff(np.searchsorted(starts, ends_of_texts), prepend=0)
        return self._joined(words, counts)

    def _words(self, data: bytes, starts: Any, ends: Any) -> Any:
        np = self._np
        eights = np.ndarray((len(data) - _EIGHT + 1,), "<u8", data, strides=(1,))
        sizes = ends - starts
        words = self._mixed(eights[starts] & self._masks[np.minimum(sizes, _EIGHT)])
        longer = np.flatnonzero(sizes > _EIGHT)
        done = _EIGHT
        while len(longer) and done < _LONG:
            rest = sizes[longer] - done
            part = eights[starts[longer] + done] & self._masks[np.minimum(rest, _EIGHT)]
            words[longer] = self._mixed(words[longer] + part)
            longer, done = longer[rest > _EIGHT], done + _EIGHT
        for at in longer.tolist():
            words[at] = self._hash(data[starts[at] : ends[at]])
        return words

    def _mixed(self, values: Any) -> Any:
        np = self._np
        values = values * np.uint64(_ODD[0])
        values ^= values >> np.uint64(32)
        values *= np.uint64(_ODD[2])
        values ^= values >> np.uint64(29)
        return values

    def _joined(self, words: Any, counts: Any) -> tuple[Any, list[int]]:
        np = self._np
        if len(words) < GRAM:
            return self._one_by_one(words, counts)
        last = len(words) - GRAM + 1
        hashes = words[:last] * self._weights[0]
        for n, weight in enumerate(self._weights[1:], 1):
            hashes += words[n : n + last] * weight
        if counts.min() < GRAM:
            return self._one_by_one(words, counts, hashes)
        wanted = np.ones(last, bool)
        for n in range(1, GRAM):  # what begins in a text's last four words reaches into the next
            wanted[np.cumsum(counts)[:-1] - n] = False
        return self._mixed(hashes[wanted]), (counts - GRAM + 1).tolist()

    def _one_by_one(self, words: Any, counts: Any, hashes: Any = None) -> tuple[Any, list[int]]:
        """Where a text has fewer than five words."""
        np = self._np
        found, sizes, at = [], [], 0
        for count in counts.tolist():
            if count >= GRAM:
                found.append(hashes[at : at + count - GRAM + 1])
            elif count:
                weights = np.array(self._weights[:count])
                found.append((words[at : at + count] * weights).sum(keepdims=True))
            sizes.append(max(count - GRAM + 1, min(count, 1)))
            at += count
        joined = np.concatenate([np.empty(0, np.uint64), *found])
        return self._mixed(joined), sizes
