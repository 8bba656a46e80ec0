"""How often grams occur, about: one byte for each of many slots that grams fall into by their hash.

A count below 255 is never too low, and too high where two grams share a slot: that costs time, not
pairs.
"""

from typing import Any

from crewboard.tools.near.arrays import load_numpy

_LEAST, _MOST = 16, 27
FULL = 255


class Frequency:
    """Two slots for each of `grams` grams, 128 MiB at most."""

    def __init__(self, grams: int) -> None:
        np = self._np = load_numpy("finding near duplicates")
        bits = min(_MOST, max(_LEAST, (2 * grams).bit_length()))
        self._shift = np.uint64(64 - bits)
        self._slots = np.zeros(1 << bits, np.uint8)

    def add(self, grams: Any) -> None:
        np = self._np
        slots = (grams >> self._shift).astype(np.uint32)
        slots.sort()
        begins = np.flatnonzero(np.concatenate([[True], slots[1:] != slots[:-1]]))
        counts = np.diff(np.append(begins, len(slots)))
        slots = slots[begins]
        self._slots[slots] = np.minimum(self._slots[slots] + counts, FULL)

    def of(self, grams: Any) -> Any:
        """The count of each gram, as uint64."""
        return self._slots[grams >> self._shift].astype(self._np.uint64)
