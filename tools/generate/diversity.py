"""Is a text nearly one that we have? An index that grows while rows come in.

Texts are compared by the share of word trigrams that they have in common (Jaccard). To find whom to
compare with, each text is known by its 16 smallest trigram hashes, a bottom-k sketch (Broder 1997). Two
texts with a Jaccard index of j share about 16 j of them; whoever shares half of what the threshold leads
one to expect is compared exactly. So no pair is called near that is not; now and then one is missed.
"""

import re
from array import array
from collections import Counter
from hashlib import blake2b
from itertools import chain
from zlib import crc32

_SKETCH = 16
_CROWDED = 200  # texts under one hash; a phrase that common tells nothing
_MASK = (1 << 64) - 1
_WORDS = re.compile(r"\w+")


class Seen:
    """Texts in the order in which they were kept."""

    def __init__(self, near: float) -> None:
        self._near = near
        self._exact: set[bytes] = set()
        self._shingles: list[array[int]] = []
        self._by_hash: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._exact)

    def add(self, text: str) -> str | None:
        """Keep a new text. What it repeats is not kept: `duplicate` or `near-duplicate` then."""
        words = _WORDS.findall(text.casefold())
        mark = blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if mark in self._exact:
            return "duplicate"
        if self._near < 1:
            shingles = _shingles(words)
            if self._has_near(shingles):
                return "near-duplicate"
            self._keep(shingles)
        self._exact.add(mark)
        return None

    def _keep(self, shingles: list[int]) -> None:
        for each in shingles[:_SKETCH]:
            found = self._by_hash.setdefault(each, [])
            if len(found) < _CROWDED:
                found.append(len(self._shingles))
        self._shingles.append(array("Q", shingles))

    def _has_near(self, shingles: list[int]) -> bool:
        known = [self._by_hash.get(each, ()) for each in shingles[:_SKETCH]]
        telling = [found for found in known if len(found) < _CROWDED]
        counted = Counter(chain.from_iterable(telling))
        enough = self._near * len(telling) / 2
        mine = set(shingles)
        likely = (number for number, common in counted.items() if common >= enough)
        return any(self._jaccard(mine, number) >= self._near for number in likely)

    def _jaccard(self, mine: set[int], number: int) -> float:
        theirs = self._shingles[number]
        smaller, larger = sorted((len(mine), len(theirs)))
        if smaller < self._near * larger:  # no overlap could reach it
            return 0.0
        common = len(mine.intersection(theirs))
        return common / (len(mine) + len(theirs) - common)


def _shingles(words: list[str]) -> list[int]:
    """The hashes of its trigrams, smallest first; a shorter text is one shingle. They are the same in
    every process, as Python's own hashes are not."""
    marks = [crc32(word.encode("utf-8", "surrogatepass")) for word in words]
    if len(marks) < 3:  # noqa: PLR2004 - three words to a trigram
        return [sum(marks)]
    threes = zip(marks, marks[1:], marks[2:], strict=False)
    return sorted({_mixed(a * 0x9E3779B1 + b * 0x85EBCA77 + c * 0xC2B2AE3D) for a, b, c in threes})


def _mixed(number: int) -> int:
    """64 bits of it, stirred, so that the smallest are a fair sample (SplitMix64's finaliser)."""
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    return (number ^ (number >> 27)) * 0x94D049BB133111EB & _MASK
