"""Merging two branches of a board, a stand-up log or a day's notes, as git asks for it.

Cards are merged by what they are. Where both branches say something else in the same words, those of
the branch that one is on stand, and the other's are noted beneath. `Last synced` becomes the later of
the two: it never runs backwards by a merge (F2, F3).
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from crewboard.coordination.board.lint.dates import moment
from crewboard.coordination.board.merge import Merged, merge

OTHER = "the other branch"
_SYNCED = re.compile(rb"^_Last synced: ([^\r\n]*)_[ \t]*(?=\r?$)", re.MULTILINE)
_NEVER = datetime.min.replace(tzinfo=UTC)


def merge_branches(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """Both branches in one: `ours` is the one that is checked out, `theirs` the one that comes in."""
    latest = _latest((ours, theirs))
    base, ours, theirs = (_synced(each, latest) for each in (base, ours, theirs))
    return merge(base, theirs, ours, OTHER)  # whose words stand is the third: here, our own branch


def _latest(texts: Sequence[bytes]) -> bytes | None:
    """The line of the branch that was synced last."""
    found = [line for text in texts if (line := _SYNCED.search(text))]
    line = max(found, key=lambda each: _moment(each[1]), default=None)
    return line[0] if line else None


def _synced(text: bytes, line: bytes | None) -> bytes:
    """`text` with its first such line set to `line`; a text without one stays without."""
    return text if line is None else _SYNCED.sub(lambda _: line, text, count=1)


def _moment(text: bytes) -> datetime:
    return moment(text.decode("utf-8", "replace")) or _NEVER
