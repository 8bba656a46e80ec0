"""Daily notes: one Markdown file a day, written by the crew and by people alike.

    # 2026-11-21
    - 21:04Z **executor** ^t41x9: mixed 43,175 rows <!-- e:123 -->

The comment at the end is the event that the line tells, so that telling it twice writes it once. No
other line is read or changed. A bullet that people took out is not written again: beside the notes
lies a list of the events that were told (`.crewboard/told/DATE`), and one that stands there and not in
the notes was taken out by somebody.

Not promised: which of the two it was, when a line of ours goes because somebody saved a page that they
had opened before it was written. What people saved stays; `removed` names what is missing.
"""

import os
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
_SECTION = re.compile(r"<!-- s:([\w-]+) -->[ \t]*\Z")
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


def append(folder: Path, day: date, notes: Iterable[Note], *, anew: bool = False) -> int:
    """Add to the notes of `day` what was not told yet, and count the lines added.

    They follow the crew's last one. What people took out stays out, unless `anew` asks for it back.
    PageBusy, WorkspaceUnwritable, DiskFull leave the file alone.
    """
    wanted: dict[str, Note] = {}
    for each in notes:
        wanted.setdefault(each.event, each)
    added: list[Note] = []
    told: set[str] = set()

    def change(existing: bytes) -> bytes:
        document = scan(existing or f"# {day.isoformat()}\n\n".encode())
        told.clear()
        told.update(_told(document))
        settled = told if anew else told | known
        added[:] = [each for each in wanted.values() if each.event not in settled]
        return _with(document, added) if added else existing

    with locked(_lock(folder)):
        known = _known(folder, day)
        rewrite(path_of(folder, day), change)
        _learn(folder, day, (told | {each.event for each in added}) - known)
    return len(added)


def add_section(folder: Path, day: date, name: str, markdown: str) -> bool:
    """Add a section to the end of the day's notes, its heading first; False when one called `name` is
    there already. Text of others in `markdown` must have been made inert."""
    heading, *body = markdown.rstrip("\n").split("\n")
    new = [heading, f"<!-- s:{name} -->", *body]

    def change(existing: bytes) -> bytes:
        document = scan(existing or f"# {day.isoformat()}\n".encode())
        if name in _sections(document):
            return existing
        lines, at = list(document.lines), document.tail
        gap = [""] if at and lines[at - 1].kind is not Kind.BLANK else []
        behind = [""] if at < len(lines) else []
        return join(document, [*lines[:at], *map(Line, [*gap, *new, *behind]), *lines[at:]])

    with locked(_lock(folder)):
        return rewrite(path_of(folder, day), change)


def read(folder: Path, day: date) -> str:
    """Give the notes of `day`, people's lines included; empty when there are none."""
    data = settled(path_of(folder, day)) or b""
    return data.decode("utf-8", "replace")


def lines_of(folder: Path, day: date) -> dict[str, int]:
    """Find the line, counted from 1, that tells each event of `day`."""
    told = _told(scan(settled(path_of(folder, day)) or b""))
    return {event: line + 1 for event, line in told.items()}


def removed(folder: Path, day: date) -> frozenset[str]:
    """Name the events that the notes of `day` told once, and whose lines are there no more."""
    return frozenset(_known(folder, day) - lines_of(folder, day).keys())


def path_of(folder: Path, day: date) -> Path:
    return folder / f"{day.isoformat()}.md"


def _state(folder: Path) -> Path:
    """Where what belongs to the notes, and is none, lies; made with the notes' own folder."""
    folder.mkdir(parents=True, exist_ok=True)
    state = folder.parent / ".crewboard"
    return state if state.is_dir() else folder


def _lock(folder: Path) -> Path:
    state = _state(folder)
    return state / ("notes.lock" if state != folder else ".notes.lock")


def _register(folder: Path, day: date) -> Path:
    state = _state(folder)
    return state / ("told" if state != folder else ".told") / day.isoformat()


def _known(folder: Path, day: date) -> set[str]:
    """Read the events that were told on `day`; a name that a crash cut short names nothing."""
    try:
        return set(_register(folder, day).read_text("utf-8", "replace").split("\n")[:-1])
    except FileNotFoundError:
        return set()


def _learn(folder: Path, day: date, new: set[str]) -> None:
    """Write down what the page tells by now. After the page, never before: a crash in between costs
    at most that a line which somebody takes out at once comes back once."""
    if not new:
        return
    register = _register(folder, day)
    register.parent.mkdir(exist_ok=True)
    with register.open("a+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        torn = file.read() not in {b"", b"\n"}
        file.write(b"\n" * torn + "".join(f"{event}\n" for event in sorted(new)).encode())


def _told(document: Document) -> dict[str, int]:
    """Find the events that a file tells, each with its line."""
    found = ((_TOLD.match(line.text), n) for n, line in enumerate(document.lines))
    return {each[1]: n for each, n in found if each}


def _sections(document: Document) -> dict[str, int]:
    """Find the crew's sections, each with the line of its heading."""
    found = ((_SECTION.match(line.text), n) for n, line in enumerate(document.lines))
    return {each[1]: n - 1 for each, n in found if each and n}


def _with(document: Document, notes: list[Note]) -> bytes:
    lines = list(document.lines)
    last = max(_told(document).values(), default=None)
    sections = sorted(_sections(document).values())
    begin = min([document.tail, *sections])
    at = min(document.tail, begin if last is None else document.block_end(last))
    new = [Line(_bullet(each), None, Kind.ITEM) for each in notes]
    if last is None and at and lines[at - 1].kind is Kind.TEXT and not lines[at - 1].nested:
        new.insert(0, Line("", None, Kind.BLANK))
    if last is None and at in sections:
        new.append(Line("", None, Kind.BLANK))
    return join(document, [*lines[:at], *new, *lines[at:]])


def _bullet(note: Note) -> str:
    hour = note.at.astimezone(UTC).strftime("%H:%MZ")
    card = f" ^{note.card}" if note.card else ""
    text = inert(redact(note.text), _LONGEST)
    return f"- {hour} **{inert(note.agent)}**{card}: {text} <!-- e:{note.event} -->"
