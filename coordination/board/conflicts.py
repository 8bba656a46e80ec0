"""A file that git left with conflict markers, made whole: both sides are taken out of it and merged.

The markers are those of `git merge`: seven characters at the beginning of a line, with the common base
between `|||||||` and `=======` where git was told to show it (merge.conflictStyle diff3 or zdiff3).
Without it, what the two sides have in common counts as their base, so each keeps what it has.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crewboard.coordination.board.merge import Merged, merge
from crewboard.coordination.board.merging.align import align

_MARKER = re.compile(rb"(<{7}|\|{7}|={7}|>{7})(?: ([^\r\n]*))?(?:\r\n|\n|\r|\Z)")
_LINES = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_OURS, _BASE, _THEIRS, _END = b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>"


@dataclass
class _Region:
    """One conflict as it is read. `base` is None until git is seen to show it."""

    name: str
    raw: list[bytes]
    ours: list[bytes] = field(default_factory=list)
    base: list[bytes] | None = None
    theirs: list[bytes] = field(default_factory=list)
    part: bytes = _OURS

    def common(self) -> list[bytes]:
        """The base, or what stands in for it."""
        if self.base is not None and not any(_MARKER.match(line) for line in self.base):
            return self.base
        return [self.ours[n] for n, _ in align(self.ours, self.theirs)]


def resolve(data: bytes) -> Merged:
    """Merge the two sides of every conflict in `data`; the second side counts as the human's.

    A file without a whole conflict comes back as it is: a marker without its fellows is only text.
    """
    base, ours, theirs = bytearray(), bytearray(), bytearray()
    names: list[str] = []
    for found in _regions(_LINES.findall(data)):
        if isinstance(found, bytes):
            for each in (base, ours, theirs):
                each.extend(found)
            continue
        names.append(found.name)
        base += b"".join(found.common())
        ours += b"".join(found.ours)
        theirs += b"".join(found.theirs)
    if not names:
        return Merged(data, ())
    return merge(bytes(base), bytes(ours), bytes(theirs), names[0])


def _regions(lines: list[bytes]) -> Iterator[_Region | bytes]:
    """The file as lines that are in no conflict, and conflicts."""
    region: _Region | None = None
    for line in lines:
        marker = _MARKER.match(line)
        kind = marker[1] if marker else b""
        if kind == _OURS:
            if region:
                yield b"".join(region.raw)
            named = (marker[2] or b"") if marker else b""
            region = _Region(named.decode("utf-8", "replace").strip() or "ours", [line])
        elif region is None:
            yield line
        elif _read(region, kind, line):
            yield region
            region = None
    if region:
        yield b"".join(region.raw)


def _read(region: _Region, kind: bytes, line: bytes) -> bool:
    """Take a line into a conflict; True when it is whole."""
    region.raw.append(line)
    if kind == _BASE and region.part == _OURS:
        region.part, region.base = _BASE, []
    elif kind == _THEIRS and region.part in {_OURS, _BASE}:
        region.part = _THEIRS
    elif kind == _END and region.part == _THEIRS:
        return True
    elif region.part == _OURS:
        region.ours.append(line)
    elif region.part == _BASE and region.base is not None:
        region.base.append(line)
    else:
        region.theirs.append(line)
    return False
