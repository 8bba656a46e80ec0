"""When stand-ups and the review are due: hours of the day in one zone, and no memory of its own.

A slot is one hour on one local day. Where a change of the clocks leaves that hour out, the slot comes
as much later as the clocks jump (02:30 becomes 03:30); where the hour comes twice, the first one
counts. What was kept is known by the slot's job, day and part, and never by how long ago something
ran: so a restart, a sleep or a clock that jumps neither repeats a slot nor passes one over in silence.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

STANDUP: Final = "standup"
REVIEW: Final = "review"
MORNING: Final = "morning"
EVENING: Final = "evening"
_NOON = time(12)
_DAY = timedelta(days=1)
_AHEAD = 2  # days within which the next slot of a daily hour lies, wherever the zone


@dataclass(frozen=True, order=True)
class Slot:
    """One hour at which one job is due: `at` in UTC, `day` and `part` as the schedule's zone has them."""

    at: datetime
    job: str
    day: date
    part: str = ""

    @property
    def key(self) -> str:
        return key(self.job, self.day, self.part)

    @property
    def label(self) -> str:
        return f"{self.day.isoformat()} {self.part}".rstrip()


def key(job: str, day: date, part: str = "") -> str:
    """Name what a job does once: `standup 2026-11-21 morning`."""
    return f"{job} {day.isoformat()} {part}".rstrip()


@dataclass(frozen=True)
class Schedule:
    """The hours of stand-ups and of the review; without hours nothing is ever due."""

    standup: tuple[time, ...] = ()
    review: time | None = None
    zone: str = "UTC"

    @cached_property
    def clock_zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def parts(self) -> dict[str, time]:
        """The stand-ups of a day by name: the first before noon is the morning's, the last from noon
        on the evening's, and any other goes by its hour."""
        hours = sorted(set(self.standup))
        names = [f"{hour:%H:%M}" for hour in hours]
        if hours and hours[0] < _NOON:
            names[0] = MORNING
        if hours and hours[-1] >= _NOON:
            names[-1] = EVENING
        return dict(zip(names, hours, strict=True))

    def local_day(self, at: datetime) -> date:
        return at.astimezone(self.clock_zone).date()

    def midnight(self, day: date) -> datetime:
        """When `day` begins in the schedule's zone, in UTC."""
        return datetime.combine(day, time(), self.clock_zone).astimezone(UTC)

    def part_at(self, at: datetime) -> str:
        """Name the stand-up that one written at `at` is: that of the newest hour which has come, else
        the day's first; without hours the half of the day."""
        now = at.astimezone(self.clock_zone).time()
        if not self.standup:
            return MORNING if now < _NOON else EVENING
        come = [name for name, hour in self.parts.items() if hour <= now]
        return come[-1] if come else next(iter(self.parts))

    def slots(self, after: datetime, until: datetime) -> tuple[Slot, ...]:
        """Every slot in (after, until], oldest first."""
        day, last = self.local_day(after) - _DAY, self.local_day(until)
        found: list[Slot] = []
        while day <= last:
            found += (slot for slot in self.of_day(day) if after < slot.at <= until)
            day += _DAY
        return tuple(sorted(found))

    def of_day(self, day: date) -> Iterator[Slot]:
        for part, hour in self.parts.items():
            yield self._slot(STANDUP, day, hour, part)
        if self.review is not None:
            yield self._slot(REVIEW, day, self.review)

    def next_after(self, now: datetime) -> datetime | None:
        """When something is due next, in UTC; None when nothing ever is."""
        return next((slot.at for slot in self.slots(now, now + _AHEAD * _DAY)), None)

    def as_json(self) -> dict[str, Any]:
        return {
            "standup": [f"{hour:%H:%M}" for hour in self.standup],
            "review": f"{self.review:%H:%M}" if self.review else None,
            "zone": self.zone,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Schedule":
        review = time.fromisoformat(value["review"]) if value["review"] else None
        return cls(tuple(map(time.fromisoformat, value["standup"])), review, value["zone"])

    def _slot(self, job: str, day: date, hour: time, part: str = "") -> Slot:
        return Slot(datetime.combine(day, hour, self.clock_zone).astimezone(UTC), job, day, part)


@dataclass(frozen=True)
class Settled:
    """What of a job lies behind: every slot up to `until` was kept or told as missed, and so were those
    in `keys`, wherever they lie."""

    until: datetime
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Due:
    """What to do now: `slot`, however late it is, and `missed`, which it has to tell of."""

    slot: Slot
    missed: tuple[Slot, ...] = ()


def due(schedule: Schedule, last: Mapping[str, Settled], now: datetime) -> tuple[Due, ...]:
    """What is due at `now`, at most one slot of each job: the newest that has come and was not kept.
    Older ones were missed. A job that `last` does not name has nothing due."""
    behind = {job: owing(schedule, job, settled, now) for job, settled in last.items()}
    return tuple(_due(slots) for slots in behind.values() if slots)


def owing(schedule: Schedule, job: str, settled: Settled, now: datetime) -> tuple[Slot, ...]:
    """The slots of `job` that have come and were neither kept nor told as missed, oldest first."""
    come = schedule.slots(settled.until, now) if settled.until < now else ()
    return tuple(slot for slot in come if slot.job == job and slot.key not in settled.keys)


def _due(slots: Iterable[Slot]) -> Due:
    *missed, newest = slots
    return Due(newest, tuple(missed))
