from datetime import UTC, datetime

import pytest

from crewboard.agents.models.signals import pause_asked, retry_after
from crewboard.errors import ProviderUnavailable, RateLimited

_NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
_DATE = "Fri, 20 Nov 2026 12:00:30 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 0.5 "}, 0.5),
        ({"Retry-After": _DATE}, 30.0),  # by the local clock
        ({"Retry-After": _DATE, "Date": "Fri, 20 Nov 2026 12:00:20 GMT"}, 10.0),  # by theirs
        ({"Retry-After": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0.0),  # already past
        ({"Retry-After": "-3"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, _NOW) == seconds


def test_a_pause_is_asked_only_where_a_number_says_so() -> None:
    assert pause_asked(RateLimited(retry_after=7.0)) == 7.0
    assert pause_asked(RateLimited(retry_after="a few")) is None
    assert pause_asked(ProviderUnavailable()) is None
