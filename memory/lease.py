"""A read lease: the kernel's word that nobody has a file open for writing (Linux, fcntl(2)).

It is refused while any process has the file open for writing. Once it is given, whoever opens the
file for writing waits inside `open` until it is given back, with the bytes still untouched: a save
in place either has ended or has not begun. The kernel announces such a visitor by SIGIO, which ends
a process that does not expect it, so SIGURG is asked for instead, which nobody notices. We never
wait for the signal but ask (`broken`), so a lease works from any thread.

Not promised: network file systems and other people's files, where it is refused, and a holder that
is stopped for longer than /proc/sys/fs/lease-break-time (45 s), from whom it is taken.
"""

import errno
import fcntl
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

PAGE_LEASE = True
"""Off: pages are read and written as on a system without leases, by waiting until they rest."""

_REFUSED = {
    errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK,
}  # fmt: skip


class Grant(Enum):
    HELD = "nobody has the file open for writing"
    BUSY = "somebody has it open for writing"
    REFUSED = "there are no leases here"


@contextmanager
def leased(handle: int) -> Iterator[Grant]:
    """Ask for a lease on an open, regular file; it is given back when the block ends."""
    grant = _take(handle) if PAGE_LEASE and hasattr(fcntl, "F_SETLEASE") else Grant.REFUSED
    try:
        yield grant
    finally:
        if grant is Grant.HELD:
            fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def broken(handle: int) -> bool:
    """Whether somebody waits to write to the file that `handle` holds a lease on."""
    return fcntl.fcntl(handle, fcntl.F_GETLEASE) != fcntl.F_RDLCK


def _take(handle: int) -> Grant:
    try:
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        if error.errno == errno.EAGAIN:
            return Grant.BUSY
        if error.errno in _REFUSED:
            return Grant.REFUSED
        raise
    return Grant.HELD
