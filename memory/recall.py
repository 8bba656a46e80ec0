"""Search over the notes: SQLite's FTS5 with Porter stemming, over passages and their neighbours.

A passage is one bullet or paragraph; one passage to each side counts half, because what a note is
about often stands in the line before it. The files are the truth. Each search first refreshes the
index, by stat and, where stat cannot tell, by hash, so a hand edit is always seen; a damaged index
is thrown away and made again.

Not promised: meaning. It finds words and their stems, not synonyms.
"""

import math
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

from crewboard.canonical import sha256_file
from crewboard.errors import PageBusy, RecallUnavailable, WorkspaceUnwritable

_TERM = re.compile(r"\w+")
_BULLET = re.compile(r"\A[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_MARKER = re.compile(r"[ \t]*<!-- e:\S+ -->[ \t]*\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_RACY_NS = 2_000_000_000  # a file that changed so shortly before a look may change unseen by stat
_HALF_LIFE = 30  # days after which the bonus for being recent has halved
_RECENT = 0.1  # that bonus for a note of the newest day
_CANDIDATES = 4
_PATIENCE = 10.0

T = TypeVar("T")


@dataclass(frozen=True)
class Hit:
    """A passage that answers.

    `line` counts from 1, `day` is empty in files that bear no date, a higher `score` is better and
    means nothing else.
    """

    path: Path
    line: int
    text: str
    day: str
    score: float


@dataclass(frozen=True)
class Passage:
    line: int
    text: str


class Recall:
    """The Markdown files of `folder`, searched through the index file `index`."""

    def __init__(self, folder: Path, index: Path) -> None:
        self.folder = folder
        self.index = index

    def search(self, query: str, limit: int = 10) -> tuple[Hit, ...]:
        """Find the passages that share words with `query`, best first; it has no operators.

        RecallUnavailable without FTS5, PageBusy when another process keeps the index locked.
        """
        terms = " OR ".join(f'"{term}"' for term in _TERM.findall(query))
        return self._used(lambda index: self._find(index, terms, limit)) if terms else ()

    def files(self) -> int:
        """Bring the index up to date, and count the files in it."""
        return self._used(lambda index: len(index.execute(_sql("known")).fetchall()))

    def _used(self, use: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._open(use)
        except sqlite3.OperationalError as error:
            raise self._explained(error) from error
        except (
            sqlite3.DatabaseError
        ):  # not a database, or a damaged one: it holds nothing of its own
            for suffix in ("", "-wal", "-shm"):
                self.index.with_name(self.index.name + suffix).unlink(missing_ok=True)
            return self._open(use)

    def _open(self, use: Callable[[sqlite3.Connection], T]) -> T:
        self.index.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.index, timeout=_PATIENCE)) as index:
            index.execute("PRAGMA journal_mode = WAL")
            index.executescript(_sql("schema"))
            with index:
                index.execute("BEGIN IMMEDIATE")
                self._refresh(index)
            return use(index)

    def _explained(self, error: sqlite3.OperationalError) -> Exception:
        if "no such module" in str(error):
            return RecallUnavailable(version=sqlite3.sqlite_version)
        if "locked" in str(error):
            return PageBusy(path=self.index, seconds=_PATIENCE)
        if "unable to open" in str(error) or "readonly" in str(error):
            return WorkspaceUnwritable(path=self.index, reason=error)
        return error

    def _refresh(self, index: sqlite3.Connection) -> None:
        known = {path: tuple(rest) for path, *rest in index.execute(_sql("known"))}
        there = {path.name: path for path in self.folder.glob("*.md") if path.is_file()}
        for name in known.keys() - there.keys():
            _forget(index, name)
        for name, path in sorted(there.items()):
            state = path.stat()
            sha256, *stat, looked = known.get(name, ("", 0, 0, 0))
            same = stat == [state.st_size, state.st_mtime_ns]
            if same and looked - state.st_mtime_ns > _RACY_NS:
                continue
            looked, found = time.time_ns(), sha256_file(path)
            if found != sha256:
                _forget(index, name)
                _learn(index, path)
            row = (name, found, state.st_size, state.st_mtime_ns, looked)
            index.execute(_sql("learn_file"), row)

    def _find(self, index: sqlite3.Connection, terms: str, limit: int) -> tuple[Hit, ...]:
        newest = index.execute(_sql("newest_day")).fetchone()[0] or ""
        rows = index.execute(_sql("search"), (terms, limit * _CANDIDATES)).fetchall()
        hits = [
            Hit(self.folder / path, line, text, day, score * _freshness(day, newest))
            for path, line, day, text, score in rows
        ]
        return tuple(sorted(hits, key=lambda hit: -hit.score)[:limit])


def passages(text: str) -> Iterator[Passage]:
    """Cut a note into bullets and paragraphs, each with the line it begins on, without headings."""
    start, parts = 0, list[str]()
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        heading = line.startswith("#")
        fresh = not line.strip() or heading or _BULLET.match(line)
        if fresh and parts:
            yield Passage(start, " ".join(parts))
            parts = []
        if line.strip() and not heading:
            start = start if parts else number
            parts.append(_MARKER.sub("", _BULLET.sub("", line)).strip())
    if parts:
        yield Passage(start, " ".join(parts))


def _learn(index: sqlite3.Connection, path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff")
    found = list(passages(text))
    dated = _DAY.match(path.stem)
    day = dated[0] if dated else ""
    for n, passage in enumerate(found):
        row = (path.name, passage.line, day, passage.text)
        rowid = index.execute(_sql("learn_passage"), row).lastrowid
        around = " ".join(each.text for each in (*found[max(0, n - 1) : n], *found[n + 1 : n + 2]))
        index.execute(_sql("learn_words"), (rowid, passage.text, f"{day} {around}"))


def _forget(index: sqlite3.Connection, name: str) -> None:
    for statement in ("forget_words", "forget_passages", "forget_file"):
        index.execute(_sql(statement), (name,))


def _freshness(day: str, newest: str) -> float:
    try:
        age = (date.fromisoformat(newest) - date.fromisoformat(day)).days
    except ValueError:  # a file without a date, or "October 32"
        return 1.0
    return 1 + _RECENT * math.exp2(-age / _HALF_LIFE)


def _sql(name: str) -> str:
    return _statements()[name]


@cache
def _statements() -> dict[str, str]:
    text = Path(__file__).with_name("recall.sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
