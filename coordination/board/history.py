"""Every version of the board: a journal of what was done, and the bytes of each version.

    .crewboard/board/journal.jsonl           one canonical JSON line for each version, oldest first
    .crewboard/board/versions/<sha256>.z     the bytes (zlib), as long as they are kept

A line is on the disk before the board shows what it tells. A line that a kill cut short never took
place: it is no line until its newline is written, and the next writer cuts it off. Only who holds
the board's lock may write; anybody may read.
"""

import hashlib
import os
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from pathlib import Path

import orjson

from crewboard.canonical import canonical_json
from crewboard.clock import Clock, SystemClock, parse_stamp, stamp
from crewboard.errors import InputUnreadable, VersionGone
from crewboard.memory.inert import plain
from crewboard.memory.swap import sync_folder, told
from crewboard.redact import redact

ASIDE = "an exact revert: kept aside"
CUT_SHORT = "cut short: kept aside"
KEPT = 200  # versions whose bytes are kept whatever their age
_KEPT_FOR = timedelta(days=1)
_PRUNE_EVERY = 50
_LEVEL = 1  # zlib: 2 MB in about 20 ms
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Version:
    """One line of the journal.

    `sha256` names the bytes that the board has had since; `parent` those it had before, "" for none.
    `saved` names what was found on the disk where that was something else: a save on an older text, of
    which `sha256` is the merge with what came after it. `number` orders versions, `at` only tells.
    """

    number: int
    at: str
    by: str
    sha256: str
    parent: str
    why: str
    saved: str = ""

    @property
    def kept_aside(self) -> bool:
        """A save that was not taken over, since nobody can tell whether it was meant. The board is as it
        was (`sha256` is `parent`); what was saved is `saved`, and `BoardStore.restore` takes it over."""
        return self.why in {ASIDE, CUT_SHORT}


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class History:
    """The journal of one board. `refresh` reads what other processes added."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.folder = folder
        self.journal = folder / "journal.jsonl"
        self.blobs = folder / "versions"
        self.clock = clock or SystemClock()
        self._versions: list[Version] = []
        self._read_to = 0
        self._pruned_at = 0

    @property
    def newest(self) -> Version | None:
        return self._versions[-1] if self._versions else None

    def versions(self, after: int = 0) -> tuple[Version, ...]:
        """Those with a number above `after`, oldest first: numbers go 1, 2, 3 without a gap."""
        return tuple(self._versions[max(after, 0) :])

    def refresh(self) -> None:
        """Read the lines that are new. InputUnreadable where one is not a version."""
        if not self.journal.exists():
            self._versions, self._read_to = [], 0
            return
        if self.journal.stat().st_size < self._read_to:  # it was replaced by an older copy
            self._versions, self._read_to = [], 0
        with self.journal.open("rb") as file:
            file.seek(self._read_to)
            new = file.read()
        for line in new[: new.rfind(b"\n") + 1].splitlines(keepends=True):
            self._versions.append(self._version(line))
            self._read_to += len(line)

    def record(self, version: Version, *contents: bytes) -> Version:
        """Write `version` down for good, with the bytes it names; the next number and the hour are
        filled in here, and its words are redacted. DiskFull, WorkspaceUnwritable: not recorded."""
        number = self._versions[-1].number + 1 if self._versions else 1
        at = stamp(self.clock.now())
        by, why = (plain(redact(text), _LONGEST) for text in (version.by, version.why))
        version = replace(version, number=number, at=at, by=by, why=why)
        try:
            self.blobs.mkdir(mode=0o700, parents=True, exist_ok=True)
            kept = [self._keep(data) for data in contents]
            if any(kept):
                sync_folder(self.blobs)
            self._append(canonical_json(asdict(version)).encode() + b"\n")
        except OSError as error:
            raise told(error, self.journal, sum(map(len, contents))) from error
        self._versions.append(version)
        return version

    def has(self, sha256: str) -> bool:
        return not sha256 or self._blob(sha256).exists()

    def text(self, sha256: str) -> bytes:
        """The bytes that `sha256` names, b"" for none. VersionGone, InputUnreadable."""
        if not sha256:
            return b""
        try:
            packed = self._blob(sha256).read_bytes()
        except FileNotFoundError:
            named = (v.number for v in self._versions if sha256 in {v.sha256, v.saved})
            version = next(named, sha256[:12])
            raise VersionGone(version=version, kept=KEPT) from None
        try:
            data = zlib.decompress(packed)
        except zlib.error as error:
            raise InputUnreadable(path=self._blob(sha256), where="", reason=error) from error
        if sha256_of(data) != sha256:
            reason = "these are not the bytes of its name"
            raise InputUnreadable(path=self._blob(sha256), where="", reason=reason)
        return data

    def prune(self, keep_after: int | None) -> int:
        """Drop the bytes of old versions and count them. Kept: the newest, those of the last day, those
        with a number above `keep_after`, and what these were made from. The journal stays whole."""
        wanted = {
            sha256
            for version in self._kept(keep_after)
            for sha256 in (version.sha256, version.parent, version.saved)
        }
        old = [blob for blob in self.blobs.iterdir() if blob.stem not in wanted]
        for blob in old:
            blob.unlink(missing_ok=True)
        return len(old)

    def prune_now_and_then(self, keep_after: int | None) -> None:
        if self.newest and self.newest.number >= self._pruned_at + _PRUNE_EVERY:
            self._pruned_at = self.newest.number
            self.prune(keep_after)

    def _kept(self, keep_after: int | None) -> Iterator[Version]:
        since, oldest = self.clock.now() - _KEPT_FOR, len(self._versions) - KEPT
        for version in self._versions:
            unread = keep_after is not None and version.number > keep_after
            if version.number > oldest or unread or parse_stamp(version.at) >= since:
                yield version

    def _blob(self, sha256: str) -> Path:
        return self.blobs / f"{sha256}.z"

    def _keep(self, data: bytes) -> bool:
        """Store `data` under its name; False when it is there."""
        blob = self._blob(sha256_of(data))
        if blob.exists():
            return False
        draft = self.blobs / "draft"  # one name, under the board's lock: leftovers go
        with draft.open("wb") as file:
            file.write(zlib.compress(data, _LEVEL))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(blob)
        return True

    def _append(self, line: bytes) -> None:
        new = not self.journal.exists()
        handle = os.open(self.journal, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(handle, self._read_to)  # a line that was cut short goes
            try:
                if os.pwrite(handle, line, self._read_to) != len(line):
                    raise OSError(28, "No space left on device")
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, self._read_to)
                raise
        finally:
            os.close(handle)
        if new:
            sync_folder(self.folder)
        self._read_to += len(line)

    def _version(self, line: bytes) -> Version:
        try:
            told_ = orjson.loads(line)
            version = Version(**{each.name: told_[each.name] for each in fields(Version)})
            if version.number != len(self._versions) + 1:
                raise ValueError(f"it has the number {version.number}")
        except (ValueError, KeyError, TypeError) as error:
            where = f" at line {len(self._versions) + 1}"
            raise InputUnreadable(path=self.journal, where=where, reason=error) from error
        return version
