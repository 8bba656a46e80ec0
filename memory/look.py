"""Reading a file that somebody may be writing: a look is taken only when the file is at rest."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from crewboard.errors import PageBusy
from crewboard.memory.lease import Grant, leased

PATIENCE = 10.0  # seconds to wait for a lock, and for a file to come to rest
QUIET = (
    0.02  # seconds: also longer than the kernel's clock ticks, so a later save gets another time
)
_QUIET_EMPTY = 0.5  # an empty file may be an editor's save in place that has only begun
_QUIET_OPEN = 1.0  # somebody keeps the file open for writing, and does not write
_PAUSE = 0.005


class Mark(NamedTuple):
    """What tells two states of a file apart without reading it. Times in nanoseconds.

    A save by rename changes `inode`, a save in place `written`, and `changed` moves even where a
    tool restores `written`. Two saves of one size within one tick of the kernel's clock look alike:
    whoever keeps a mark must see that it is older than QUIET.
    """

    device: int
    inode: int
    size: int
    written: int
    changed: int

    @classmethod
    def of(cls, state: os.stat_result) -> "Mark":
        return cls(state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)

    @property
    def age(self) -> float:
        """Seconds since the last write by the system's clock; negative when that was turned back."""
        return (time.time_ns() - max(self.written, self.changed)) / 1e9

    @property
    def young(self) -> bool:
        return abs(self.age) < QUIET


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it lay there at one moment; `open` when another program has it open for writing."""

    data: bytes
    mark: Mark
    open: bool = False


def mark_of(path: Path) -> Mark | None:
    try:
        return Mark.of(path.stat())
    except FileNotFoundError:
        return None


def steady(path: Path, patience: float = PATIENCE) -> Look | None:
    """Read `path` when nobody is in the middle of writing it; None when there is no such file.

    With a lease that is certain, but for an editor that closes the file between emptying and
    filling it. Without one the file must have rested. PageBusy when it never does.
    """
    deadline = time.monotonic() + patience
    while True:
        with _opened(path) as handle:
            if handle is None:
                return None
            if found := _attempt(handle):
                return found
        if time.monotonic() > deadline:
            raise PageBusy(path=path, seconds=patience)
        time.sleep(_PAUSE)


@contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _attempt(handle: int) -> Look | None:
    with leased(handle) as grant:
        mark = Mark.of(os.fstat(handle))
        if abs(mark.age) < _rest_needed(grant, mark):
            return None
        data = _read(handle, mark.size)
        if Mark.of(os.fstat(handle)) != mark or len(data) != mark.size:
            return None
    return Look(data, mark, grant is Grant.BUSY)


def _rest_needed(grant: Grant, mark: Mark) -> float:
    if grant is Grant.BUSY:
        return _QUIET_OPEN
    if not mark.size:
        return _QUIET_EMPTY
    return 0 if grant is Grant.HELD else QUIET


def _read(handle: int, size: int) -> bytes:
    parts = []
    while part := os.read(handle, max(size, 1) + 1):
        parts.append(part)
    return b"".join(parts)
