"""The folder in which a tool writes before anything is named: one for each run, gone when the run is.

It is locked while its run lives. One that is not locked was left by a run that was killed, and is taken
away by the next run of the same tool into the same place.
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
    with _locked(out):  # between making a folder and locking it, nobody may take it for an old one
        for left in out.glob(f"{prefix}*{_SUFFIX}"):
            _take_away(left)
        folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=_SUFFIX, dir=out))
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _take_away(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    except BlockingIOError:  # its run is at work
        return
    finally:
        os.close(handle)
