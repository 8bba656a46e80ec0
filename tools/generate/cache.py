"""The record of what was asked and answered: an append-only file that is also the request cache.

One JSON line for each thing that happened, on disk (fsync) before anything is built on it: a question is
written down before it leaves, an answer before it counts. Many callers share one fsync ("group commit"):
whatever arrives while the disk is busy goes out with the next one. A line that a crash tore was never
built on, and is cut off when the file is opened.

    sent       the question is about to leave; until a later line settles it, its outcome is unknown
    answered   it was answered and charged, well or badly
    failed     it was not answered, and certainly not charged
    released   likewise, and it will be asked again
    lost       nobody knows; it counts as charged, at the most it may cost, and is never sent again
    wave, submitted, collected    the life of a batch

No key and no header ever gets here: what is written is what was asked and what was said.
"""

import asyncio
import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from crewboard.errors import CrewboardError, DiskFull
from crewboard.tools.files.atomic import make_folder
from crewboard.tools.generate.errors import RecordDamaged, RunTaken

Entry = dict[str, Any]
Apply = Callable[[Entry, int], None]
"""Takes one entry and the offset of its line. It is called in the order of the file, once for each."""


class Record:
    """One file, open for one run. Use it as a context manager: the lock is the file's own.

    `durable=False` is for answers that cost nothing: they are written, and not waited for on the disk.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self.path = path
        self._durable = durable
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._apply: Apply = _ignore

    def __enter__(self) -> Self:
        """RunTaken while another process writes it."""
        make_folder(self.path.parent)
        self._file = self.path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise RunTaken(path=self.path.parent) from None
        self._end = _cut_torn_line(self._file)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def replay(self, apply: Apply) -> None:
        """Hand every entry to `apply`, and from now on every new one as soon as it is on disk."""
        for entry, offset in self._entries():
            apply(entry, offset)
        self._apply = apply

    def read(self, offset: int) -> Entry:
        """The entry whose line begins at `offset`."""
        with self.path.open("rb") as file:
            file.seek(offset)
            entry: Entry = orjson.loads(file.readline())
        return entry

    async def append(self, *entries: Entry) -> None:
        """Write entries down; returns once they are on disk and were applied. DiskFull."""
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in entries]
        self._waiting.extend(zip(entries, futures, strict=True))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        await asyncio.gather(*futures)

    async def _flush(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            lines = [orjson.dumps(entry) + b"\n" for entry, _ in group]
            try:
                await asyncio.to_thread(self._write, b"".join(lines))
            except (OSError, CrewboardError) as error:  # whoever waits must learn of it
                for _, future in [*group, *self._waiting]:
                    _settle(future, error)
                self._waiting = []
                return
            for (entry, future), line in zip(group, lines, strict=True):
                _settle(future, self._applied(entry, len(line)))

    def _applied(self, entry: Entry, size: int) -> Exception | None:
        offset, self._end = self._end, self._end + size
        try:
            self._apply(entry, offset)
        except Exception as error:  # noqa: BLE001 - it is raised where the entry was appended
            return error
        return None

    def _write(self, data: bytes) -> None:
        try:
            self._file.write(data)
            self._file.flush()
            if self._durable:
                os.fsync(self._file.fileno())
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                free = shutil.disk_usage(self.path.parent).free // 1_000_000
                raise DiskFull(path=self.path, free=free, needed=free + 1) from error
            raise

    def _entries(self) -> Iterator[tuple[Entry, int]]:
        offset = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    entry = orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    raise RecordDamaged(path=self.path, line=number, reason=error) from None
                yield entry, offset
                offset += len(line)


def _cut_torn_line(file: Any) -> int:
    """Cut what follows the last line end; the size that is left."""
    size = file.seek(0, os.SEEK_END)
    place = size
    while place > 0:
        start = max(0, place - 65536)
        file.seek(start)
        found = file.read(place - start).rfind(b"\n")
        if found >= 0:
            place = start + found + 1
            break
        place = start
    if place < size:
        file.truncate(place)
    return int(file.seek(place))


def _settle(future: "asyncio.Future[None]", error: BaseException | None) -> None:
    if future.done():  # its caller was cancelled meanwhile
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


def _ignore(_entry: Entry, _offset: int) -> None:
    """Before the replay there is nobody to tell."""
