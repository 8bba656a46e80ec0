"""A text file that people and several processes write: locked among us, replaced whole, never torn.

Promised: who holds the lock is alone among crewboard's writers; a reader or a kill -9 finds the old
bytes or the new ones; a save that lands by rename between our read and our write is noticed and
kept. Not promised: a save that an editor makes in place, into the very file that is being replaced;
a rename within the microseconds between the last look and ours where the kernel cannot exchange two
files (anything but Linux, some network disks); a kill -9 within the microseconds in which a save
that came in between is given back.
"""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crewboard.errors import DiskFull, PageBusy, WorkspaceUnwritable

PATIENCE = 10.0  # seconds to wait for the lock, and for a file to come to rest
_QUIET = 0.02  # seconds without a change after which a file counts as at rest
_QUIET_EMPTY = 0.5  # an empty file may be an editor's save in place that has only begun
_PAUSE = 0.005
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_AT_CWD = -100  # Linux <fcntl.h>
_EXCHANGE = 2  # Linux <linux/fs.h>, RENAME_EXCHANGE


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
        before = settled(path, patience)
        after = change(before or b"")
        if after == before or (before is None and not after):
            return False
        if _swap(path, before, after):
            return True
    raise PageBusy(path=path, seconds=patience)


def settled(path: Path, patience: float = PATIENCE) -> bytes | None:
    """Read `path` until two looks agree; None when there is no such file."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        first = _look(path)
        if first is None:
            return None
        quiet = _QUIET if first.data else _QUIET_EMPTY
        if abs(time.time_ns() - first.changed) < quiet * 1e9:
            time.sleep(quiet)
        if _look(path) == first:
            return first.data
    raise PageBusy(path=path, seconds=patience)


@dataclass(frozen=True)
class _Look:
    data: bytes
    inode: int
    changed: int


def _look(path: Path) -> _Look | None:
    try:
        with path.open("rb") as file:
            data = file.read()
            state = os.fstat(file.fileno())
    except FileNotFoundError:
        return None
    return _Look(data, state.st_ino, state.st_mtime_ns)


def _open_lock(lock: Path) -> int:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise _told(error, lock) from error


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _swap(path: Path, before: bytes | None, after: bytes) -> bool:
    """Put `after` where `before` was; False when somebody saved meanwhile, whose bytes stay."""
    staged = path.with_name(f".{path.name}.next")  # one name: leftovers go
    try:
        _stage(staged, after, path)
        done = _create(staged, path) if before is None else _replace(staged, path, before, after)
        staged.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise _told(error, path, len(after)) from error
    return done


def _stage(staged: Path, data: bytes, like: Path) -> None:
    staged.unlink(missing_ok=True)
    mode = like.stat().st_mode & 0o7777 if like.exists() else 0o644
    handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
    except OSError:
        staged.unlink()
        raise


def _create(staged: Path, path: Path) -> bool:
    try:
        os.link(staged, path)  # unlike a rename, never on top of a file that just appeared
    except FileExistsError:
        return False
    return True


def _replace(staged: Path, path: Path, before: bytes, after: bytes) -> bool:
    if not path.exists() or path.read_bytes() != before:
        return False
    try:
        exchanged = _exchange(staged, path)
    except FileNotFoundError:
        return False
    if not exchanged:
        staged.replace(path)
        return True
    put, expected = after, before
    while (out := staged.read_bytes()) != expected:  # newer than what we put there: give it back
        put, expected = out, put
        _exchange(staged, path)
    return put == after


def _exchange(one: Path, other: Path) -> bool:
    """Let two files change names in one step; False where the system cannot."""
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    if call(_AT_CWD, names[0], _AT_CWD, names[1], _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(error: OSError, path: Path, size: int = 0) -> WorkspaceUnwritable | DiskFull:
    if error.errno in _FULL:
        state = os.statvfs(path.parent)
        free = state.f_bavail * state.f_frsize
        return DiskFull(path=path, free=free >> 20, needed=max(1, size >> 20))
    return WorkspaceUnwritable(path=path, reason=error.strerror or error)
