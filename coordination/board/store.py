"""The board that people and several processes write at the same time, and nobody loses a word.

    disk ──── take_in ───> a save of somebody else's is merged with what came after the version that it
                           was made on, and recorded
    newest ── edit ──────> the change is recorded and synced, then takes the place of the file in one step

The journal of versions is the truth, the file is a view of it and an input. Whatever is found on the
disk and is not the newest version is one of these:

- what the newest version was to replace when its writer was killed, between journal and swap. It lands
  now: readers of the journal may have seen it.
- a save on the newest or an older version, told by what it is nearest to (`nearest`). What the save
  did not know of is put back, and the version's `why` says so.
- exactly an older version, with no new text, though others worked since: nobody can tell whether it
  was meant. It is recorded as ASIDE and covered by the newest version, once. Does the same text come
  again, it is left on the disk; the next edit is made on the newest version all the same. `restore`
  takes over what was kept aside.
- a save that looks unfinished (`unfinished`), or a checkout that git is changing: PageBusy, until
  the file changes. What looks so for a minute is taken for meant if only its length speaks against
  it, and else recorded as CUT_SHORT and covered by the newest version.
- nothing: a board that was removed is put back after a second.

Versions are ordered by their numbers, and waits are measured on the monotonic clock: a system clock
that is turned back changes nothing but the times that are shown.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crewboard.clock import Clock
from crewboard.coordination.board.agreement import Agreement
from crewboard.coordination.board.author import author_of
from crewboard.coordination.board.boardfile import BoardFile
from crewboard.coordination.board.history import History, Version
from crewboard.coordination.board.merge import merge
from crewboard.errors import (
    CrewboardError,
    DiskFull,
    PageBusy,
    UnknownName,
    WorkspaceUnwritable,
)
from crewboard.memory.look import PATIENCE
from crewboard.memory.page import locked

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seen:
    """What a reader finds without writing: the newest version, and what lies there, merged with it."""

    last: bytes
    now: bytes


class BoardStore:
    """One board. `state` is the workspace's `.crewboard`; `keep_after` the number of the last version
    that somebody has read, after which no bytes are dropped. Any number of processes may have a store
    of their own for one board, and so may threads; one store is for one thread at a time.

    Every method but `touched`, `versions` and `text` may raise PathOutside, BoardNotAFile,
    InputUnreadable (UTF-16, over 64 MB), WorkspaceUnwritable, DiskFull and PageBusy. Then the board is
    untouched and nothing is lost.
    """

    def __init__(
        self, path: Path, state: Path, root: Path | None = None, clock: Clock | None = None
    ) -> None:
        self.path = path
        self.lock = state / "board.lock"
        self.patience = PATIENCE
        self.keep_after: int | None = None
        self._file = BoardFile(path, state, (root or path.parent).resolve())
        self._history = History(state / "board", clock)
        self._agreement = Agreement(self._file, self._history)
        self._ready = False

    def touched(self) -> bool:
        """Whether the board's file is another than this store has last seen. Reads nothing."""
        return not self._ready or self._file.mark() != self._agreement.landed.mark

    def take_in(self) -> bytes:
        """The newest version, with whatever was saved meanwhile. Costs a few `stat`s when nothing was."""
        if self.touched() or self._agreement.outstanding():
            with self._agreed():
                pass
        return self._agreement.text

    def edit(self, change: Callable[[bytes], bytes], by: str, why: str) -> Version | None:
        """Make `change` on the newest version; None when it changes nothing.

        `change` is pure: it runs again when somebody saved meanwhile. A save that comes even later is
        merged with it. Once the version is returned it is on the board, or, where somebody keeps the
        file busy, in the journal, from where it gets there.
        """
        deadline = time.monotonic() + self.patience
        with self._agreed():
            while True:
                before = self._agreement.text
                after = change(before)
                if after == before:
                    return None
                if not self.touched():
                    return self._carry_out(after, by, why)
                if time.monotonic() > deadline:
                    raise PageBusy(path=self.path, seconds=self.patience)
                self._agreement.reach(self.patience)

    def peek(self) -> Seen:
        """What `take_in` would give, without recording or writing anything."""
        self._history.refresh()
        last, look = self._agreement.text, self._file.read(self.patience)
        if look is None or look.data == last:
            return Seen(last, last)
        saves = self._agreement.saves
        taken = saves.taken(saves.save(look), author_of(self._file.target(), look.data))
        return Seen(last, taken.data if taken else last)

    def versions(self, after: int = 0) -> tuple[Version, ...]:
        """What was recorded after version `after`, by any process, oldest first."""
        self._history.refresh()
        return self._history.versions(after)

    def text(self, sha256: str) -> bytes:
        """The bytes that a version names as `sha256`, `parent` or `saved`. VersionGone."""
        return self._history.text(sha256)

    def undo(self, number: int, by: str) -> Version:
        """Take back what version `number` changed; what came after it stays, and where both touched the
        same words the newer ones stand and the older ones are noted beneath. The newest version, new or not.
        UnknownName, VersionGone."""
        undone = self._version(number)
        after, before = self.text(undone.sha256), self.text(undone.parent)

        def take_back(now: bytes) -> bytes:
            return merge(after, before, now, f"undo {number}").data

        return self._edited(take_back, by, f"undo of version {number}")

    def restore(self, number: int, by: str) -> Version:
        """Make the board what was saved as version `number`, or what was kept aside then. What came after is
        in the journal. The newest version, new or not. UnknownName, VersionGone."""
        wanted = self._version(number)
        text = self.text(wanted.saved if wanted.kept_aside else wanted.sha256)
        return self._edited(lambda _: text, by, f"back to version {number}")

    def _edited(self, change: Callable[[bytes], bytes], by: str, why: str) -> Version:
        return self.edit(change, by, why) or self.versions()[-1]

    def _version(self, number: int) -> Version:
        versions = self.versions()
        if not 0 < number <= len(versions):
            known = f"1 to {len(versions)}" if versions else "none yet"
            raise UnknownName(kind="version of the board", name=number, known=known)
        return versions[number - 1]

    @contextmanager
    def _agreed(self) -> Iterator[None]:
        """Hold the lock, with everything taken in."""
        with locked(self.lock, self.patience):
            self._history.refresh()
            newest = self._history.newest
            self._file.recover(newest.sha256 if newest else "", self._agreement.saves.known)
            self._agreement.reach(self.patience)
            self._ready = True
            yield
            self._history.prune_now_and_then(self.keep_after)

    def _carry_out(self, after: bytes, by: str, why: str) -> Version:
        try:
            version = self._agreement.record(after, by, why)
        except (DiskFull, WorkspaceUnwritable):
            self._file.unstage()
            raise
        try:
            self._agreement.reach(self.patience)
        except CrewboardError as error:
            if not isinstance(error, PageBusy) and version == self._history.newest:
                self._take_back(version, error)
                raise
            log.info(
                "version %d of the board is recorded, and lands later: %s", version.number, error
            )
        return version

    def _take_back(self, version: Version, error: Exception) -> None:
        """An edit that cannot land did not happen, as its caller is told: the journal says so too."""
        self._file.unstage()
        why, (now, before) = f"taken back: {error}", (version.sha256, version.parent)
        self._history.record(Version(0, "", version.by, before, now, why))
