"""Words of rows, and whether a key may stand twice in them, for a batch of rows at once.

A line has one colon for each key, and those in its strings: never fewer, unless it writes a colon as
an escape. So where a batch has as many as its keys and texts account for, no key of it is doubled.

With numpy words are counted on the rows' bytes, where control characters part words too (a row that
has one is counted again: see `Suspects`), and of the white space beyond ASCII only the commonest does.
Without numpy rows are counted one by one, which takes eight times as long.
"""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from crewboard.tools.audit.sight import Sight
from crewboard.tools.near.arrays import load_numpy

Fill = Callable[[Sequence[Sight]], None]
"""Sets `words` and `doubtful` of rows."""

_SPACES = tuple((space.encode()[0], space.encode()) for space in "\u00a0\u3000")
"""No-break and ideographic space by their first two bytes, behind the first, which is found faster."""
_BLANK, _COLON = 32, 58


def filler() -> Fill:
    return _vectorised() if find_spec("numpy") else _one_by_one


def exact_words(sight: Sight) -> int:
    """Words as white space of any kind parts them."""
    return sum(len(text.split()) for text in sight.texts)


def _one_by_one(batch: Sequence[Sight]) -> None:
    for sight in batch:
        sight.words, sight.doubtful = exact_words(sight), _is_doubtful(sight)


def _is_doubtful(sight: Sight) -> bool:
    spoken = sight.data.count(_COLON) + _keys_of(sight)
    return not sight.plain or sight.raw.count(_COLON) != spoken


def _keys_of(sight: Sight) -> int:
    """Of a plain row, as far as it says nothing nested of itself."""
    return len(sight.row) + 2 * len(sight.parts)


def _vectorised() -> Fill:
    np = load_numpy("counting words")

    def occurs(pair: bytes, said: Any) -> bool:
        at = np.flatnonzero(said[:-2] == pair[0])
        return bool((said[at + 1] == pair[1]).any())

    def fill(batch: Sequence[Sight]) -> None:
        spoken = b"\0".join([*(sight.data for sight in batch), b""])
        said = np.frombuffer(spoken, np.uint8)
        blank = said <= _BLANK
        ends = blank[1:] > blank[:-1]
        lines = np.frombuffer(b"".join([sight.raw for sight in batch]), np.uint8)
        colons = np.count_nonzero(lines == _COLON) - np.count_nonzero(said == _COLON)
        certain = all(sight.plain for sight in batch) and colons == sum(map(_keys_of, batch))
        at = 0
        for sight in batch:
            after = at + len(sight.data) + 1
            sight.words = int(np.count_nonzero(ends[at:after]))
            sight.doubtful = not certain and _is_doubtful(sight)
            at = after
        if any(lead in spoken and occurs(space, said) for lead, space in _SPACES):
            for sight in batch:
                if any(lead in sight.data and space in sight.data for lead, space in _SPACES):
                    sight.words = exact_words(sight)

    return fill
