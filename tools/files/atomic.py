"""Files that are there whole or not at all: written beside their place, synced, renamed.

That holds for a crash at any moment. It is not promised that the rename itself outlives a loss of
power: for that the folder must be synced too, which `publish` does once for a whole run.
"""

import errno
import fcntl
import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from crewboard.errors import DiskFull
from crewboard.tools.files.errors import OutputUnwritable

_FULL = {errno.ENOSPC, errno.EDQUOT}
_TOO_LARGE = "the file would be larger than its file system, or `ulimit -f`, lets it be"
_MB = 1_000_000


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears at `path` when the block ends well, and leaves no trace otherwise.

    DiskFull when the device fills up; OutputUnwritable where the folder is missing or may not be
    written, and where something stands that is no file, which the rename would replace.
    """
    check_place(path)
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with fits(path):
            with staged.open("wb") as file:
                with suppress(OSError):  # where nothing can be locked, nothing is taken away either
                    fcntl.flock(file, fcntl.LOCK_EX)
                yield file
                file.flush()
                os.fsync(file.fileno())
            staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


def take_away_left(path: Path) -> None:
    """Remove what killed writers of `path` left beside it: those of the living are locked."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
        if not left.suffix[1:].isdecimal() or not left.is_file():
            continue
        with left.open("r+b") as file, suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink(missing_ok=True)


@contextmanager
def fits(path: Path) -> Iterator[None]:
    """A block that writes beneath `path`, or beside it: DiskFull when the device fills up,
    OutputUnwritable where files may not become as large."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _disk_full(path, needed=0) from error
        if error.errno == errno.EFBIG:
            raise OutputUnwritable(path=path, reason=_TOO_LARGE) from error
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step. DiskFull when it does not fit."""
    with whole(path) as file:
        file.write(data)


def require_space(folder: Path, needed: int) -> None:
    """DiskFull unless `needed` bytes fit beside `folder` now: a look, not a reservation."""
    if shutil.disk_usage(folder).free < needed:
        raise _disk_full(folder, needed)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are not there. OutputUnwritable, DiskFull."""
    with fits(path):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if error.errno in _FULL:
                raise
            raise OutputUnwritable(path=path, reason=error.strerror) from error
    if not os.access(path, os.W_OK):
        raise OutputUnwritable(path=path, reason="you may not write into it")


def check_place(path: Path) -> None:
    """OutputUnwritable unless a file can be put at `path`."""
    if path.exists() and not path.is_file():
        raise OutputUnwritable(path=path, reason="what stands there is no file")
    if not path.parent.is_dir():
        raise OutputUnwritable(path=path, reason=f"there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise OutputUnwritable(path=path, reason=f"you may not write into {path.parent}")


def _disk_full(path: Path, needed: int) -> DiskFull:
    free = shutil.disk_usage(path if path.is_dir() else path.parent).free
    return DiskFull(path=path, free=free // _MB, needed=max(needed // _MB, free // _MB + 1))
