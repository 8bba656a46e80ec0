"""Putting new bytes in the place of a file in one step, and keeping hold of what came out.

    stage()   .NAME.draft is written and synced
    put()     it becomes .NAME.next, and .NAME.next and NAME change places: what lay under NAME now
              lies under .NAME.next

Whoever is killed in between leaves the old bytes or the new ones under NAME, never a mixture, and
under .NAME.next, if it is there, the other ones. A draft is worth nothing. The mode, and where permitted the
owner, stay; access control lists and extended attributes are not carried over.
"""

import errno
import os
import time
from contextlib import suppress
from pathlib import Path

from crewboard.errors import DiskFull, WorkspaceUnwritable
from crewboard.memory.lease import Grant, broken, leased
from crewboard.memory.look import Mark

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_AT_CWD = -100  # Linux <fcntl.h>
_EXCHANGE = 2  # Linux <linux/fs.h>, RENAME_EXCHANGE
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def draft_of(path: Path) -> Path:
    """Where the bytes that shall go into `path` are written."""
    return path.with_name(f".{path.name}.draft")


def next_of(path: Path) -> Path:
    """Where they wait, and where those that came out lie afterwards."""
    return path.with_name(f".{path.name}.next")


def stage(path: Path, data: bytes) -> None:
    """Write what shall lie at `path`, whole and on the disk. WorkspaceUnwritable, DiskFull."""
    draft = draft_of(path)
    try:
        draft.unlink(missing_ok=True)  # one name: what a killed writer left goes
        like = _stat(path)
        if like and not like.st_mode & 0o222:
            raise WorkspaceUnwritable(path=path, reason="the file is read-only")
        _write(draft, data, like)
    except OSError as error:
        with suppress(OSError):  # the first error is the one to tell
            draft.unlink(missing_ok=True)
        raise told(error, path, len(data)) from error


def _stat(path: Path) -> os.stat_result | None:
    """None where nothing lies there, be it for the moment in which git or an editor puts a new file there."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def put(path: Path, before: Mark | None, *, shared: bool = False) -> bool:
    """Let what is staged lie at `path` where a file with the mark `before` lay; False when somebody
    else is at it, and then it is staged still, or gone.

    What came out may yet be newer than `before`, by a save within the microseconds between, so the
    caller looks at it. Without a `before`, a file that appeared meanwhile stays. `shared`: it is
    known that another program keeps the file open for writing.
    """
    draft = draft_of(path)
    try:
        done = _create(draft, path) if before is None else _replace(path, before, shared=shared)
        if done:
            sync_folder(path.parent)
    except OSError as error:
        raise told(error, path) from error
    return done


def exchange(one: Path, other: Path) -> bool:
    """Let two files change names in one step; False where the system cannot (renameat2(2))."""
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


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def told(error: OSError, path: Path, size: int = 0) -> WorkspaceUnwritable | DiskFull:
    """The error of the tree that says what the system said."""
    if error.errno in _FULL:
        state = os.statvfs(path.parent)
        free = state.f_bavail * state.f_frsize
        return DiskFull(path=path, free=free >> 20, needed=max(1, size >> 20))
    return WorkspaceUnwritable(path=path, reason=error.strerror or error)


def _write(draft: Path, data: bytes, like: os.stat_result | None) -> None:
    handle = os.open(draft, _NEW, 0o600)
    with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(data)
        file.flush()
        if like and os.geteuid() == 0:
            os.fchown(handle, like.st_uid, like.st_gid)
        os.fchmod(handle, like.st_mode & 0o7777 if like else 0o644)
        # A time to the nanosecond: the kernel stamps a later save by its ticks, so the two differ.
        os.utime(handle, ns=(now := time.time_ns(), now))
        os.fsync(handle)


def _create(draft: Path, path: Path) -> bool:
    try:
        os.link(draft, path)  # unlike a rename, never on top of a file that just appeared
    except FileExistsError:
        return False
    draft.unlink()
    return True


def _replace(path: Path, before: Mark, *, shared: bool) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        with leased(handle) as grant:
            if grant is Grant.BUSY and not shared:
                return False
            if Mark.of(os.fstat(handle)) != before:
                return False
            return _trade(path, handle if grant is Grant.HELD else None)
    except FileNotFoundError:  # it went away within these lines
        return False
    finally:
        os.close(handle)


def _trade(path: Path, lease: int | None) -> bool:
    if lease is not None and broken(lease):
        return False
    draft, staged = draft_of(path), next_of(path)
    draft.replace(staged)
    ours = staged.stat().st_ino
    if not exchange(staged, path):
        _replace_without_exchange(staged, path)
    elif lease is not None and broken(lease):
        # Somebody waits to write into the file that came out: it goes back, and they go first.
        exchange(staged, path)
        if staged.stat().st_ino == ours:
            staged.replace(draft)
            return False
        exchange(staged, path)  # another save had covered our bytes already: that one stands
    return True


def _replace_without_exchange(staged: Path, path: Path) -> None:
    out = path.with_name(f".{path.name}.out")
    out.unlink(missing_ok=True)
    os.link(path, out)
    staged.replace(path)
    out.replace(staged)
