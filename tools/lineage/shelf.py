"""The manifests of a folder tree, by the hash that each vouches for, and the files that it names."""

import os
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from crewboard.tools.contract.manifest import SUFFIX, tree_sha256
from crewboard.tools.lineage.errors import ManifestUnreadable

_MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Record:
    """A manifest as it was read. `artifact` is what lies beside it, there or not."""

    artifact: Path
    sha256: str
    tool: str
    tool_version: str
    rows: int | None
    seed: int
    parents: Mapping[str, str]
    parameters: Mapping[str, Any]

    def named(self, role: str) -> str | None:
        """The path that an argument named: `data`, or `files.2` for one of several."""
        field, _, index = role.partition(".")
        value = self.parameters.get(field)
        if index:
            at = int(index) if index.isdecimal() else -1
            value = value[at] if isinstance(value, list) and 0 <= at < len(value) else None
        return value if isinstance(value, str) else None


class Shelf:
    """`root` is searched once, hidden folders left out; a file is hashed once, when it is first asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.unreadable: list[ManifestUnreadable] = []
        """What bears a manifest's name and is none."""
        self._records: dict[str, list[Record]] = {}
        self._by_artifact: dict[Path, Record] = {}
        self._by_name: dict[str, list[Path]] = {}
        self._hashes: dict[Path, str] = {}
        for path in _files(root):
            self._by_name.setdefault(path.name, []).append(path)
            if path.name.endswith(SUFFIX):
                self._take(path)

    def records(self) -> list[Record]:
        """All of them, in the order of their artifacts' paths."""
        every = (record for group in self._records.values() for record in group)
        return sorted(every, key=lambda record: record.artifact)

    def sha256(self, path: Path) -> str | None:
        """Of a file or folder; None where there is none."""
        if path not in self._hashes:
            if not path.exists():
                return None
            self._hashes[path] = tree_sha256(path)
        return self._hashes[path]

    def record_of(self, sha256: str, beside: Container[Path] = ()) -> Record | None:
        """The manifest that vouches for these bytes, but not one of the artifacts `beside` which it is
        asked for; one whose artifact is there before others."""
        found = [r for r in self._records.get(sha256, []) if r.artifact not in beside]
        return min(found, key=lambda r: (not r.artifact.exists(), r.artifact), default=None)

    def around(self, path: Path, beside: Container[Path] = ()) -> Record | None:
        """The manifest of a folder that holds `path`, but not one of the artifacts `beside`."""
        found = (self._by_artifact.get(folder) for folder in path.parents)
        return next((r for r in found if r is not None and r.artifact not in beside), None)

    def find(self, sha256: str, name: str | None) -> Path | None:
        """Where these bytes are: beside a manifest of theirs, or in a file of this name."""
        beside = [record.artifact for record in self._records.get(sha256, [])]
        for path in (*sorted(beside), *self._by_name.get(Path(name).name if name else "", [])):
            if self.sha256(path) == sha256:
                return path
        return None

    def _take(self, path: Path) -> None:
        try:
            record = read_record(path)
        except ManifestUnreadable as fault:
            self.unreadable.append(fault)
            return
        self._records.setdefault(record.sha256, []).append(record)
        self._by_artifact[record.artifact] = record


def read_record(path: Path) -> Record:
    """The manifest at `path`; ManifestUnreadable when it is none of ours."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ManifestUnreadable(path=path, reason="it is too large for one")
        told = orjson.loads(path.read_bytes())
    except (orjson.JSONDecodeError, OSError) as error:
        raise ManifestUnreadable(path=path, reason=error) from None
    fault = _fault(told)
    if fault:
        raise ManifestUnreadable(path=path, reason=fault)
    return Record(
        artifact=path.with_name(path.name.removesuffix(SUFFIX)),
        sha256=told["sha256"],
        tool=str(told["tool"]),
        tool_version=str(told["tool_version"]),
        rows=told["rows"],
        seed=told["seed"],
        parents=told["parents"],
        parameters=told["parameters"],
    )


def _fault(told: Any) -> str | None:
    wanted = {"sha256", "tool", "tool_version", "rows", "seed", "parents", "parameters"}
    if not isinstance(told, dict) or wanted - set(told):
        missing = ", ".join(sorted(wanted - set(told))) if isinstance(told, dict) else "all"
        return f"it lacks {missing}"
    if not isinstance(told["parents"], dict) or not isinstance(told["parameters"], dict):
        return "its parents or parameters are no table"
    if not all(isinstance(each, str) for each in (told["sha256"], *told["parents"].values())):
        return "a hash is no text"
    return None


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        yield from (Path(folder) / name for name in sorted(names) if not name.startswith("."))
