"""Rows of one key, found on disk: keys wait in files by their first bits, and one file at a time is compared.

Memory does not hold the keys: a 64th of them at once.
"""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Self

from crewboard.tools.dedup.keys import KEY_BYTES

_FILES = 64
_RECORD = Struct(f"<{KEY_BYTES}sI")


class KeyFiles:
    """`add` the key of each row in order, then `settle`."""

    def __init__(self, folder: Path) -> None:
        self._paths = [folder / f"keys-{n:02}" for n in range(_FILES)]
        self._files: list[BinaryIO] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._files = [self._stack.enter_context(path.open("wb")) for path in self._paths]
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, key: bytes, index: int) -> None:
        self._files[key[0] % _FILES].write(_RECORD.pack(key, index))

    def settle(self, twins: "array[int]", scores: Sequence[float] | None) -> None:
        """Set, for each row whose key others have too, the one of them that is preferred."""
        self._stack.close()
        for path in self._paths:
            best: dict[bytes, int] = {}
            for key, index in _records(path):
                held = best.setdefault(key, index)
                if scores is not None and scores[index] > scores[held]:
                    best[key] = index
            for key, index in _records(path):
                twins[index] = best[key]
            path.unlink()


def _records(path: Path) -> Iterator[tuple[bytes, int]]:
    return _RECORD.iter_unpack(path.read_bytes())
