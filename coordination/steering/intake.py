"""Reading the versions that humans made of the board, in order, each once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crewboard.coordination.board.card import ID
from crewboard.coordination.board.changes import Change, Did, changes
from crewboard.coordination.board.outline import Outline
from crewboard.coordination.ledger import Ledger, Transaction
from crewboard.coordination.policy import Rulebook
from crewboard.coordination.steering import answers
from crewboard.coordination.steering.gifts import gifts
from crewboard.coordination.steering.obey import Steersman
from crewboard.coordination.steering.save import Save

CREW = "crew"
BUILT_IN = frozenset({"lead", "executor", "qa"})
"""Roles that every crew has."""
_TAKEN = "board.taken"
_A_FEW = 3
_MOST_TOLD = 500
"""Beyond so many changes in one save, as when a board is imported, only those that steer are told singly."""


class Version(Protocol):
    """A line of the board's journal."""

    @property
    def number(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def parent(self) -> str: ...


class Saves(Protocol):
    """The journal, and the bytes that its versions stand for."""

    def versions(self, after: int = 0) -> Sequence[Version]: ...
    def text(self, sha256: str) -> bytes: ...


@dataclass(frozen=True)
class Rules:
    """What a save is obeyed by: who may decide what, the names of roles, where files may lie, and the
    board that every workspace begins with."""

    rulebook: Rulebook
    roles: frozenset[str]
    root: Path
    blank: bytes


def take_in(ledger: Ledger, saves: Saves, rules: Rules) -> int:
    """Obey every save that the ledger has not seen; how many there were."""
    with ledger.read() as tx:
        taken = _taken(tx)
    fresh = [version for version in saves.versions(after=taken) if version.by != CREW]
    for version in fresh:
        _obey(ledger, saves, version, rules)
    return len(fresh)


def taken(tx: Transaction) -> int:
    """The number of the last version that the ledger has seen."""
    return _taken(tx)


def _obey(ledger: Ledger, saves: Saves, version: Version, rules: Rules) -> None:
    before = saves.text(version.parent) if version.parent else rules.blank
    after = saves.text(version.sha256)
    found = changes(before, after)
    since = next((v.at for v in saves.versions(after=version.number - 2)[:1]), "")
    given = gifts(found, rules.roles, rules.root)
    with ledger.write() as tx:
        if _taken(tx) >= version.number:  # another process was quicker
            return
        save = Save(version.sha256, version.by, _at_work(tx, since), Outline.of(after))
        quiet = len(found) > _MOST_TOLD
        if quiet:
            counted = Counter(change.did.value for change in found)
            tx.event("board.saved", save.by, None, None, counts=dict(counted), **save.facts)
        if wiped := _wiped(save, found):
            tx.event("board.wiped", save.by, None, None, cards=wiped, **save.facts)
        steersman = Steersman(tx, save, given, rules.roles)
        for change in found:
            if change.card not in wiped:
                steersman.obey(change, quiet=quiet)
        answers.rule(tx, save, found, rules.rulebook)
        tx.change("set_meta", name=_TAKEN, value=str(version.number))


def _wiped(save: Save, found: Sequence[Change]) -> list[str]:
    """The crew's cards, where a save left none of several: that is a board that was emptied or replaced,
    and nobody's wish that all work be cancelled. They come back."""
    gone = [change.card for change in found if change.did is Did.REMOVED and ID.match(change.card)]
    left = any(map(ID.match, save.outline.by_id()))
    return [] if left or len(gone) < _A_FEW else gone


def _at_work(tx: Transaction, since: str) -> tuple[str, ...]:
    """The tasks whose tools were at work between the version before a save and now: one of them may have
    written it as well as a human."""
    running = {row["id"] for row in tx.run("tools_at_work")}
    return tuple(sorted(running | {row["task"] for row in tx.run("tools_since", at=since)}))


def _taken(tx: Transaction) -> int:
    row = tx.one("get_meta", name=_TAKEN)
    return int(row["value"]) if row else 0
