"""Files that the board used to be, watched for a while: an editor may still be writing into one.

Whoever opened the board for writing just before it was replaced writes into the file that came out.
So it is kept for a minute in `.crewboard/retired/`, and a late save into it is merged like any other.
A file's name tells when it came (CLOCK_MONOTONIC, so that a clock set back matters to nobody), how it
was written then, and the bytes it held. One that is still open for writing stays for longer.
"""

import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from crewboard.coordination.board.history import sha256_of
from crewboard.errors import PageBusy
from crewboard.memory.lease import Grant, leased
from crewboard.memory.look import Look, Mark, mark_of, steady
from crewboard.memory.swap import told

KEPT_FOR = 60.0  # seconds
_NAME = re.compile(r"(\d+)-(\d+)-(\d+)-([0-9a-f]{64})\Z")
_PATIENCE = 0.05  # a late save that is not finished is looked at again the next time


@dataclass(frozen=True, slots=True)
class Retired:
    path: Path
    since: int  # nanoseconds of CLOCK_MONOTONIC
    written: int
    size: int
    sha256: str

    @property
    def expired(self) -> bool:
        age = (time.monotonic_ns() - self.since) / 1e9
        return not 0 <= age < KEPT_FOR  # below 0: the machine was started anew

    def untouched(self) -> bool:
        mark = mark_of(self.path)
        return mark is None or (mark.written, mark.size) == (self.written, self.size)

    def look(self) -> Look | None:
        """What it holds now; None while somebody is writing into it."""
        try:
            return steady(self.path, _PATIENCE)
        except PageBusy:
            return None


class Shelf:
    """The folder of retired files. Only who holds the board's lock changes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        """Make the folder, while there is room for it. WorkspaceUnwritable, DiskFull."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise told(error, self.folder) from error

    def take(self, out: Path, mark: Mark | None, sha256: str) -> None:
        """Keep the file `out`, which held `sha256` when it had `mark`: if it has another one now, it
        is a late save from the beginning."""
        self.open()
        written, size = (mark.written, mark.size) if mark else (0, 0)
        name = f"{time.monotonic_ns()}-{written}-{size}-{sha256}"
        shutil.move(
            out, self.folder / name
        )  # a copy, if the state lies on another disk: not watched

    def files(self) -> list[Retired]:
        """From the oldest to the newest."""
        try:
            names = os.listdir(self.folder)  # noqa: PTH208 - asked at every look at the board
        except FileNotFoundError:
            return []
        named = (_NAME.match(name) for name in names)
        found = [
            Retired(self.folder / name[0], int(name[1]), int(name[2]), int(name[3]), name[4])
            for name in named
            if name
        ]
        return sorted(found, key=lambda each: each.since)

    def visited(self) -> bool:
        """Whether there is anything to do here: a late save, or a file whose time is over."""
        return any(each.expired or not each.untouched() for each in self.files())

    def again(self, retired: Retired, look: Look) -> None:
        """Its late save has been merged: from now on those are the bytes it holds."""
        name = f"{retired.since}-{look.mark.written}-{look.mark.size}-{sha256_of(look.data)}"
        retired.path.replace(self.folder / name)

    def clear(self, retired: Retired) -> None:
        """Let it go, unless somebody still has it open for writing."""
        try:
            handle = os.open(retired.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            with leased(handle) as grant:
                if grant is not Grant.BUSY:
                    retired.path.unlink()
        finally:
            os.close(handle)
