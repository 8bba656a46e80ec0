"""Goals that a save gives, made ready before the ledger is locked: files are hashed here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crewboard.coordination.board.card import ID, Column
from crewboard.coordination.board.changes import Change, Did
from crewboard.coordination.steering import giving
from crewboard.coordination.steering.giving import Wanted
from crewboard.errors import CrewboardError

_GIVING = {Did.ADDED, Did.RETITLED, Did.MOVED, Did.EDITED}
_OPEN = {Column.BACKLOG, Column.IN_PROGRESS}


@dataclass(frozen=True)
class Gift:
    """A goal, and the files it names by hash; or why it cannot be taken."""

    wanted: Wanted
    sources: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""


def gifts(found: Iterable[Change], roles: frozenset[str], root: Path) -> dict[Change, Gift]:
    """The changes that give a goal: a card of people's in Backlog or In Progress that names the crew."""
    given: dict[Change, Gift] = {}
    for change in found:
        if change.did not in _GIVING or change.column not in _OPEN or ID.match(change.card):
            continue
        if wanted := giving.wanted(change.title, roles):
            given[change] = _gift(wanted, root)
    return given


def _gift(wanted: Wanted, root: Path) -> Gift:
    try:
        return Gift(wanted, giving.sources(wanted.files, root))
    except CrewboardError as error:
        return Gift(wanted, refusal=str(error))
