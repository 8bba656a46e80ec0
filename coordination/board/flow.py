"""How work flows over the board, computed from the ledger's events: times, throughput, ages, burn.

Lead time runs from a card's creation to its end, cycle time from the first moment that somebody worked
on it. p85 is by nearest rank: of 100 values the 85th smallest. What is cancelled counts as never asked
for from then on. Cards that people keep by hand have no events, and are not in here.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from statistics import median

from crewboard.clock import parse_stamp
from crewboard.coordination.ledger.events import Event

_HOUR = 3600.0
_P85 = 0.85
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


class Stage(Enum):
    """Where a card is, as the board's columns show it; GONE when it was cancelled."""

    BACKLOG = "Backlog"
    IN_PROGRESS = "In Progress"
    BLOCKED = "Blocked"
    DONE = "Done"
    GONE = "withdrawn"


OPEN = (Stage.BACKLOG, Stage.IN_PROGRESS, Stage.BLOCKED)
_ENDS = {"COMPLETED": Stage.DONE, "CANCELED": Stage.GONE}
_BLOCKED = {"FAILED", "REJECTED"}
_HELD_UP = "human"


@dataclass
class Track:
    """One card's way: when it entered which stage, in order of time."""

    id: str
    kind: str
    title: str
    role: str
    moves: list[tuple[datetime, Stage]] = field(default_factory=list)

    @property
    def created(self) -> datetime:
        return self.moves[0][0]

    @property
    def stage(self) -> Stage:
        return self.moves[-1][1]

    @property
    def started(self) -> datetime | None:
        return next((at for at, stage in self.moves if stage is Stage.IN_PROGRESS), None)

    @property
    def done(self) -> datetime | None:
        return self.moves[-1][0] if self.stage is Stage.DONE else None

    def at(self, moment: datetime) -> Stage | None:
        """The stage at `moment`; None before the card was there."""
        past = [stage for at, stage in self.moves if at <= moment]
        return past[-1] if past else None

    def time_in(self, stage: Stage, since: datetime, until: datetime) -> timedelta:
        """How long the card was in a stage between two moments."""
        ends = [*(at for at, _ in self.moves[1:]), max(until, self.moves[-1][0])]
        spans = zip(self.moves, ends, strict=True)
        within = (min(end, until) - max(at, since) for (at, s), end in spans if s is stage)
        return sum((each for each in within if each > timedelta()), timedelta())


@dataclass(frozen=True)
class Spread:
    """Hours: how many cases, the middle one, and what 85 of 100 stay within. None without a case."""

    count: int
    median: float | None
    p85: float | None

    @classmethod
    def of(cls, hours: Iterable[float]) -> "Spread":
        found = sorted(hours)
        if not found:
            return cls(0, None, None)
        return cls(len(found), median(found), found[math.ceil(_P85 * len(found)) - 1])


@dataclass(frozen=True)
class Aging:
    """An open card: hours since it was created, and of these in Blocked."""

    id: str
    title: str
    role: str
    stage: Stage
    age: float
    blocked: float


@dataclass(frozen=True)
class Flow:
    """The figures between `since` and `until`. `per_week` counts the cards done in each 7 days, the
    last of them ending at `until`; `wip_average` is the mean number in progress over the time."""

    since: datetime
    until: datetime
    cycle: Spread
    lead: Spread
    blocked: Spread
    wip: int
    wip_average: float
    done: int
    per_week: tuple[int, ...]
    aging: tuple[Aging, ...]


@dataclass(frozen=True)
class Day:
    """How many cards were in each stage when a day (UTC) ended."""

    day: date
    counts: Counter[Stage]

    @property
    def scope(self) -> int:
        """All that was asked for and not taken back."""
        return sum(self.counts[stage] for stage in (*OPEN, Stage.DONE))


def tracks(events: Iterable[Event], kinds: Sequence[str] = ("work", "question")) -> list[Track]:
    """The ways of all cards of these kinds of task, in order of creation.

    A clock that ran backwards makes a move no earlier than the one before it.
    """
    found: dict[str, Track] = {}
    for event in events:
        name, data = event.task or "", event.data
        if event.kind == "task.created" and data.get("kind") in kinds:
            track = Track(name, data["kind"], str(data.get("title", "")), str(data.get("role", "")))
            track.moves.append((parse_stamp(event.at), Stage.BACKLOG))
            found[name] = track
        elif event.kind == "task.moved" and name in found:
            _move(found[name], parse_stamp(event.at), _stage(data))
    return list(found.values())


def flow(found: Sequence[Track], since: datetime, until: datetime) -> Flow:
    """The figures of the cards between two moments; `since` is no earlier than the first card."""
    since = max(since, min((track.created for track in found), default=since))
    ended = [track for track in found if (at := track.done) and since <= at <= until]
    held = [track.time_in(Stage.BLOCKED, since, until) for track in found]
    worked = sum((track.time_in(Stage.IN_PROGRESS, since, until) for track in found), timedelta())
    whole = (until - since).total_seconds()
    return Flow(
        since=since,
        until=until,
        cycle=Spread.of(_hours(t.done - t.started) for t in ended if t.done and t.started),
        lead=Spread.of(_hours(t.done - t.created) for t in ended if t.done),
        blocked=Spread.of(_hours(each) for each in held if each),
        wip=sum(track.at(until) is Stage.IN_PROGRESS for track in found),
        wip_average=worked.total_seconds() / whole if whole > 0 else 0.0,
        done=len(ended),
        per_week=_per_week(ended, since, until),
        aging=tuple(sorted(_aging(found, until), key=lambda each: -each.age)),
    )


def days(found: Sequence[Track], until: datetime) -> list[Day]:
    """One entry for each day (UTC) from the first card's creation to `until`."""
    if not found:
        return []
    first, last = min(t.created for t in found).date(), until.date()
    ends = (first + n * _DAY for n in range((last - first).days + 1))
    return [Day(day, _counts(found, min(_end_of(day), until))) for day in ends]


def _move(track: Track, at: datetime, stage: Stage) -> None:
    last, before = track.moves[-1]
    if stage is not before:
        track.moves.append((max(at, last), stage))


def _stage(data: dict[str, object]) -> Stage:
    state = str(data.get("state"))
    if state in _BLOCKED or (state not in _ENDS and data.get("waits") == _HELD_UP):
        return Stage.BLOCKED
    if state == "SUBMITTED":
        return Stage.BACKLOG
    return _ENDS.get(state, Stage.IN_PROGRESS)


def _aging(found: Sequence[Track], until: datetime) -> Iterable[Aging]:
    for track in found:
        stage = track.at(until)
        if stage in OPEN:
            held = track.time_in(Stage.BLOCKED, track.created, until)
            age = _hours(until - track.created)
            yield Aging(track.id, track.title, track.role, stage, age, _hours(held))


def _per_week(ended: Sequence[Track], since: datetime, until: datetime) -> tuple[int, ...]:
    weeks = max(1, math.ceil((until - since) / _WEEK))
    back = Counter(min((until - track.done) // _WEEK, weeks - 1) for track in ended if track.done)
    return tuple(back[week] for week in reversed(range(weeks)))


def _counts(found: Sequence[Track], moment: datetime) -> Counter[Stage]:
    return Counter(stage for track in found if (stage := track.at(moment)))


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)


def _hours(span: timedelta) -> float:
    return span.total_seconds() / _HOUR
