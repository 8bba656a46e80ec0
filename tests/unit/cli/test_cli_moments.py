"""Points in time as people type them."""

from datetime import UTC, datetime

import pytest

from crewboard.cli.moments import moment
from crewboard.errors import OptionInvalid

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
WRITTEN = {
    "30m": datetime(2026, 11, 21, 8, 30, tzinfo=UTC),
    "2h": datetime(2026, 11, 21, 7, 0, tzinfo=UTC),
    "1d": datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
    "45s": datetime(2026, 11, 21, 8, 59, 15, tzinfo=UTC),
    "2026-11-20": datetime(2026, 11, 20, tzinfo=UTC),
    "2026-11-20T10:00+01:00": datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
    "2026-11-20T10:00Z": datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_moment_is_read(text: str) -> None:
    assert moment(text, NOW) == WRITTEN[text]


@pytest.mark.parametrize("text", ["", "soon", "h", "-1h", "1y", "99999999999d", "2026-13-01"])
def test_what_is_no_moment_is_told_with_examples(text: str) -> None:
    with pytest.raises(OptionInvalid, match="30m"):
        moment(text, NOW)
