"""Date words in a question, and the days that they mean. Today is Saturday, 21 November 2026."""

from datetime import date

import pytest

from crewboard.memory.days import Days, asked

TODAY = date(2026, 11, 21)


def days(first: str, last: str = "") -> Days:
    return Days(date.fromisoformat(first), date.fromisoformat(last or first))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mix on 2026-11-03", days("2026-11-03")),
        ("between 2026-11-03 and 2026-11-05", days("2026-11-03", "2026-11-05")),
        ("yesterday", days("2026-11-20")),
        ("what failed today?", days("2026-11-21")),
        ("last week", days("2026-11-09", "2026-11-15")),
        ("this week", days("2026-11-16", "2026-11-22")),
        ("two weeks ago", days("2026-11-02", "2026-11-08")),
        ("3 days ago", days("2026-11-18")),
        ("a month ago", days("2026-10-01", "2026-10-31")),
        ("the last 3 days", days("2026-11-18", "2026-11-21")),
        ("on Monday", days("2026-11-16")),
        ("on Saturday", days("2026-11-21")),
        ("last saturday", days("2026-11-14")),
        ("last month", days("2026-10-01", "2026-10-31")),
        ("last year", days("2025-01-01", "2025-12-31")),
        ("in December", days("2025-12-01", "2025-12-31")),  # the last one that has come
        ("in february 2024", days("2024-02-01", "2024-02-29")),
        ("3 November", days("2026-11-03")),
        ("Nov 3rd", days("2026-11-03")),
        ("on 3rd of nov, 2025", days("2025-11-03")),
        ("December 24", days("2025-12-24")),
    ],
)
def test_date_words_mean_days(query: str, expected: Days) -> None:
    assert asked(query, TODAY).days == expected


@pytest.mark.parametrize(
    "query",
    [
        "",
        "October 32",
        "2026-13-01",
        "2026-02-30",
        "march on",
        "the mayor may",
        "3 markets",
        "day 3",
    ],
)
def test_what_no_calendar_has_stays_words(query: str) -> None:
    assert asked(query, TODAY) == asked(query, TODAY).__class__(query, None)


def test_date_words_are_no_words_to_look_for() -> None:
    assert asked("why did the mix fail last week?", TODAY).words.split() == [
        "why", "did", "the", "mix", "fail", "?",
    ]  # fmt: skip


def test_a_month_ago_in_january_is_december() -> None:
    assert asked("a month ago", date(2026, 1, 15)).days == days("2025-12-01", "2025-12-31")


def test_a_day_of_the_notes_is_in_its_days() -> None:
    week = days("2026-11-09", "2026-11-15")
    assert "2026-11-09" in week
    assert "2026-11-15" in week
    assert "2026-11-16" not in week
    assert "" not in week
