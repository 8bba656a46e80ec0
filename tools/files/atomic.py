"""Files that are there whole or not at all: written beside their place, synced, renamed.

That holds for a crash at any moment. It is not promised that the rename itself outlives a loss of
power: for that the folder must be synced too, which `publish` does once for a whole run.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from crewboard.errors import DiskFull
from crewboard.tools.files.errors import OutputUnwritable

_FULL = {errno.ENOSPC, errno.EDQUOT}
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
                yield file
                file.flush()
                os.fsync(file.fileno())
            staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


@contextmanager
def fits(path: Path) -> Iterator[None]:
    """A block that writes beneath `path`, or beside it: DiskFull when the device fills up."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _disk_full(path, needed=0) from error
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step. DiskFull when it does not fit."""
    with whole(path) as file:
        file.write(data)


def require_space(folder: Path, needed: int) -> None:
    """DiskFull unless `needed` bytes fit beside `folder` now: a look, not a reservation."""
    if shutil.disk_usage(folder).free < needed:
        raise _disk_full(folder, needed)


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
