"""Bringing the board's file and its journal to say the same, whatever people did to the file.

Everything here is done under the board's lock, and can be broken off anywhere: the next one goes on.
"""

import time

from crewboard.coordination.board.author import author_of, git_at_work
from crewboard.coordination.board.boardfile import BoardFile, Landed
from crewboard.coordination.board.history import ASIDE, CUT_SHORT, History, Version, sha256_of
from crewboard.coordination.board.retired import Retired
from crewboard.coordination.board.saves import Save, Saves, Taken
from crewboard.coordination.board.siblings import Siblings
from crewboard.coordination.board.unfinished import REST_S
from crewboard.coordination.workspace import human
from crewboard.errors import PageBusy, SaveUnfinished
from crewboard.memory.look import Look, Mark, mark_of

_PAUSE_S = 0.005
_ABSENT_S = 1.0  # for a board that is not there: an editor may be between two renames
_WAIT_S = 2.0  # for a save that looks unfinished, and for a git that holds its index


class Agreement:
    def __init__(self, file: BoardFile, history: History) -> None:
        self.file = file
        self.history = history
        self.saves = Saves(history)
        self.siblings = Siblings()
        self._patience = 0.0
        self._why: PageBusy | None = None
        self.landed = Landed()
        self._newest = ("", b"")
        self._watched: dict[str, tuple[object, float]] = {}

    @property
    def text(self) -> bytes:
        """The newest version; b"" before there is one."""
        sha256 = self.history.newest.sha256 if self.history.newest else ""
        if self._newest[0] != sha256:
            self._newest = sha256, self.history.text(sha256)
        return self._newest[1]

    def outstanding(self) -> bool:
        """Whether there is something to take in besides the board itself; costs a few `stat`s."""
        return self.file.shelf.visited() or self.siblings.changed(self.file.path)

    def reach(self, patience: float) -> None:
        """Take in whatever was saved, and leave the newest version on the disk. PageBusy."""
        self._patience = patience
        deadline = time.monotonic() + patience
        self.landed, self._why = self.file.landed(), None
        try:
            while not self._round(deadline):
                if time.monotonic() > deadline:
                    raise PageBusy(path=self.file.path, seconds=patience)
                time.sleep(_PAUSE_S)
        except PageBusy as busy:
            raise self._why or busy from None

    def record(self, data: bytes, by: str, why: str, saved: Look | None = None) -> Version:
        """Write a version down, before the board shows it. What is needed for landing it is on the
        disk by then, so that a full disk stops it here."""
        parent = self.history.newest.sha256 if self.history.newest else ""
        sha256 = sha256_of(data)
        found = sha256_of(saved.data) if saved else ""
        if found != sha256:
            self.file.stage(data)
        also = (saved.data,) if saved and found != sha256 else ()
        version = Version(0, "", by, sha256, parent, why, found if also else "")
        version = self.history.record(version, data, *also)
        self._newest = sha256, data
        return version

    def _round(self, deadline: float) -> bool:
        """One try; False when the disk must be looked at again."""
        self._late_saves()
        newest, mark = self.history.newest, self.file.mark()
        if newest and mark and mark == self.landed.mark:
            if self.landed.number == newest.number:
                return self._agreed()
            if self._put(mark, self.landed.sha256):
                return False
        look = self.file.read(max(deadline - time.monotonic(), _PAUSE_S))
        if look is None:
            return self._absent()
        self._watched.pop("absent", None)
        sha256 = sha256_of(look.data)
        if not self._on_its_way(sha256) and not self._take(self.saves.save(look)):
            return False
        return self._land(look, sha256) and self._agreed()

    def _agreed(self) -> bool:
        """The disk is as it should be; whether nothing came meanwhile."""
        return not self._copies() and not self._late_saves()

    def _on_its_way(self, sha256: str) -> bool:
        """Whether these are the newest version's bytes, or those that it was to replace when its
        writer was killed."""
        newest = self.history.newest
        if newest is None or sha256 == newest.sha256:
            return newest is not None
        return newest.number > self.landed.number and sha256 in {self.landed.sha256, newest.saved}

    def _land(self, look: Look, sha256: str) -> bool:
        newest = self.history.newest
        if newest is None:
            return False
        if sha256 == newest.sha256:
            self.landed = self.file.agree(Landed(newest.number, sha256, look.mark))
            return True
        if self.landed == Landed(newest.number, sha256, look.mark):
            return True  # left as it is
        return self._put(look.mark, sha256, shared=look.open)

    def _put(self, before: Mark | None, sha256: str, *, shared: bool = False) -> bool:
        newest = self.history.newest
        if newest is None:
            return False
        self.file.stage(self.text)
        if not self._git_is_done():
            return False
        mark = self.file.put(before, sha256, shared=shared)
        if mark:
            self.landed = self.file.agree(Landed(newest.number, newest.sha256, mark))
        return mark is not None

    def _take(self, save: Save) -> bool:
        """Record what was saved; False when it must be waited for."""
        if not self._ended(save):
            return False
        newest, look = self.history.newest, save.look
        by = author_of(self.file.target(), look.data)
        if self.saves.never_meant(save):
            self.record(self.text, by, CUT_SHORT, look)
        elif taken := self.saves.taken(save, by):
            self.record(taken.data, by, taken.why, look)
        elif newest and newest.kept_aside and newest.saved == save.sha256:
            self.landed = self.file.agree(Landed(newest.number, save.sha256, look.mark))
        else:
            self.record(self.text, by, ASIDE, look)
        return True

    def _ended(self, save: Save) -> bool:
        """Whether a save has come to its end. PageBusy when it has lain there unfinished for a while."""
        self._why = None
        if not self._git_is_done() or self.file.mark() != save.look.mark:
            return False  # what git showed for a moment is nobody's save
        rested, needed = self._rested(save.look.mark), self.saves.rest(save)
        if rested >= needed:
            return True
        if needed > REST_S:
            why = self.saves.looks(save)
            self._why = SaveUnfinished(path=self.file.path, why=why, seconds=int(needed))
            if rested > min(_WAIT_S, self._patience):
                raise self._why
        return False

    def _git_is_done(self) -> bool:
        """An index that stays locked is left over from a git that was killed, or belongs to a commit
        whose message is being written: it is waited for only a while. An autostash is not."""
        busy = git_at_work(self.file.target().parent)
        if busy is None:
            self._watched.pop("git", None)
            return True
        return busy.suffix == ".lock" and self._seen("git", mark_of(busy)) > _WAIT_S

    def _rested(self, mark: Mark) -> float:
        """Seconds since the last write: as long as we have seen it so, or as the file's time says."""
        return max(self._seen("board", mark), mark.age)

    def _seen(self, what: str, thing: object) -> float:
        """Seconds for which we have seen `what` as the same `thing`."""
        known, since = self._watched.get(what, (thing, time.monotonic()))
        self._watched[what] = thing, since if known == thing else time.monotonic()
        return time.monotonic() - self._watched[what][1]

    def _absent(self) -> bool:
        """There is no board. An editor may be between two renames; after a while it is put back."""
        newest = self.history.newest
        if newest is None:
            return True
        if self.landed.mark is not None:
            if self._seen("absent", self.landed) < _ABSENT_S:
                return False
            gone = "the board was gone: put back"
            self.record(self.text, human(), gone)
        self._put(None, "")
        return False

    def _late_saves(self) -> bool:
        """Merge what was saved into files that the board used to be; whether there was something."""
        files = [each for each in self.file.shelf.files() if each.expired or not each.untouched()]
        return sum(map(self._late_save, files)) > 0

    def _late_save(self, retired: Retired) -> bool:
        look = retired.look()
        if look is None:
            return False
        save = self.saves.save(look)
        new = save.sha256 != retired.sha256 and save.since is None
        unfinished = new and self.saves.rest(save) > REST_S
        if unfinished and not retired.expired:
            return False
        if new and not unfinished:
            taken = self.saves.taken(save, human()) or Taken(self.text, "")
            self.record(taken.data, human(), f"{taken.why}; it came late", look)
        if retired.expired:
            self.file.shelf.clear(retired)
        else:
            self.file.shelf.again(retired, look)
        return new and not unfinished

    def _copies(self) -> bool:
        """Merge conflicted copies; whether there was one that is new."""
        if not self.siblings.changed(self.file.path) or self.history.newest is None:
            return False
        known, before = self.saves.known(), self.history.newest.number
        for path, look in self.siblings.copies(self.file.path):
            if sha256_of(look.data) not in known:
                taken = self.saves.copied(self.saves.save(look), path.name)
                self.record(taken.data, human(), taken.why, look)
            self.siblings.done(path, look)
        return self.history.newest.number > before
