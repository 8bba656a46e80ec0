"""A text file that people and several processes write: locked among us, replaced whole, never torn.

Promised: who holds the lock is alone among crewboard's writers; a reader or a kill -9 finds the old
bytes or the new ones; a save that lands by rename between our read and our write is noticed and
kept; on Linux, and for files of our own, so is a save that an editor makes in place (`lease`). Not
promised: a save in place whose `open` had found the old file in the microseconds before it was
replaced; elsewhere than on Linux also a save in place that pauses for long, and a rename within the
microseconds between the last look and ours; a kill -9 within the microseconds in which a save that
came in between is given back. The board closes these too (`coordination.board.store`).
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crewboard.errors import PageBusy
from crewboard.memory import swap
from crewboard.memory.look import PATIENCE, Look, steady

__all__ = ["PATIENCE", "locked", "rewrite", "settled"]
_PAUSE = 0.005


@contextmanager
def locked(lock: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold `lock`, a sidecar file that is never removed; PageBusy when others keep it."""
    handle = _open_lock(lock)
    try:
        deadline = time.monotonic() + patience
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                raise PageBusy(path=lock, seconds=patience)
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(handle)  # releases the lock, as the end of the process would


def rewrite(path: Path, change: Callable[[bytes], bytes], patience: float = PATIENCE) -> bool:
    """Replace the bytes of `path` by `change(bytes)`; True when there was something to write.

    The caller holds the page's lock. A missing file reads as b"". `change` must be pure: it runs
    again whenever somebody saved in between. PageBusy, WorkspaceUnwritable, DiskFull.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        before = steady(path, patience)
        old = before.data if before else b""
        after = change(old)
        if after == old:
            return False
        if _replace(path, before, after):
            return True
    raise PageBusy(path=path, seconds=patience)


def settled(path: Path, patience: float = PATIENCE) -> bytes | None:
    """Read `path` when nobody is writing it; None when there is no such file. PageBusy."""
    found = steady(path, patience)
    return found.data if found else None


def _open_lock(lock: Path) -> int:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise swap.told(error, lock) from error


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _replace(path: Path, before: Look | None, after: bytes) -> bool:
    """Put `after` where `before` was; False when somebody saved meanwhile, whose bytes stay."""
    swap.stage(path, after)
    try:
        if before is None:
            return swap.put(path, None)
        done = swap.put(path, before.mark, shared=before.open)
        return done and _given_back(path, before.data, after)
    finally:
        for left in (swap.draft_of(path), swap.next_of(path)):
            left.unlink(missing_ok=True)


def _given_back(path: Path, before: bytes, after: bytes) -> bool:
    """What came out newer than what was read goes back; whether our bytes stay in the end."""
    put, expected, out = after, before, swap.next_of(path)
    while (came := _bytes_of(out)) not in {expected, None}:
        if not swap.exchange(out, path):
            out.replace(path)
            return False
        put, expected = came, put
    return put == after


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # nothing came out: a file system without hard links
        return None
