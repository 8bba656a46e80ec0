"""The index of the notes: kept true to the files at every look, and thrown away when it is damaged."""

import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

from crewboard.canonical import sha256_file, sha256_text
from crewboard.errors import PageBusy, RecallUnavailable, WorkspaceUnwritable
from crewboard.memory.passages import passages

_VERSION = 2
"""Of the schema; an index of another version is made anew."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_RACY_NS = 2_000_000_000  # a file that changed so shortly before a look may change unseen by stat
_PATIENCE = 10.0

T = TypeVar("T")


@dataclass
class Index:
    """The Markdown files of `folder`, and those `beside` it, in the file `path`.

    `unread` names, after each use, the files that could not be read, with the reason; they are not in
    the index, and whoever searches must be told.
    """

    folder: Path
    path: Path
    beside: Sequence[Path] = ()
    unread: dict[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, Path]:
        """Every file that belongs into the index, by its name in there."""
        found = {path.name: path for path in self.folder.glob("*.md") if path.is_file()}
        return found | {f"../{path.name}": path for path in self.beside if path.is_file()}

    def used(self, use: Callable[[sqlite3.Connection], T]) -> T:
        """Bring the index up to date and use it. RecallUnavailable, PageBusy, WorkspaceUnwritable."""
        try:
            return self._open(use)
        except sqlite3.OperationalError as error:
            raise self._explained(error) from error
        except sqlite3.DatabaseError:  # no database, or a damaged one: it holds nothing of its own
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            return self._open(use)

    def _open(self, use: Callable[[sqlite3.Connection], T]) -> T:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=_PATIENCE)) as index:
            index.execute("PRAGMA journal_mode = WAL")
            if index.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                index.executescript(f"{sql('clear')} PRAGMA user_version = {_VERSION};")
            index.executescript(sql("schema"))
            with index:
                index.execute("BEGIN IMMEDIATE")
                self._refresh(index)
            return use(index)

    def _explained(self, error: sqlite3.OperationalError) -> Exception:
        if "no such module" in str(error):
            return RecallUnavailable(version=sqlite3.sqlite_version)
        if "locked" in str(error):
            return PageBusy(path=self.path, seconds=_PATIENCE)
        if "unable to open" in str(error) or "readonly" in str(error):
            return WorkspaceUnwritable(path=self.path, reason=error)
        return error

    def _refresh(self, index: sqlite3.Connection) -> None:
        known = {path: tuple(rest) for path, *rest in index.execute(sql("known"))}
        there = self.files()
        self.unread.clear()
        changed = sum(_forget(index, name) for name in known.keys() - there.keys())
        for name, path in sorted(there.items()):
            try:
                changed += _look_at(index, name, path, known.get(name))
            except OSError as error:
                self.unread[name] = error.strerror or str(error)
                _forget(index, name)
        if changed:
            index.execute(sql("forget_vectors"))


def _look_at(
    index: sqlite3.Connection, name: str, path: Path, known: tuple[str, int, int, int] | None
) -> bool:
    """Learn a file anew unless it is as it was; whether it was not."""
    state = path.stat()
    sha256, *stat, looked = known or ("", 0, 0, 0)
    if stat == [state.st_size, state.st_mtime_ns] and looked - state.st_mtime_ns > _RACY_NS:
        return False
    looked, found = time.time_ns(), sha256_file(path)
    if found != sha256:
        _forget(index, name)
        _learn(index, name, path)
    index.execute(sql("learn_file"), (name, found, state.st_size, state.st_mtime_ns, looked))
    return found != sha256


def _learn(index: sqlite3.Connection, name: str, path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff")
    found = list(passages(text))
    dated = _DAY.match(path.stem)
    day = dated[0] if dated else ""
    for n, each in enumerate(found):
        row = (name, each.line, day, each.text, sha256_text(each.text))
        rowid = index.execute(sql("learn_passage"), row).lastrowid
        window = (*found[max(0, n - 1) : n], *found[n + 1 : n + 2])
        around = " ".join([day, each.heading, *(other.text for other in window)])
        index.execute(sql("learn_words"), (rowid, each.text, around, " ".join(each.ids)))


def _forget(index: sqlite3.Connection, name: str) -> bool:
    for statement in ("forget_words", "forget_passages", "forget_file"):
        index.execute(sql(statement), (name,))
    return True


def sql(name: str) -> str:
    return _statements()[name]


@cache
def _statements() -> dict[str, str]:
    text = Path(__file__).with_name("recall.sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
