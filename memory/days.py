"""The days that a question speaks of: `yesterday`, `last week`, `2026-11-03`, `3 Nov`, `2 days ago`.

What is covered: English words, ISO dates, and days of a month by name. A week begins on Monday; a
weekday or a day without its year is the last one that has come. What is not: other languages, and times
of day. A date that no calendar has ("October 32") is no date, and stays a word.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DAY = timedelta(days=1)
_MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTHS)
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_COUNT = r"\d{1,3}|" + "|".join(_COUNTS)


@dataclass(frozen=True)
class Days:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: str) -> bool:
        """Whether an ISO day is one of them; a text that is no day is none."""
        return self.first.isoformat() <= day[:10] <= self.last.isoformat()


@dataclass(frozen=True)
class Asked:
    """A question without its date words, and the days that those named; None where there were none."""

    words: str
    days: Days | None


def asked(query: str, today: date) -> Asked:
    """Take the date words out of a question: all of one kind, the most exact kind that it holds."""
    for pattern, read in _READERS:
        found = [(m, days) for m in pattern.finditer(query) if (days := read(m, today))]
        if found:
            words = query
            for match, _ in reversed(found):
                words = f"{words[: match.start()]} {words[match.end() :]}"
            span = [days for _, days in found]
            return Asked(words, Days(min(d.first for d in span), max(d.last for d in span)))
    return Asked(query, None)


_Read = Callable[[re.Match[str], date], Days | None]


def _iso(found: re.Match[str], today: date) -> Days | None:
    del today
    return _one(int(found[1]), int(found[2]), int(found[3]))


def _named(found: re.Match[str], today: date) -> Days | None:
    """`3 November`, `Nov 3rd, 2025`."""
    parts = found.groupdict()
    number, name = parts["d1"] or parts["d2"], parts["m1"] or parts["m2"]
    month = next(n for n, each in enumerate(_MONTHS, 1) if each.startswith(name[:3].lower()))
    if parts["year"]:
        return _one(int(parts["year"]), month, int(number))
    this = _one(today.year, month, int(number))
    return this if this is None or this.first <= today else _one(today.year - 1, month, int(number))


def _ago(found: re.Match[str], today: date) -> Days | None:
    count = _COUNTS.get(found[1].lower()) or int(found[1])
    unit = found[2].lower()
    if unit == "day":
        return Days(today - count * _DAY, today - count * _DAY)
    if unit == "week":
        return _week(today - 7 * count * _DAY)
    return _month(today.year, today.month - count)


def _past(found: re.Match[str], today: date) -> Days | None:
    count = _COUNTS.get(found[1].lower()) or int(found[1])
    return Days(today - count * {"day": 1, "week": 7, "month": 31}[found[2].lower()] * _DAY, today)


def _relative(found: re.Match[str], today: date) -> Days | None:
    which, unit = found[1].lower(), found[2].lower()
    back = int(which == "last")
    if unit == "week":
        return _week(today - 7 * back * _DAY)
    if unit == "month":
        return _month(today.year, today.month - back)
    return Days(date(today.year - back, 1, 1), date(today.year - back, 12, 31))


def _today(found: re.Match[str], today: date) -> Days | None:
    day = today - _DAY * (found[0].lower() == "yesterday")
    return Days(day, day)


def _weekday(found: re.Match[str], today: date) -> Days | None:
    back = (today.weekday() - _WEEKDAYS.index(found[1].lower())) % 7
    day = today - (back or 7 * (found[0].lower().startswith("last"))) * _DAY
    return Days(day, day)


def _in_month(found: re.Match[str], today: date) -> Days | None:
    month = next(n for n, each in enumerate(_MONTHS, 1) if each.startswith(found[1][:3].lower()))
    year = int(found[2]) if found[2] else today.year - (month > today.month)
    return _month(year, month)


def _one(year: int, month: int, day: int) -> Days | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return Days(found, found)


def _week(within: date) -> Days:
    monday = within - within.weekday() * _DAY
    return Days(monday, monday + 6 * _DAY)


def _month(year: int, month: int) -> Days | None:
    """A month, which may be counted below January."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if not date.min.year <= year <= date.max.year:
        return None
    return Days(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _reader(pattern: str, read: _Read) -> tuple[re.Pattern[str], _Read]:
    return re.compile(pattern, re.IGNORECASE), read


_READERS = (
    _reader(r"\b(\d{4})-(\d\d)-(\d\d)\b", _iso),
    _reader(
        rf"\b(?:on )?(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{_MONTH})"
        rf"|(?P<m2>{_MONTH})\.? (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?)\b(?:,? (?P<year>\d{{4}})\b)?",
        _named,
    ),
    _reader(rf"\b({_COUNT}) (day|week|month)s? ago\b", _ago),
    _reader(rf"\b(?:in )?the (?:last|past) ({_COUNT}) (day|week|month)s?\b", _past),
    _reader(r"\b(?:today|yesterday)\b", _today),
    _reader(rf"\b(?:on |last )({'|'.join(_WEEKDAYS)})\b", _weekday),
    _reader(r"\b(last|this) (week|month|year)\b", _relative),
    _reader(rf"\bin ({'|'.join(_MONTHS)})\b(?: (\d{{4}})\b)?", _in_month),
)
