"""The line that says when the board was last synced. It never runs backwards."""

import re
from datetime import UTC, datetime, timedelta

from crewboard.coordination.board.splice import Splice
from crewboard.coordination.board.wording import minute
from crewboard.memory.markdown import Document, Kind, Line

_SYNCED = re.compile(r"_Last synced: (.*)_[ \t]*\Z")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::\d\d)?[ \t]*([A-Z]{1,4})?")
_ZONES = {"ET": -5, "EST": -5, "EDT": -4, "CT": -6, "MT": -7, "PT": -8, "CET": 1, "CEST": 2}


def synced_line(document: Document, splice: Splice, now: datetime, before: Document | None) -> None:
    """Set the board's line to `now`, unless it already tells that minute or a later one.

    A later one counts where the crew wrote it, or where nobody knows what the crew wrote: what
    somebody else put into the line since `before` is no time of ours.
    """
    index, said = _told(document)
    drawn = _told(before)[1] if before else None
    told, floor = _moment(said), _moment(drawn)
    if drawn is not None and said != drawn and told and told > now:
        told, now = None, max(now, floor or now)
    if told is not None and told >= now.replace(second=0, microsecond=0):
        return
    text = f"_Last synced: {minute(now)} (crew)_"
    if index is None:
        splice.insert(_place(document), [Line(text)], apart=True)
    else:
        splice.replace(index, index + 1, [Line(text, document.lines[index].ending)])


def _told(document: Document) -> tuple[int | None, str | None]:
    """Where the board's line stands, and what it says."""
    for index, line in enumerate(document.lines):
        if line.kind is Kind.TEXT and not line.nested and (found := _SYNCED.match(line.text)):
            return index, found[1]
    return None, None


def _place(document: Document) -> int:
    titles = (n for n, line in enumerate(document.lines) if line.kind is Kind.HEADING)
    first = next(titles, None)
    if first is None or document.lines[first].level != 1:
        return document.front
    return first + 1


def _moment(text: str | None) -> datetime | None:
    """Read the moment that people wrote; a zone that is not known here counts as UTC."""
    found = _MOMENT.search(text or "")
    if found is None:
        return None
    try:
        local = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC)
        return local - timedelta(hours=_ZONES.get(found[3] or "", 0))
    except (ValueError, OverflowError):
        return None  # "October 32" happens; such a line tells no time and is set anew
