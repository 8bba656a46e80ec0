"""The 64-bit keys of a source's rows, 8 bytes each in memory, in 256 parts by their first byte.

Whatever needs them in order sorts one part at a time.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, pairwise

_PARTS = 256
_SHIFT = 56


class Keys:
    def __init__(self, keys: Iterable[int] = ()) -> None:
        self._parts = [array("Q") for _ in range(_PARTS)]
        self._sum = 0
        for key in keys:
            self.add(key)

    def add(self, key: int) -> None:
        self._parts[key >> _SHIFT].append(key)
        self._sum += key

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    @property
    def checksum(self) -> tuple[int, int]:
        """The same for the same rows in any order: their number and the sum of their keys."""
        return len(self), self._sum

    def parts(self) -> Iterator[list[int]]:
        """All keys in rising order, a 256th at a time."""
        return (sorted(part) for part in self._parts)

    def distinct(self) -> int:
        return sum(len(set(part)) for part in self._parts)

    def lowest(self, count: int) -> "Lowest":
        """What tells the `count` lowest keys, 0 to all of them, from the others."""
        if count == 0:
            return Lowest(border=-1, ties=0)
        before = 0
        for part in self._parts:
            if before + len(part) >= count:
                ordered = sorted(part)
                border = ordered[count - before - 1]
                return Lowest(border, count - before - ordered.index(border))
            before += len(part)
        raise ValueError(f"{count} of {before} keys")


class Lowest:
    """Takes all keys below `border`, and `ties` of those that equal it: they belong to copies of one row."""

    def __init__(self, border: int, ties: int) -> None:
        self.border, self.ties = border, ties

    def takes(self, key: int) -> bool:
        if key == self.border and self.ties:
            self.ties -= 1
            return True
        return key < self.border


def repeated(sources: Sequence[Keys]) -> "array[int]":
    """Keys that occur more than once in all sources together, each once, in rising order."""
    found = array("Q")
    for parts in zip(*(source.parts() for source in sources), strict=True):
        ordered = sorted(chain.from_iterable(parts))
        found.extend(sorted({a for a, b in pairwise(ordered) if a == b}))
    return found


def shared(sources: Sequence[Keys]) -> dict[tuple[int, int], int]:
    """For each pair of sources (indexes, the lower first) how many distinct keys both hold; none left
    out but those that hold nothing in common."""
    counts: dict[tuple[int, int], int] = {}
    for parts in zip(*(source.parts() for source in sources), strict=True):
        tagged = sorted({(key, n) for n, part in enumerate(parts) for key in part})
        for _, group in groupby(tagged, key=lambda pair: pair[0]):
            owners = [n for _, n in group]
            for i, low in enumerate(owners):
                for high in owners[i + 1 :]:
                    counts[low, high] = counts.get((low, high), 0) + 1
    return dict(sorted(counts.items()))
