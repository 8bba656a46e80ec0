"""The board as it lies there: whether it is up to date, and whether what it names exists."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from crewboard.clock import parse_stamp
from crewboard.coordination.board.wording import minute
from crewboard.coordination.doctor.finding import Case, Finding, Level

_SYNCED = re.compile(r"^_Last synced: (\d{4}-\d\d-\d\d \d\d:\d\d) UTC", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:[\w.@+-]+/)+[\w.@+-]*\w\Z")


def synced(case: Case) -> Iterator[Finding]:
    """`Last synced` never lies before the ledger's last event, unless somebody wrote over the board."""
    with case.ledger.read() as tx:
        last = tx.one("last_event")
        rows = tx.run("events_after", seq=last["seq"] - 1, count=1) if last else []
    if not rows:
        return
    event, found = parse_stamp(rows[0]["at"]), _SYNCED.search(_text(case))
    told = datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found else None
    if told is None or told < event.replace(second=0, microsecond=0):
        when = minute(told) if told else "at no time that can be read"
        says = f"the board says it was last synced {when}, the last event is of {minute(event)}"
        remedy = "the next change of a crew sets it right; .crewboard/crew.log says if it could not"
        yield Finding(Level.WARN, "board", says, remedy)


def paths(case: Case) -> Iterator[Finding]:
    """Files that the board names, in the crew's cards or in people's, and that are not there."""
    root = case.workspace.root
    named = (span for span in _SPAN.findall(_text(case)) if _PATH.match(span))
    for path in dict.fromkeys(named):
        if not (root / path).exists():
            says = f"the board names {path}, which does not exist"
            yield Finding(Level.WARN, "paths", says, "put it back, or correct the card")


def _text(case: Case) -> str:
    board = case.workspace.board
    return board.read_bytes().decode("utf-8", "replace") if board.is_file() else ""
