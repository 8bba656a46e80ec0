"""A file, what it was made from, and so on down to what nobody made, each with its state."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from crewboard.errors import InputMissing
from crewboard.tools.contract.manifest import SUFFIX
from crewboard.tools.files.jsonl import check_regular
from crewboard.tools.lineage.errors import ManifestUnreadable
from crewboard.tools.lineage.shelf import Record, Shelf, read_record

_DEEPEST = 200
"""Steps from a file to its first source: no pipeline has as many, and a forged chain may."""


class State(StrEnum):
    SOUND = "sound"
    """Its bytes are those that were recorded, and so are those of everything it was made from."""
    STALE = "stale"
    """Its own bytes are right, but something that it was made from is changed, altered or missing."""
    CHANGED = "changed"
    """An input: other bytes lie under its name now."""
    ALTERED = "altered"
    """An artifact whose bytes are not those of its own manifest."""
    MISSING = "missing"
    """Its bytes are nowhere beneath the folder that was searched."""
    UNTOLD = "untold"
    """Its bytes are right, but the manifest that told what they were made from is gone: later steps led
    back to the same bytes, and the last one wrote its own manifest in that place."""


@dataclass(frozen=True)
class Node:
    """`role` is the argument through which it went into what stands above it; `path` where it is, or was
    said to be; `record` is None for what nobody made: a source."""

    role: str
    path: Path
    sha256: str
    state: State
    record: Record | None
    parents: tuple["Node", ...] = ()

    def walk(self) -> Iterator[tuple[tuple[str, ...], "Node"]]:
        """It and everything below it, each file once, with the first chain of roles that leads to it."""
        waiting: list[tuple[tuple[str, ...], Node]] = [((), self)]
        seen = set()
        while waiting:
            place, node = waiting.pop()
            if node.key in seen:
                continue
            seen.add(node.key)
            yield place, node
            waiting += [((*place, each.role), each) for each in reversed(node.parents)]

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.role, str(self.path), self.sha256)


def lineage_of(path: Path, shelf: Shelf) -> Node:
    """The lineage of an artifact, its manifest, or a plain file. InputMissing, ManifestUnreadable."""
    if path.name.endswith(SUFFIX):
        path = path.with_name(path.name.removesuffix(SUFFIX))
    beside = path.with_name(path.name + SUFFIX)
    if path.exists() and not path.is_dir():
        check_regular(path)
    found = shelf.sha256(path)
    if beside.is_file():
        record = read_record(beside)
        return _Walk(shelf).made(("", path, record.sha256), record, found)
    if found is None:
        raise InputMissing(path=path)
    known = shelf.record_of(found)
    if known is not None:
        return _Walk(shelf).made(("", path, found), known, found)
    return _Walk(shelf).source(("", path, found), found)


class _Walk:
    """What was seen is not walked again, and no manifest leads back to itself."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._open: set[Path] = set()
        self._done: dict[tuple[str, Path, str], Node] = {}

    def made(self, place: tuple[str, Path, str], record: Record, found: str | None) -> Node:
        """A node with a manifest; `place` is (role, path, recorded hash), `found` the hash of its bytes."""
        role, path, sha256 = place
        if place in self._done:
            return self._done[place]
        if len(self._open) == _DEEPEST:
            reason = f"it stands more than {_DEEPEST} steps away"
            raise ManifestUnreadable(path=record.artifact, reason=reason)
        self._open.add(record.artifact)
        parents = tuple(
            self._parent(record, role, sha) for role, sha in sorted(record.parents.items())
        )
        self._open.remove(record.artifact)
        state = _own_state(found, sha256) or _state_above(parents)
        node = self._done[place] = Node(role, path, sha256, state, record, parents)
        return node

    def _parent(self, child: Record, role: str, sha256: str) -> Node:
        named = child.named(role)
        path, found = self._locate(child, named, sha256)
        record = self._shelf.record_of(sha256, self._open)
        if record is not None:
            return self.made((role, path, sha256), record, found)
        return self.source((role, path, sha256), found)

    def source(self, place: tuple[str, Path, str], found: str | None) -> Node:
        """A node without a manifest of its own: what nobody made, or a file of a folder that a step made."""
        role, path, sha256 = place
        record = self._shelf.around(path, self._open)
        whole: tuple[Node, ...] = ()
        if record is not None:
            folder = ("within", record.artifact, record.sha256)
            whole = (self.made(folder, record, self._shelf.sha256(record.artifact)),)
        again = any(path.resolve() == each.resolve() for each in self._open)  # made of itself, then
        state = _own_state(found, sha256) or (State.UNTOLD if again else _state_above(whole))
        changed = State.CHANGED if state is State.ALTERED else state
        return Node(role, path, sha256, changed, None, whole)

    def _locate(self, child: Record, named: str | None, sha256: str) -> tuple[Path, str | None]:
        """Where an input is, and the hash of what lies there: under its name, else wherever its bytes are."""
        folder = child.artifact.parent
        for place in (self._shelf.root / named, folder / named) if named else ():
            if found := self._shelf.sha256(place):
                return place, found
        elsewhere = self._shelf.find(sha256, named)
        if elsewhere is not None:
            return elsewhere, sha256
        return Path(named or "?"), None


def _state_above(parents: tuple[Node, ...]) -> State:
    states = {parent.state for parent in parents}
    if states <= {State.SOUND}:
        return State.SOUND
    return State.UNTOLD if states <= {State.SOUND, State.UNTOLD} else State.STALE


def _own_state(found: str | None, recorded: str) -> State | None:
    if found is None:
        return State.MISSING
    return None if found == recorded else State.ALTERED
