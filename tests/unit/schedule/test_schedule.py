"""What is due, at every hour of the clock and of the year."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewboard.coordination.reporting.schedule import (
    REVIEW,
    STANDUP,
    Due,
    Schedule,
    Settled,
    due,
    key,
)

AMSTERDAM = Schedule((time(9), time(17, 30)), time(23, 30), "Europe/Amsterdam")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def labels(found: tuple[Due, ...]) -> list[str]:
    return [each.slot.key for each in found]


def since(moment: str, *keys: str) -> dict[str, Settled]:
    return {job: Settled(at(moment), frozenset(keys)) for job in (STANDUP, REVIEW)}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-21T07:59:59", []),  # 08:59:59 in Amsterdam
        ("2026-11-21T08:00", ["standup 2026-11-21 morning"]),
        ("2026-11-21T16:30", ["standup 2026-11-21 evening"]),
        ("2026-11-21T22:30", ["standup 2026-11-21 evening", "review 2026-11-21"]),
        ("2026-11-22T03:00", ["standup 2026-11-21 evening", "review 2026-11-21"]),
    ],
)
def test_the_newest_hour_that_has_come_is_due(now: str, expected: list[str]) -> None:
    assert labels(due(AMSTERDAM, since("2026-11-21T06:00"), at(now))) == expected


def test_what_was_kept_is_not_due_again() -> None:
    """A stand-up that a person wrote early counts for its hour."""
    kept = since("2026-11-21T06:00", "standup 2026-11-21 morning", "review 2026-11-21")
    assert due(AMSTERDAM, kept, at("2026-11-21T08:30")) == ()
    found = due(AMSTERDAM, kept, at("2026-11-21T23:00"))
    assert labels(found) == ["standup 2026-11-21 evening"]
    assert found[0].missed == ()


def test_after_a_sleep_of_days_the_newest_is_due_once_and_the_others_are_told() -> None:
    """F7: what nobody wrote is counted by the machine."""
    standup, review = due(AMSTERDAM, since("2026-11-17T17:00"), at("2026-11-20T07:00"))
    assert standup.slot.label == "2026-11-19 evening"
    assert [slot.label for slot in standup.missed] == [
        "2026-11-18 morning", "2026-11-18 evening", "2026-11-19 morning",
    ]  # fmt: skip
    assert (review.slot.label, len(review.missed)) == ("2026-11-19", 2)


def test_a_clock_that_was_set_back_makes_nothing_due() -> None:
    assert due(AMSTERDAM, since("2026-11-21T22:31"), at("2026-11-21T08:30")) == ()


def test_a_job_that_never_began_has_nothing_due() -> None:
    assert due(AMSTERDAM, {}, at("2026-11-21T22:31")) == ()
    assert due(Schedule(), since("2020-01-01T00:00"), at("2026-11-21T22:31")) == ()


@pytest.mark.parametrize(
    ("zone", "day", "hour", "instant"),
    [
        ("Europe/Amsterdam", date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),  # left out: 03:30
        (
            "Europe/Amsterdam",
            date(2026, 10, 25),
            time(2, 30),
            "2026-10-25T00:30",
        ),  # twice: the first
        ("Europe/Amsterdam", date(2026, 3, 29), time(9), "2026-03-29T07:00"),
        ("Europe/Amsterdam", date(2026, 3, 28), time(9), "2026-03-28T08:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:45"),  # half an hour
        ("Pacific/Kiritimati", date(2026, 1, 1), time(9), "2025-12-31T19:00"),
    ],
)
def test_an_hour_comes_once_on_the_days_when_the_clocks_change(
    zone: str, day: date, hour: time, instant: str
) -> None:
    (slot,) = Schedule((hour,), None, zone).of_day(day)
    assert slot.at == at(instant)


@given(
    zone=st.sampled_from(["UTC", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"]),
    hours=st.lists(
        st.times().map(lambda t: t.replace(second=0, microsecond=0)), min_size=1, max_size=4
    ),
    start=st.integers(0, 525_600).map(lambda minute: NEW_YEAR + timedelta(minutes=minute)),
    steps=st.lists(st.integers(-40, 3_000), min_size=1, max_size=30),
)
def test_whatever_the_clock_does_each_slot_is_kept_or_told_as_missed_once(
    zone: str, hours: list[time], start: datetime, steps: list[int]
) -> None:
    """Looks at any distance, and clocks that go back a little, repeat nothing and skip nothing."""
    schedule = Schedule(tuple(hours), None, zone)
    now = highest = start
    begun, until, kept, missed = now, now, list[str](), list[str]()
    for minutes in steps:
        now += timedelta(minutes=minutes)
        highest = max(highest, now)
        for each in due(schedule, {STANDUP: Settled(until, frozenset(kept))}, now):
            kept.append(each.slot.key)
            missed += [slot.key for slot in each.missed]
            until = each.slot.at
    every = [slot.key for slot in schedule.slots(begun, highest)]
    assert len(set(kept + missed)) == len(kept + missed)
    assert sorted(kept + missed) == sorted(every)


@pytest.mark.parametrize(
    ("hours", "names"),
    [
        ((), []),
        ((time(9), time(17, 30)), ["morning", "evening"]),
        ((time(17), time(9), time(13)), ["morning", "13:00", "evening"]),
        ((time(8), time(9)), ["morning", "09:00"]),
        ((time(12),), ["evening"]),
        ((time(13), time(14)), ["13:00", "evening"]),
    ],
)
def test_the_stand_ups_of_a_day_have_names_of_their_own(
    hours: tuple[time, ...], names: list[str]
) -> None:
    assert list(Schedule(hours).parts) == names


@pytest.mark.parametrize(
    ("schedule", "now", "part"),
    [
        (AMSTERDAM, "2026-11-21T05:00", "morning"),
        (AMSTERDAM, "2026-11-21T16:29", "morning"),
        (AMSTERDAM, "2026-11-21T16:30", "evening"),
        (Schedule(), "2026-11-21T11:59", "morning"),
        (Schedule(), "2026-11-21T12:00", "evening"),
        (Schedule(zone="America/New_York"), "2026-11-21T16:59", "morning"),
    ],
)
def test_one_written_by_hand_is_that_of_the_hour(schedule: Schedule, now: str, part: str) -> None:
    assert schedule.part_at(at(now)) == part


def test_a_schedule_survives_json() -> None:
    for each in (AMSTERDAM, Schedule()):
        assert Schedule.from_json(each.as_json()) == each


def test_the_next_hour_is_known_and_there_is_none_without_hours() -> None:
    assert AMSTERDAM.next_after(at("2026-11-21T08:00")) == at("2026-11-21T16:30")
    assert AMSTERDAM.next_after(at("2026-11-21T22:30")) == at("2026-11-22T08:00")
    assert Schedule().next_after(at("2026-11-21T22:30")) is None
    assert key(REVIEW, date(2026, 11, 21)) == "review 2026-11-21"
