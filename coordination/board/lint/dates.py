"""B4: days that no calendar has, and a board whose time ran backwards (F2)."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from crewboard.coordination.board.labels import minute
from crewboard.coordination.board.lint.rule import Page, Rule, Severity, Spot

_MONTH_NAMES = (
    "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
    "august aug", "september sept sep", "october oct", "november nov", "december dec",
)  # fmt: skip
_MONTHS = {name: n for n, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_NAME = "(" + "|".join(map(str.title, sorted(_MONTHS, key=len, reverse=True))) + r")\.?"
"""With a capital: "may" and "march" are words, too."""
_ISO = re.compile(r"(?<![\w.-])(\d{4})-(\d\d)-(\d\d)(?![\w-]|\.\d)")
_MONTH_DAY = re.compile(rf"\b{_NAME} (\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,? (\d{{4}})\b)?")
_DAY_MONTH = re.compile(rf"(?<![\w,.])(\d{{1,2}})(?:st|nd|rd|th)? {_NAME}(?:,? (\d{{4}}))?\b")
_LEAP = 2024
_SYNCED = re.compile(r"\A_Last synced: (.*)_[ \t]*\Z")
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?[ \t]*(Z\b|[A-Z]{2,4}\b|[+-]\d\d:?\d\d)?"
)
_ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "ET": -5, "EST": -5, "EDT": -4, "CT": -6, "CST": -6, "CDT": -5,
    "MT": -7, "MST": -7, "MDT": -6, "PT": -8, "PST": -8, "PDT": -7, "CET": 1, "CEST": 2,
}  # fmt: skip
_SKEW = timedelta(hours=1)
"""A zone name such as ET may be an hour off with summer time; a clock may be a few minutes off."""


def impossible(page: Page) -> Iterator[Spot]:
    for at, text in page.shown:
        for day in dict.fromkeys(_impossible(text)):
            yield Spot(at, f"there is no day {day}")


def _impossible(text: str) -> Iterator[str]:
    for found in _ISO.finditer(text):
        if not _exists(int(found[1]), int(found[2]), int(found[3])):
            yield found[0]
    for found in _MONTH_DAY.finditer(text):
        if not _exists(int(found[3] or _LEAP), _MONTHS[found[1].lower()], int(found[2])):
            yield found[0]
    for found in _DAY_MONTH.finditer(text):
        if not _exists(int(found[3] or _LEAP), _MONTHS[found[2].lower()], int(found[1])):
            yield found[0]


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year or 1, month, day)
    except ValueError:
        return False
    return True


def synced_without_zone(page: Page) -> Iterator[Spot]:
    for at, text in _synced(page):
        found = _MOMENT.search(text)
        if found and not found[3]:
            yield Spot(at, f"«Last synced: {text[:40]}» names no time zone")


def synced_backwards(page: Page) -> Iterator[Spot]:
    """Before the ledger's last event, or still to come."""
    for at, text in _synced(page):
        told = moment(text)
        last = page.case.facts.last if page.case.facts else None
        if told and last and told < last.replace(second=0, microsecond=0):
            says = f"the board was last synced {minute(told)}, the last event is of {minute(last)}"
            yield Spot(at, says)
        elif told and page.case.now and told > page.case.now + _SKEW:
            yield Spot(at, f"the board says it was synced {minute(told)}, which is still to come")


def moment(text: str) -> datetime | None:
    """The moment that a `Last synced` line tells, UTC; None where it tells none. A zone that is not
    known here counts as UTC."""
    found = _MOMENT.search(text)
    if found is None:
        return None
    zone = found[3] or "UTC"
    try:
        if zone[0] in "+-":
            return datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}").astimezone(UTC)
        local = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC)
        return local - timedelta(hours=_ZONES.get(zone, 0))
    except (ValueError, OverflowError):
        return None


def _synced(page: Page) -> Iterator[tuple[int, str]]:
    for at, text in page.shown:
        if found := _SYNCED.match(text):
            yield at, found[1]


RULES = (
    Rule(
        "B401",
        Severity.ERROR,
        "a day that no calendar has",
        "Write the day that was meant; dates that the crew writes come from its clock.",
        impossible,
    ),
    Rule(
        "B402",
        Severity.WARNING,
        "`Last synced` names no time zone",
        "Leave the line to the crew: it writes UTC.",
        synced_without_zone,
    ),
    Rule(
        "B403",
        Severity.ERROR,
        "`Last synced` runs backwards",
        "Somebody wrote an older copy over the board: `crewboard board log` shows when, and "
        "`crewboard board undo` takes it back.",
        synced_backwards,
    ),
)
