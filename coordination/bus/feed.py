"""Waking whoever waits for a task: one thread follows the events for all of them.

A bell says that something may have changed, and never what: whoever hears it reads the ledger. So a
slow reader costs nothing, misses nothing, and everybody sees the same events in the same order.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from crewboard.coordination.ledger import Ledger
from crewboard.errors import CrewboardError

_AT_ONCE = 500


class Bell:
    """Rings for one task in one event loop."""

    def __init__(self, task: str) -> None:
        self.task = task
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """From any thread."""
        with suppress(
            RuntimeError
        ):  # the loop was closed while its last bells were being taken down
            self._loop.call_soon_threadsafe(self._rung.set)

    async def heard(self, seconds: float) -> bool:
        """Wait for the next ring, `seconds` at most; whether there was one."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class Feed:
    """Rings at once for what this process commits, within `poll` seconds for what others do."""

    def __init__(self, ledger: Ledger, poll: float) -> None:
        self._ledger = ledger
        self._poll = poll
        self._bells: set[Bell] = set()
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    @contextmanager
    def follow(self, task: str) -> Iterator[Bell]:
        """A bell for the task. Take it before the first look, so that nothing falls between."""
        bell = Bell(task)
        with self._lock:
            self._bells.add(bell)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bus-feed", daemon=True)
                self._thread.start()
            self._wanted.set()
        try:
            yield bell
        finally:
            with self._lock:
                self._bells.discard(bell)
                if not self._bells and not self._closing:
                    self._wanted.clear()

    def close(self) -> None:
        self._closing = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._closing:
                self._wanted.wait()
                self._watch()
        finally:
            self._ledger.close()

    def _watch(self) -> None:
        """Ring for every event from now on, until nobody waits any more."""
        seen = self._ledger.wait(-1, 0)
        cursor = self._last()
        self._ring(None)  # what was written before the cursor was set
        while self._wanted.is_set() and not self._closing:
            seen = self._ledger.wait(seen, self._poll)
            cursor = self._ring_after(cursor)

    def _last(self) -> int:
        with self._ledger.read() as tx:
            last = tx.one("last_event")
        return last["seq"] if last else 0

    def _ring_after(self, cursor: int) -> int:
        """Ring for what came after `cursor`; where to go on. A ledger that cannot be read right now
        rings everybody, and each finds out for itself."""
        try:
            with self._ledger.read() as tx:
                rows = tx.run("events_after", seq=cursor, count=_AT_ONCE)
        except (CrewboardError, sqlite3.Error):
            self._ring(None)
            return cursor
        if rows:
            self._ring({name for row in rows for name in (row["task"], row["goal"])})
            cursor = rows[-1]["seq"]
        return cursor if len(rows) < _AT_ONCE else self._ring_after(cursor)

    def _ring(self, tasks: set[str] | None) -> None:
        with self._lock:
            for bell in self._bells:
                if tasks is None or bell.task in tasks:
                    bell.ring()
