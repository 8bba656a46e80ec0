"""The timesheet: which slots of the schedule were kept, as the ledger has it.

It stands in one meta row, changed in the transaction that appends the event it tells of
(`standup.written`, `review.written`, `schedule.set`). So it survives what the ledger survives.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from crewboard.canonical import canonical_json
from crewboard.clock import parse_stamp, stamp
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.reporting.schedule import REVIEW, STANDUP, Schedule, Settled, owing

_ROW = "timesheet"
_REMEMBERED = 64  # slots: a month of stand-ups and reviews
_SKEW = timedelta(days=1)
JOBS = (STANDUP, REVIEW)


@dataclass(frozen=True)
class Timesheet:
    """`since` is when the schedule was set, `kept` the instant of each kept slot by its key, newest
    last, and `owed` the labels of slots that were missed under an older schedule, by job."""

    schedule: Schedule
    since: datetime
    kept: Mapping[str, datetime]
    owed: Mapping[str, tuple[str, ...]]

    def holds(self, schedule: Schedule, now: datetime) -> bool:
        """Whether this is the sheet of `schedule`. One that was set by a clock far ahead is begun anew:
        nothing would be due until that day came."""
        return self.schedule == schedule and self.since <= now + _SKEW

    def settled(self, now: datetime) -> dict[str, Settled]:
        """What lies behind at `now`. A slot that a clock gone wrong kept in the future does not count
        until it comes."""
        return {job: Settled(self._until(job, now), frozenset(self.kept)) for job in JOBS}

    def counts_from(self, key: str, day: date, now: datetime) -> datetime:
        """The instant that a slot kept at `now` counts for: its own, or `now` where it is kept early or
        the schedule does not know it."""
        own = (slot.at for slot in self.schedule.of_day(day) if slot.key == key)
        return min(next(own, now), now)

    def missed(self, job: str, until: datetime, but: str = "") -> tuple[str, ...]:
        """The labels of what was missed up to `until` and not told yet, except the slot `but`."""
        slots = owing(self.schedule, job, self.settled(until)[job], until)
        return (*self.owed.get(job, ()), *(slot.label for slot in slots if slot.key != but))

    def _until(self, job: str, now: datetime) -> datetime:
        own = (at for key, at in self.kept.items() if key.partition(" ")[0] == job)
        return max((at for at in (*own, self.since) if at <= now), default=now)


def read(tx: Transaction) -> Timesheet | None:
    """None while no schedule was ever set and nothing was written."""
    row = tx.one("get_meta", name=_ROW)
    return _parsed(json.loads(row["value"])) if row else None


def set_schedule(tx: Transaction, schedule: Schedule, actor: str) -> Timesheet:
    """Take `schedule` as the one that holds from now on. What was missed under the one before is owed:
    the next stand-up tells it."""
    now, known = parse_stamp(tx.at), read(tx)
    if known and known.holds(schedule, now):
        return known
    kept = dict(known.kept) if known else {}
    owed = {job: known.missed(job, now) for job in JOBS} if known else {}
    sheet = Timesheet(schedule, now, kept, owed)
    if known or schedule != Schedule():
        tx.event("schedule.set", actor, None, None, **schedule.as_json())
    _write(tx, sheet)
    return sheet


def keep(tx: Transaction, sheet: Timesheet, key: str, at: datetime) -> None:
    """Note that the slot `key` of the instant `at` was kept, and what its job owed told."""
    kept = {name: when for name, when in sheet.kept.items() if name != key} | {key: at}
    newest = dict(list(kept.items())[-_REMEMBERED:])
    owed = {job: labels for job, labels in sheet.owed.items() if job != key.partition(" ")[0]}
    _write(tx, replace(sheet, kept=newest, owed=owed))


def _write(tx: Transaction, sheet: Timesheet) -> None:
    value = {
        "schedule": sheet.schedule.as_json(),
        "since": stamp(sheet.since),
        "kept": [[key, stamp(at)] for key, at in sheet.kept.items()],
        "owed": {job: list(labels) for job, labels in sheet.owed.items() if labels},
    }
    tx.change("set_meta", name=_ROW, value=canonical_json(value))


def _parsed(value: dict[str, Any]) -> Timesheet:
    return Timesheet(
        Schedule.from_json(value["schedule"]),
        parse_stamp(value["since"]),
        {key: parse_stamp(at) for key, at in value["kept"]},
        {job: tuple(labels) for job, labels in value["owed"].items()},
    )
