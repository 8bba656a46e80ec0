"""How many calls may be under way at once: as many as the provider bears, found out on the way.

Additive increase, multiplicative decrease (Chiu and Jain 1989; TCP's rule): each answer adds a
1 / limit, so one more call for a round of good ones; a rate limit halves. Calls that were admitted
before the last halving say nothing new about it, so a burst of refusals counts once. After a refusal
nobody is admitted for as long as the provider asked, or for a growing pause with jitter.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Bounds, in calls and in seconds."""

    most: int = 32
    start: int = 8
    base_s: float = 0.5
    cap_s: float = 60.0
    jitter: Callable[[float], float] = lambda ceiling: random.uniform(0.0, ceiling)  # noqa: S311 - a pause


class Admission:
    """One provider's gate, for the tasks of one event loop."""

    def __init__(self, pace: Pace, now: Callable[[], float] | None = None) -> None:
        self._pace = pace
        self._now = now or asyncio.get_running_loop().time
        self._free = asyncio.Condition()
        self._round = 0
        self.refusals = 0
        self._closed_until = 0.0
        self.limit = float(min(pace.start, pace.most))
        self.active = 0
        self.peak = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[int]:
        """A place for one call; what it yields is for `slow_down`."""
        await self._enter()
        try:
            yield self._round
        finally:
            async with self._free:
                self.active -= 1
                self._free.notify(max(1, int(self.limit) - self.active))

    def went_well(self) -> None:
        self.refusals = 0
        self.limit = min(float(self._pace.most), self.limit + 1 / self.limit)

    def halve(self, admitted: int) -> None:
        """A call admitted in round `admitted` found the provider overloaded."""
        if admitted == self._round:
            self._round += 1
            self.refusals += 1
            self.limit = max(1.0, self.limit / 2)

    def slow_down(self, admitted: int, asked_s: float | None) -> None:
        """Likewise, and it asked for a pause: of `asked_s`, if it said."""
        self.halve(admitted)
        self._closed_until = max(self._closed_until, self._now() + self.pause(asked_s))

    def pause(self, asked_s: float | None) -> float:
        """Never shorter than what was asked, up to the cap."""
        grown = self._pace.base_s * 2.0 ** min(self.refusals, 16)
        drawn = self._pace.jitter(min(self._pace.cap_s, grown))
        return max(drawn, min(self._pace.cap_s, asked_s or 0.0))

    async def _enter(self) -> None:
        while True:
            async with self._free:
                await self._free.wait_for(lambda: self.active < int(self.limit))
                left = self._closed_until - self._now()
                if left <= 0:
                    self.active += 1
                    self.peak = max(self.peak, self.active)
                    return
            await asyncio.sleep(left)
