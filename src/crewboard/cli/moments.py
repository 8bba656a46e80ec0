"""Points in time as people type them."""

from datetime import UTC, datetime, timedelta

from crewboard.errors import OptionInvalid

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(text: str, now: datetime, option: str = "--since") -> datetime:
    """`2026-11-21T09:00Z`, `2026-11-21`, or so long before `now`: `30m`, `2h`, `1d`. What names no zone
    is UTC. OptionInvalid."""
    try:
        if text[-1:] in _UNITS and text[:-1].isdecimal():
            return now - timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise OptionInvalid(
            option=option, value=text, reason="write 2026-11-21T09:00Z, or 30m, 2h, 1d"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
