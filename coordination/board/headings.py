"""Which heading opens which place of the board, however people decorated or translated it."""

import re
from dataclasses import dataclass

from crewboard.coordination.board.card import Column
from crewboard.memory.inert import inert
from crewboard.memory.markdown import Kind, Line, scan

_SYNONYMS = {
    Column.DONE: "done, completed, complete, finished, shipped, closed, "
    "gedaan, klaar, erledigt, fertig, hecho, terminado, feito, concluído, fait, terminé",
    Column.IN_PROGRESS: "in progress, doing, working, wip, active, ongoing, "
    "mee bezig, in arbeit, en curso, en progreso, em andamento, en cours",
    Column.BACKLOG: "backlog, to do, todo, queued, queue, next, up next, "
    "te doen, offen, por hacer, pendiente, a fazer, à faire",
    Column.BLOCKED: "blocked, stuck, on hold, geblokkeerd, blockiert, bloqueado, bloqueada, bloqué",
    Column.DECIDED: "decided, decisions made, answered, beslist, entschieden, decidido, décidé",
    Column.NOTES: "notes, note, notities, notizen, notas",
}
_COLUMNS = {name: column for column, names in _SYNONYMS.items() for name in names.split(", ")}
_UNLETTERED = re.compile(r"\A[\W\d_]+")
_MISREAD = re.compile(r"\A[^\sa-z]+\s+")  # an emoji that was read in another encoding
_COUNT = re.compile(r"[\s:]*(?:\([^()]*\))?[\s:]*\Z")  # "Done (recent)", "Backlog (5):"
_INBOX = re.compile(r"waiting on (.+?)(?:['\u2019]s)? decisions?\Z")
_COLUMN_LEVEL = 2
_INBOX_LEVEL = 3


@dataclass(frozen=True)
class Place:
    """A column; or, with an owner, the decisions inside In Progress that wait on that owner."""

    column: Column
    owner: str = ""

    def heading(self, shown_owner: str = "") -> str:
        if not self.owner:
            return f"## {self.column.value}"
        return f"### 👇 Waiting on {inert(shown_owner) or 'human'} decisions"


def inbox(owner: str) -> Place:
    """Name the place of decisions that wait on `owner`, spelt as the heading will spell it."""
    place = Place(Column.IN_PROGRESS, "?")
    return read_heading(scan(place.heading(owner).encode("utf-8")).lines[0]) or place


def read_heading(line: Line) -> Place | None:
    """Tell the place that a heading opens; None for every other heading."""
    if line.kind is not Kind.HEADING or line.level not in {_COLUMN_LEVEL, _INBOX_LEVEL}:
        return None
    name = _UNLETTERED.sub("", line.title).casefold()
    if found := _INBOX.match(name.strip(" \t:")):
        return Place(Column.IN_PROGRESS, found[1])
    column = _column(name) or _column(_MISREAD.sub("", name))
    return Place(column) if column and line.level == _COLUMN_LEVEL else None


def _column(name: str) -> Column | None:
    return _COLUMNS.get(_COUNT.sub("", name, count=1))


def closes_section(line: Line) -> bool:
    """Whether a heading ends the column before it; deeper ones are groups inside a column."""
    return line.kind is Kind.HEADING and line.level <= _COLUMN_LEVEL
