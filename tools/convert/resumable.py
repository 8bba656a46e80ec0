"""A long step over rows that can be stopped anywhere and gone on with: two growing files and a mark.

Rows and exclusions grow in the job's folder, which outlives the process. Now and then both are synced,
and the mark says how far they and the books are. A later run with the same key cuts off what was
written after the mark and goes on from there; what it would do again it does again, so nothing is
twice. The folder goes when the step is done.
"""

import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from crewboard.errors import JobConflict
from crewboard.tools.files.atomic import write_whole

EVERY = 20_000
"""Rows between two marks: what a stopped run does again at most."""
_MARK = "mark.json"


@dataclass
class Books:
    """Where the rows went so far."""

    read: int = 0
    written: int = 0
    dropped: Counter[str] = field(default_factory=Counter)


class Resumable:
    """Use it as a context manager. `more` gives what else the mark must hold, as JSON."""

    def __init__(self, folder: Path, key: str, more: Callable[[], Any]) -> None:
        self._folder, self._key, self._more = folder, key, more
        self._files: dict[str, BinaryIO] = {}
        self._lock_file: BinaryIO
        self.books = Books()
        self.held: Any = None
        """What `more` gave at the mark that this run goes on from; None for a fresh one."""

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock()
        mark = self._mark()
        for name in ("rows", "dropped"):
            path = self._folder / f"{name}.part"
            size = mark["sizes"][name] if mark else 0
            path.touch()
            os.truncate(path, size)
            self._files[name] = path.open("ab")
        if mark:
            self.books = Books(mark["read"], mark["written"], Counter(mark["dropped"]))
            self.held = mark["more"]
        return self

    def __exit__(self, *_: object) -> None:
        for file in (*self._files.values(), self._lock_file):
            file.close()

    def keep(self, row: bytes) -> None:
        self.books.read += 1
        self.books.written += 1
        self._files["rows"].write(row + b"\n")
        self._mark_now_and_then()

    def drop(self, reason: str, row: bytes) -> None:
        self.books.read += 1
        self.books.dropped[reason] += 1
        self._files["dropped"].write(row + b"\n")
        self._mark_now_and_then()

    def finish(self, rows: Path, dropped: Path) -> None:
        """Put both files where they belong, whole, and forget the mark."""
        for name, path in (("rows", rows), ("dropped", dropped)):
            self._files[name].flush()
            os.fsync(self._files[name].fileno())
            self._files[name].close()
            shutil.move(self._folder / f"{name}.part", path)
        shutil.rmtree(self._folder)

    def _lock(self) -> None:
        """JobConflict while another process is at the same work."""
        self._lock_file = (self._folder / "lock").open("wb")
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock_file.close()
            raise JobConflict(folder=self._folder) from None

    def _mark(self) -> Any:
        try:
            mark = orjson.loads((self._folder / _MARK).read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return None
        fits = mark["key"] == self._key and all(
            (self._folder / f"{name}.part").stat().st_size >= size
            for name, size in mark["sizes"].items()
        )
        return mark if fits else None

    def _mark_now_and_then(self) -> None:
        if self.books.read % EVERY:
            return
        sizes = {}
        for name, file in self._files.items():
            file.flush()
            os.fsync(file.fileno())
            sizes[name] = file.tell()
        mark = {
            "key": self._key,
            "read": self.books.read,
            "written": self.books.written,
            "dropped": dict(self.books.dropped),
            "sizes": sizes,
            "more": self._more(),
        }
        write_whole(self._folder / _MARK, orjson.dumps(mark))
