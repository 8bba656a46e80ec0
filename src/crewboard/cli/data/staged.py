"""The folder in which a tool writes before anything is named: one for each run, gone when the run is.

It is locked while its run lives. One that is not locked was left by a run that was killed, and is taken
away by the next run of the same tool into the same place. Where folders cannot be locked (NFS) it stays.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SUFFIX = ".running"


@contextmanager
def staged(tool: str, out: Path) -> Iterator[Path]:
    """A new folder within `out`."""
    prefix = f".{tool}-"
    with _opened(out) as place:
        _lock(place, fcntl.LOCK_EX)  # until the new one is locked nobody may take it for an old one
        for left in out.glob(f"{prefix}*{_SUFFIX}"):
            _take_away(left)
        folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=_SUFFIX, dir=out))
        handle = os.open(folder, os.O_RDONLY)
        _lock(handle, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _take_away(folder: Path) -> None:
    with _opened(folder) as handle:
        if _lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(folder)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, how: int) -> bool:
    """Whether it is ours now: not while another has it, and nowhere that has no such locks."""
    try:
        fcntl.flock(handle, how)
    except OSError:
        return False
    return True
