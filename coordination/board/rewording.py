"""Whether a text is a version in which a person went on with lines, rather than an older version.

Somebody writes "Fix the login", saves, and goes on: "Fix the login page". Counted by lines alone this is
nearer to the version before both (one new line) than to the one in between (one line less, one more),
and merged on that it would give two cards. So where nothing of the newest version is missing but what
a similar line stands in the place of, the newest version is what it was made on.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

_MOST = 2000  # lines that may differ: beyond, this is no rewording
_ALIKE = 0.6
_LEAD = re.compile(rb"\A[\s>*+-]*(?:\[.\]\s+)?")


def reworded(version: Sequence[bytes], found: Sequence[bytes]) -> list[bytes] | None:
    """The lines of `version` that stand otherwise in `found`; None when one is not there at all."""
    start = _common(version, found)
    end = _common(version[start:][::-1], found[start:][::-1])
    old, new = version[start : len(version) - end], found[start : len(found) - end]
    if len(old) > _MOST or len(new) > _MOST:
        return None
    lines: list[bytes] = []
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "delete" or (what == "replace" and not _all_alike(old[i:j], iter(new[k:m]))):
            return None
        lines += old[i:j] if what == "replace" else ()
    return lines


def _all_alike(old: Sequence[bytes], new: Iterator[bytes]) -> bool:
    """Whether each old line has a similar one among the new, in the same order."""
    return all(any(_alike(line, other) for other in new) for line in old)


def _alike(one: bytes, other: bytes) -> bool:
    old, new = _LEAD.sub(b"", one), _LEAD.sub(b"", other)
    if not old or not new:
        return old == new
    if new.startswith(old) or old.startswith(new):
        return True
    words = SequenceMatcher(None, old.decode("utf-8", "replace"), new.decode("utf-8", "replace"))
    return words.quick_ratio() >= _ALIKE and words.ratio() >= _ALIKE


def _common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
