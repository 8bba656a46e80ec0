"""The grams of all texts on disk, 8 bytes each: for prose 1.3 times as many bytes as the texts."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from crewboard.tools.near.arrays import load_numpy
from crewboard.tools.near.shingles import Shingler

_BATCH = 1 << 16
_CHUNK = 1 << 15


class GramWriter:
    """Takes texts in order. `sizes` are their numbers of grams."""

    def __init__(self, file: BinaryIO, hash64: Callable[[bytes], int]) -> None:
        self._file = file
        self._shingler = Shingler(hash64)
        self._waiting: list[bytes] = []
        self._held = 0
        self.sizes = array("I")

    def add(self, text: bytes) -> None:
        self._waiting.append(text)
        self._held += len(text)
        if self._held >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what waits; to be called after the last text too."""
        if self._waiting:
            grams, sizes = self._shingler.grams(self._waiting)
            self._file.write(grams.data)
            self.sizes.extend(sizes)
            self._waiting, self._held = [], 0
        self._file.flush()


@dataclass(frozen=True)
class GramPart:
    """A file of grams, and how many each of its texts has."""

    path: Path
    sizes: Sequence[int]


@dataclass(frozen=True)
class Batch:
    """Grams of consecutive texts: `sizes[n]` of them belong to text `first + n`."""

    first: int
    grams: Any
    sizes: Any


class Grams:
    """All parts as one sequence of texts, numbered from 0."""

    def __init__(self, parts: Sequence[GramPart]) -> None:
        np = self._np = load_numpy("finding near duplicates")
        self._parts = parts
        self.sizes = np.concatenate(
            [np.empty(0, np.int64), *(np.array(part.sizes, np.int64) for part in parts)]
        )
        self.texts, self.total = len(self.sizes), int(self.sizes.sum())
        self._bounds = np.concatenate([[0], np.cumsum([len(part.sizes) for part in parts])])
        self._begins = np.concatenate([[0], np.cumsum(self.sizes)])
        self._maps: list[Any] | None = None

    def batches(self) -> Iterator[Batch]:
        """Whole texts, some 256 KiB of grams at a time."""
        first = 0
        for part in self._parts:
            with part.path.open("rb") as file:
                at = 0
                while at < len(part.sizes):
                    begin = first + at
                    wanted = self._begins[begin] + _CHUNK
                    stop = int(self._np.searchsorted(self._begins, wanted, "right")) - 1
                    stop = min(max(stop, begin + 1), first + len(part.sizes))
                    count = int(self._begins[stop] - self._begins[begin])
                    grams = self._np.fromfile(file, self._np.uint64, count)
                    yield Batch(begin, grams, self.sizes[begin:stop])
                    at += stop - begin
            first += len(part.sizes)

    def of(self, number: int) -> Any:
        """The grams of one text, as they come."""
        np = self._np
        if self._maps is None:
            self._maps = [
                np.memmap(part.path, np.uint64, "r") if part.path.stat().st_size else None
                for part in self._parts
            ]
        part = int(np.searchsorted(self._bounds, number, "right")) - 1
        begin = int(self._begins[number] - self._begins[self._bounds[part]])
        return self._maps[part][begin : begin + int(self.sizes[number])]
