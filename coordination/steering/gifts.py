"""Goals that a save gives, made ready before the ledger is locked: files are hashed here."""

from collections.abc import Iterable
from pathlib import Path

from crewboard.coordination.board.card import ID, Column
from crewboard.coordination.board.changes import Change, Did
from crewboard.coordination.steering import giving
from crewboard.coordination.steering.giving import Gift

_GIVING = {Did.ADDED, Did.RETITLED, Did.MOVED, Did.EDITED}
_OPEN = {Column.BACKLOG, Column.IN_PROGRESS}


def gifts(found: Iterable[Change], roles: frozenset[str], root: Path) -> dict[Change, Gift]:
    """The changes that give a goal: a card of people's in Backlog or In Progress that names the crew."""
    given: dict[Change, Gift] = {}
    for change in found:
        if change.did not in _GIVING or change.column not in _OPEN or ID.match(change.card):
            continue
        if wanted := giving.wanted(change.title, roles):
            given[change] = giving.gift(wanted, root)
    return given
