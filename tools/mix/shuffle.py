"""Rows into one seeded order, on disk: memory holds one bucket of some 32 MB.

A row's place is decided by the seed, its bytes, and which copy of it it is; nothing else. So the order of
the rows of a file, of the files, and of the machine's processes leave no trace in the result.
"""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Self

_BUCKET = 1 << 25
_MOST_BUCKETS = 256
HELD = 250
"""Bytes of memory that a row takes beside its own, while its bucket is put in order."""
_HEAD = Struct("<QI")


def rank(seed: int, raw: bytes) -> int:
    """A row's place in the lottery: 64 bits of a hash of the seed and its bytes."""
    return int.from_bytes(hashlib.sha256(b"mix:%d:" % seed + raw).digest()[:8], "big")


class Shuffle:
    """`put` all rows, then take them `in_order`. `size` is about what they take in memory. `repeated` are the
    ranks of rows that come more than once among the sources, in rising order; only for those is it
    remembered how often they came, at 12 bytes."""

    def __init__(self, folder: Path, size: int, repeated: Sequence[int]) -> None:
        self._count = min(max(1, -(-size // _BUCKET)), _MOST_BUCKETS)
        self._paths = [folder / f"bucket-{n:03}" for n in range(self._count)]
        self._repeated = array("Q", repeated)
        self._came = array("I", bytes(4 * len(self._repeated)))
        self._files: list[BinaryIO] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._files = [self._stack.enter_context(path.open("wb")) for path in self._paths]
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def put(self, rank: int, raw: bytes, times: int) -> None:
        """Take a row in, as often as it is drawn."""
        first, at = 0, bisect_left(self._repeated, rank)
        if at < len(self._repeated) and self._repeated[at] == rank:
            first = self._came[at]
            self._came[at] += times
        for copy in range(first, first + times):
            place = _place(rank, copy)
            file = self._files[place * self._count >> 64]
            file.write(_HEAD.pack(place, len(raw)))
            file.write(raw)

    def in_order(self) -> Iterator[bytes]:
        """All rows. Those of equal place, which chance hardly ever gives, are in the order of their bytes."""
        self._stack.close()
        for path in self._paths:
            for _, raw in sorted(_records(path.read_bytes())):
                yield raw
            path.unlink()


def _place(rank: int, copy: int) -> int:
    if copy == 0:
        return rank
    told = b"%d:%d" % (rank, copy)
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big")


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        place, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size + size
        yield place, data[at - size : at]
