"""The crew's lease: one crew at a time works in a workspace.

On one host a file lock says who it is: the kernel lets go of it the moment the holder dies, so nobody
waits for a time-out after `kill -9`. The ledger keeps a fencing token beside it: a crew that was
stopped, lost its lock and wakes up again finds another number there, and writes nothing.
"""

import fcntl
import os
from datetime import timedelta
from pathlib import Path

from crewboard.clock import stamp
from crewboard.coordination.ledger import Ledger
from crewboard.errors import CrewRunning

_TTL = timedelta(seconds=30)


class Lease:
    """Held from `take` to `end`, or to the death of the process. `renew` shows that it lives."""

    def __init__(self, ledger: Ledger, lock: Path) -> None:
        self._ledger = ledger
        self._lock = lock
        self._handle: int | None = None

    def take(self) -> int:
        """The new fencing token; CrewRunning when another crew lives."""
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode() or "unknown"
            os.close(handle)
            raise CrewRunning(path=self._lock.parent.parent, process=holder) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._handle = handle
        ledger = self._ledger
        with ledger.write() as tx:
            expires = stamp(ledger.clock.now() + _TTL)
            tx.change("take_lease", name="crew", holder=f"pid:{os.getpid()}", expires=expires)
            row = tx.one("get_lease", name="crew")
        ledger.fence = int(row["fence"]) if row else 0
        return ledger.fence

    def renew(self) -> None:
        """LeaseLost when another crew has taken over."""
        with self._ledger.write() as tx:
            expires = stamp(self._ledger.clock.now() + _TTL)
            tx.change("renew_lease", name="crew", fence=self._ledger.fence, expires=expires)

    def end(self) -> None:
        if self._handle is None:
            return
        try:
            with self._ledger.write() as tx:
                tx.change("end_lease", name="crew", fence=self._ledger.fence, at=tx.at)
        finally:
            os.close(self._handle)
            self._handle = None
        self._ledger.fence = None  # kept when the lease was lost: this ledger writes nothing more


def holder(lock: Path) -> int | None:
    """The process id of the living crew; None when none lives."""
    try:
        handle = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.pread(handle, 32, 0).decode() or 0)
    else:
        return None
    finally:
        os.close(handle)
