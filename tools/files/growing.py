"""Work that can be stopped anywhere and gone on with: growing files, and a mark that says how far all of
them are together.

A later run with the same key cuts each file back to the mark, removes those that came after it, and goes
on from there: nothing is twice, and nothing is missing.
"""

import fcntl
import os
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import orjson

from crewboard.errors import JobConflict, UsageError
from crewboard.tools.files.atomic import write_whole

_MARK, _LOCK, _FILES = "mark.json", "lock", "files"


class Growing:
    """Use it as a context manager; JobConflict while another process is at the same work.

    `key` says what the work is: another one in the same folder starts from nothing.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._folder, self._key = folder, key
        self._open: dict[str, BinaryIO] = {}
        self._lock_file: BinaryIO
        self.files = folder / _FILES
        self.held: Any = None
        """The state at the mark that this run goes on from; None for a fresh one."""

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock()
        mark = self._mark()
        if mark is None:
            shutil.rmtree(self.files, ignore_errors=True)
            self.files.mkdir()
        else:
            self._cut(mark["sizes"])
            self.held = mark["state"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock_file:
            self.close()
            if isinstance(
                error, UsageError
            ):  # the same input fails again, and another is other work
                shutil.rmtree(self._folder)

    def file(self, name: str) -> BinaryIO:
        """The file of this name, to be written at its end."""
        if name not in self._open:
            path = self.files / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open[name] = path.open("ab")
        return self._open[name]

    def close(self) -> None:
        """All files, whichever of them a full disk does not let end well."""
        with ExitStack() as closing:
            while self._open:
                closing.enter_context(self._open.popitem()[1])

    def mark(self, state: Any) -> None:
        """Everything so far is on disk, and `state` (JSON) belongs to it. DiskFull."""
        for file in self._open.values():
            file.flush()
            os.fsync(file.fileno())
        mark = {"key": self._key, "sizes": self._sizes(), "state": state}
        write_whole(self._folder / _MARK, orjson.dumps(mark))

    def hand_over(self, place: Path) -> None:
        """Move the folder of all files to `place` and forget the work."""
        self.close()
        shutil.move(self.files, place)
        shutil.rmtree(self._folder)

    def hand_out(self, places: Mapping[str, Path]) -> None:
        """Move each named file to its place, synced, and forget the work with whatever is left."""
        for name in places:
            file = self.file(name)
            file.flush()
            os.fsync(file.fileno())
        self.close()
        for name, place in places.items():
            shutil.move(self.files / name, place)
        shutil.rmtree(self._folder)

    def _sizes(self) -> dict[str, int]:
        every = (path for path in self.files.rglob("*") if path.is_file())
        return {path.relative_to(self.files).as_posix(): path.stat().st_size for path in every}

    def _cut(self, sizes: dict[str, int]) -> None:
        for name in self._sizes():
            if name in sizes:
                os.truncate(self.files / name, sizes[name])
            else:
                (self.files / name).unlink()

    def _mark(self) -> Any:
        try:
            mark = orjson.loads((self._folder / _MARK).read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return None
        now = self._sizes() if self.files.is_dir() else {}
        whole = all(now.get(name, -1) >= size for name, size in mark["sizes"].items())
        return mark if mark["key"] == self._key and whole else None

    def _lock(self) -> None:
        self._lock_file = (self._folder / _LOCK).open("wb")
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock_file.close()
            raise JobConflict(folder=self._folder) from None
