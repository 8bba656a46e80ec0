"""What two sources share, by content: whole documents, and passages of 13 words or 16 tokens.

A document is known by the hash of its text (case and spacing apart) or of its tokens. Passages are hashed
at every place of every document; as soon as a source has more than `HELD` different ones, a half, then a
quarter of all possible hashes is looked at, the same half for all sources, so that what is shared is
estimated on equal terms. Memory: 8 MB for each source, and 8 bytes for each document.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from crewboard.tools.audit.keys import hash64
from crewboard.tools.mix.keys import Keys
from crewboard.tools.near.arrays import load_numpy
from crewboard.tools.near.shingles import Shingler

WORDS, TOKENS = 13, 16
HELD = 1 << 20
_GRAMS = (0, 4, 8)
"""Three 5-grams that begin 4 words apart cover 13 words."""
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9)


class Sketch:
    """One source's documents and passages."""

    def __init__(self) -> None:
        self._np = load_numpy("comparing sources")
        self.documents = Keys()
        self.mask = 0
        """A hash counts when none of these bits is set in it."""
        self._found = self._np.empty(0, self._np.uint64)
        self._fresh: list[Any] = []
        self._waiting = 0

    def add(self, documents: Sequence[bytes], passages: Any) -> None:
        """`documents` are what tells each; `passages` the hashes of all of theirs."""
        for told in documents:
            self.documents.add(int.from_bytes(hashlib.sha256(told).digest()[:8], "big"))
        kept = passages[(passages & self._np.uint64(self.mask)) == 0]
        self._fresh.append(kept)
        self._waiting += len(kept)
        if self._waiting >= HELD:
            self._settle()

    def passages(self, mask: int) -> Any:
        """The distinct hashes that count under `mask`, which is this sketch's own or a stricter one."""
        self._settle()
        return self._found[(self._found & self._np.uint64(mask)) == 0]

    def settled_mask(self) -> int:
        self._settle()
        return self.mask

    def _settle(self) -> None:
        np = self._np
        self._found = np.unique(np.concatenate([self._found, *self._fresh]))
        self._fresh, self._waiting = [], 0
        while len(self._found) > HELD:
            self.mask = self.mask << 1 | 1
            self._found = self._found[(self._found & np.uint64(self.mask)) == 0]


class WordPassages:
    """Hashes of 13 words in a row; a document of fewer is one passage."""

    def __init__(self) -> None:
        self._np = load_numpy("comparing sources")
        self._shingler = Shingler(hash64())

    def of(self, texts: Sequence[str]) -> Any:
        grams, counts = self._shingler.grams([text.encode() for text in texts])
        return windows(self._np, grams, counts, _GRAMS)


class TokenPassages:
    """Hashes of 16 tokens in a row; a document of fewer is one passage."""

    def __init__(self) -> None:
        self._np = load_numpy("comparing sources")

    def of(self, documents: Sequence[Any]) -> Any:
        np = self._np
        ids = np.concatenate([np.empty(0, np.uint64), *(d.astype(np.uint64) for d in documents)])
        values = _mixed(np, ids + np.uint64(1))
        return windows(np, values, [len(d) for d in documents], tuple(range(TOKENS)))


def windows(np: Any, values: Any, counts: Sequence[int], offsets: tuple[int, ...]) -> Any:
    """At each place one hash of the values at `offsets` from there, none across the end of a document;
    for a document that is too short one hash of all of its values."""
    span = offsets[-1]
    sizes = np.asarray(counts, np.int64)
    ends = np.cumsum(sizes)
    found = np.empty(0, np.uint64)
    if len(values) > span:
        last = len(values) - span
        hashes = np.zeros(last, np.uint64)
        for n, offset in enumerate(offsets):
            weight = np.uint64(pow(_MIX[0], n + 1, 1 << 64))
            hashes += values[offset : offset + last] * weight
        whole = np.arange(last) + span < np.repeat(ends, sizes)[:last]
        found = hashes[whole]
    short = np.flatnonzero((sizes <= span) & (sizes > 0))
    starts = ends - sizes
    totals = [values[starts[n] : ends[n]].sum(dtype=np.uint64) for n in short.tolist()]
    return _mixed(np, np.concatenate([found, np.asarray(totals, np.uint64)]))


def words_of(text: str) -> bytes:
    """What tells a document by its text."""
    return " ".join(text.split()).casefold().encode()


def _mixed(np: Any, values: Any) -> Any:
    values = values * np.uint64(_MIX[0])
    values ^= values >> np.uint64(32)
    values *= np.uint64(_MIX[1])
    values ^= values >> np.uint64(29)
    return values
