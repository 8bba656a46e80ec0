"""How fast a tool goes and when it will be done, on stderr while it works."""

import sys
import time
from collections.abc import Callable

from crewboard.cli.terminal import talk

_OFTEN, _SELDOM = 0.2, 10.0
"""Seconds between two lines: on a terminal, where each replaces the last, and in a log."""


class Status:
    """One line that says how it goes: on a terminal the next one takes its place."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._said = clock, clock()
        self._live = sys.stderr.isatty()
        self._shown = 0

    def is_due(self) -> bool:
        """Whether it is time for another one; then the next is due as much later."""
        now = self._clock()
        if now - self._said < (_OFTEN if self._live else _SELDOM):
            return False
        self._said = now
        return True

    def show(self, text: str) -> None:
        if not self._live:
            talk(text)
            return
        sys.stderr.write("\r" + text.ljust(self._shown))
        sys.stderr.flush()
        self._shown = len(text)

    def end(self) -> None:
        """Take the last line away again."""
        if self._shown:
            sys.stderr.write("\r" + " " * self._shown + "\r")
            sys.stderr.flush()


class Pace:
    """What a tool's context calls with how far it is. Says nothing in the first moment."""

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._clock = what, clock
        self._began, self._first, self._note = clock(), 0, ""
        self._status = Status(clock)
        self.end = self._status.end

    def __call__(self, done: int, total: int | None, note: str) -> None:
        now = self._clock()
        if note != self._note:  # the first call, or another pass over the rows
            self._first, self._began, self._note = done, now, note
        if self._status.is_due():
            told = words(done, total, self._rate(done, now))
            self._status.show(f"{self._what}: {told} ({note})")

    def _rate(self, done: int, now: float) -> float:
        """Rows a second since the first call of a pass: what a resumed run skipped does not count."""
        seconds = now - self._began
        return (done - self._first) / seconds if seconds > 0 else 0.0


def words(done: int, total: int | None, rate: float) -> str:
    """`12,000 of about 107,000 rows, 24,100 a second, 4 s left`."""
    told = f"{done:,}" + (f" of about {total:,}" if total else "") + " rows"
    if rate > 0:
        told += f", {rate:,.0f} a second"
        if total and total > done:
            told += f", {span((total - done) / rate)} left"
    return told


def span(seconds: float) -> str:
    if seconds < 90:  # noqa: PLR2004 - below that people think in seconds
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"  # noqa: PLR2004 - likewise
