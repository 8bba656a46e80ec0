"""Daily notes: one Markdown file a day, written by the crew and by people alike.

    # 2026-11-21
    - 21:04Z **executor** ^t41x9: mixed 43,175 rows <!-- e:123 -->

The comment at the end is the event that the line tells, so that telling it twice writes it once. No
other line is read or changed. A bullet that people removed stays removed only until somebody tells
its event again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from crewboard.memory.inert import inert
from crewboard.memory.markdown import Document, Kind, Line, join, scan
from crewboard.memory.page import locked, rewrite, settled
from crewboard.redact import redact

_EVENT = re.compile(r"[0-9A-Za-z._:]+(?:-[0-9A-Za-z._:]+)*\Z")
_TOLD = re.compile(r"[-*+] .*<!-- e:(\S+) -->[ \t]*\Z")
_LONGEST = 2000


@dataclass(frozen=True)
class Note:
    """One thing to remember: `event` names it for good, `card` is the card that it is about."""

    event: str
    at: datetime
    agent: str
    text: str
    card: str = ""

    def __post_init__(self) -> None:
        if not _EVENT.match(self.event):
            raise ValueError(f"{self.event!r} cannot name an event")


def append(folder: Path, day: date, notes: Iterable[Note]) -> int:
    """Add to the notes of `day` what they do not tell yet, and count the lines added.

    They follow the crew's last one. PageBusy, WorkspaceUnwritable, DiskFull leave the file alone.
    """
    wanted: dict[str, Note] = {}
    for each in notes:
        wanted.setdefault(each.event, each)
    added: list[Note] = []

    def change(existing: bytes) -> bytes:
        document = scan(existing or f"# {day.isoformat()}\n\n".encode())
        told = _told(document)
        added[:] = [each for each in wanted.values() if each.event not in told]
        return _with(document, added) if added else existing

    with locked(_lock(folder)):
        rewrite(path_of(folder, day), change)
    return len(added)


def read(folder: Path, day: date) -> str:
    """Give the notes of `day`, people's lines included; empty when there are none."""
    data = settled(path_of(folder, day)) or b""
    return data.decode("utf-8", "replace")


def path_of(folder: Path, day: date) -> Path:
    return folder / f"{day.isoformat()}.md"


def _lock(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    state = folder.parent / ".crewboard"
    return state / "notes.lock" if state.is_dir() else folder / ".notes.lock"


def _told(document: Document) -> dict[str, int]:
    """Find the events that a file tells, each with its line."""
    found = ((_TOLD.match(line.text), n) for n, line in enumerate(document.lines))
    return {each[1]: n for each, n in found if each}


def _with(document: Document, notes: list[Note]) -> bytes:
    lines = list(document.lines)
    last = max(_told(document).values(), default=None)
    at = min(document.tail, len(lines) if last is None else document.block_end(last))
    new = [Line(_bullet(each), None, Kind.ITEM) for each in notes]
    if last is None and at and lines[at - 1].kind is Kind.TEXT and not lines[at - 1].nested:
        new.insert(0, Line("", None, Kind.BLANK))
    return join(document, [*lines[:at], *new, *lines[at:]])


def _bullet(note: Note) -> str:
    hour = note.at.astimezone(UTC).strftime("%H:%MZ")
    card = f" ^{note.card}" if note.card else ""
    text = inert(redact(note.text), _LONGEST)
    return f"- {hour} **{inert(note.agent)}**{card}: {text} <!-- e:{note.event} -->"
