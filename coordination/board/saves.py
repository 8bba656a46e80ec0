"""What a text that somebody saved over the board, or beside it, means for the board."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crewboard.coordination.board.conflicts import resolve
from crewboard.coordination.board.history import CUT_SHORT, KEPT, History, Version, sha256_of
from crewboard.coordination.board.merge import Merged, merge
from crewboard.coordination.board.nearest import Trail, lines_of
from crewboard.coordination.board.rewording import reworded
from crewboard.coordination.board.unfinished import cut_short, mended, never_meant, rest
from crewboard.memory.look import Look

UNKNOWN = "unknown"
_LOOKED_THROUGH = 2000  # versions at most, if they are short:
_BYTES = 400 << 20  # together; about two seconds when nothing is remembered
_OLDEST = 0.9  # of the versions that were looked through: a base this old may well be older still


@dataclass(frozen=True)
class Save:
    """A text that somebody made of the board.

    `base` names the version it was made on, "" where there is none, and UNKNOWN where that must be older
    than the versions that were looked through. `since` are the versions after the
    one that it is exactly, the newest first; None when it is none.
    """

    look: Look
    sha256: str
    text: bytes  # without git's conflict marks
    base: str = ""
    since: tuple[Version, ...] | None = None


@dataclass(frozen=True)
class Taken:
    """What the board shall be, and what made it so."""

    data: bytes
    why: str


class Saves:
    """Finds out what was saved on which version, and merges it with what came after that."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._trail = Trail(history.text)
        self._last: tuple[tuple[str, str], Save] | None = None

    def save(self, look: Look) -> Save:
        """What was found, understood."""
        newest = self.history.newest
        key = sha256_of(look.data), newest.sha256 if newest else ""
        if self._last is None or self._last[0] != key:
            self._last = key, self._understood(look, key[0])
        return replace(self._last[1], look=look)

    def rest(self, save: Save) -> float:
        """Seconds for which it must lie there before it is believed (`unfinished`)."""
        if self._is_known(save):
            return 0.0
        return rest(save.text, self._base_text(save), self._longest())

    def looks(self, save: Save) -> str:
        """Why it does not look like a save that came to its end; "" for one that does."""
        return cut_short(save.text, self._base_text(save), self._longest())

    def _longest(self) -> int:
        newest = self.history.newest
        return len(self.history.text(newest.sha256)) if newest else 0

    def never_meant(self, save: Save) -> bool:
        return not self._is_known(save) and never_meant(save.text, self._base_text(save))

    def taken(self, save: Save, by: str) -> Taken | None:
        """The newest version with what this save did to the version that it was made on.

        None when it is exactly an older version, and going back to that would drop what others did
        since: a save without any new text, of which nobody can tell whether it was meant. Whoever
        takes back only what they did themselves is not asked.
        """
        if save.since is not None:
            own = all(each.by == by and not each.saved for each in save.since)
            return Taken(save.text, "a save") if own else None
        newest, base = self.history.newest, self._base_text(save)
        text = mended(save.text, base)
        how = "; git's conflict marks resolved" if save.text != save.look.data else ""
        how += "; its end, which was cut off, put back" if text != save.text else ""
        if newest is None or save.base == newest.sha256:
            return Taken(text, ("a save" if newest else "found") + how)
        ours = self.history.text(newest.sha256)
        if save.base == UNKNOWN:
            base = common(ours, text)
        merged = merge(base, ours, text, self._names_since(save.base))
        return Taken(merged.data, self._on(save.base) + how + _kept(merged))

    def copied(self, save: Save, name: str) -> Taken:
        """As `taken`, for a conflicted copy: where both changed the same, the board stays."""
        newest = self.history.newest
        board = self.history.text(newest.sha256) if newest else b""
        known = save.base != UNKNOWN
        base = self._base_text(save) if known else common(board, save.text)
        merged = merge(base, save.text, board, "the copy")
        return Taken(merged.data, f"merged the conflicted copy {name}" + _kept(merged))

    def known(self) -> set[str]:
        """The hash of everything that is or was the board, or was saved over it."""
        return {name for each in self.history.versions() for name in (each.sha256, each.saved)}

    def _understood(self, look: Look, sha256: str) -> Save:
        since = self._since(sha256)
        text = resolve(look.data).data if has_conflict_marks(look.data) else look.data
        return Save(look, sha256, text, self._base(text) if since is None else "", since)

    def _base(self, text: bytes) -> str:
        newest = self.history.newest
        if newest is None:
            return ""
        lines = lines_of(text)
        changed = reworded(lines_of(self.history.text(newest.sha256)), lines)
        if changed is not None and self._are_peoples(changed):
            return newest.sha256
        longest = max(KEPT, min(_LOOKED_THROUGH, _BYTES // (len(text) + 1)))
        base, inside = self._nearest(text, KEPT)
        if longest > KEPT and (not inside or self._takes_away(text, base)):
            base, inside = self._nearest(text, longest)
        return base if inside else UNKNOWN

    def _nearest(self, text: bytes, count: int) -> tuple[str, bool]:
        """The nearest of the newest `count` versions, and whether no older one can be nearer: there is
        none, or they lie further away again."""
        versions = list(dict.fromkeys(self._texts(count)))
        base = self._trail.nearest(text, versions)
        bracketed = versions.index(base) < _OLDEST * len(versions)
        return base, bracketed or self._reaches_back(count)

    def _takes_away(self, text: bytes, base: str) -> bool:
        return bool(Counter(lines_of(self.history.text(base))) - Counter(lines_of(text)))

    def _reaches_back(self, count: int) -> bool:
        """Whether the newest `count` versions are all that there ever were, with their bytes."""
        versions = self.history.versions()
        return len(versions) <= count and self.history.has(versions[0].sha256)

    def _are_peoples(self, lines: list[bytes]) -> bool:
        """Whether none of these lines is the crew's, as far as the versions tell that are kept. What
        the crew has just written is not given up because somebody wrote something similar there."""
        left = set(lines)
        for version in reversed(self.history.versions()[-KEPT:]):
            if not left or not self.history.has(version.parent):
                break
            new = left - set(lines_of(self.history.text(version.parent)))
            if new and not version.by.startswith("human:"):
                return False
            left -= new
        return True

    def _since(self, sha256: str) -> tuple[Version, ...] | None:
        """A text that was saved and then merged was never the whole board: its version is later."""
        later: list[Version] = []
        for version in reversed(self.history.versions()):
            if version.sha256 == sha256 and not version.kept_aside:
                return tuple(later)
            later.append(version)
            if version.saved == sha256 and version.why != CUT_SHORT:
                return tuple(later)
        return None

    def _is_known(self, save: Save) -> bool:
        return save.since is not None and bool(save.text.strip())

    def _base_text(self, save: Save) -> bytes:
        newest = self.history.newest
        known = save.base not in {"", UNKNOWN}
        return self.history.text(save.base if known else newest.sha256 if newest else "")

    def _texts(self, count: int) -> Iterator[str]:
        """What an editor may have loaded, the newest first."""
        for version in reversed(self.history.versions()[-count:]):
            for sha256 in (version.sha256, "" if version.why == CUT_SHORT else version.saved):
                if sha256 and self.history.has(sha256):
                    yield sha256

    def _names_since(self, base: str) -> str:
        """Whose text it is that the save did not know: a name when it is one person's alone."""
        names = set()
        for version in reversed(self.history.versions()[-KEPT:]):
            if base in {version.sha256, version.saved}:
                break
            names.add(version.by)
        only = names.pop() if len(names) == 1 else "crew"
        return only.removeprefix("human:").removeprefix("git/")

    def _on(self, base: str) -> str:
        if base == UNKNOWN:
            return "a save made on a version that is too old to tell: nothing was taken away"
        number = max(v.number for v in self.history.versions() if base in {v.sha256, v.saved})
        return f"a save made on version {number}: what came after it was put back"


def common(ours: bytes, found: bytes) -> bytes:
    """The lines of `ours` that are also in `found`. With these as the base of a merge, both sides have
    only added something, and keep it."""
    left = Counter(line.rstrip() for line in found.splitlines())
    kept: list[bytes] = []
    for line in ours.splitlines(keepends=True):
        text = line.rstrip()
        if not text or left[text] > 0:
            left[text] -= 1
            kept.append(line)
    return b"".join(kept)


def has_conflict_marks(data: bytes) -> bool:
    lines = {line[:7] for line in data.splitlines() if line[:1] in {b"<", b"=", b">"}}
    return lines >= {b"<" * 7, b"=" * 7, b">" * 7}


def _kept(merged: Merged) -> str:
    return f"; {len(merged.kept)} texts kept beneath the save's" if merged.kept else ""
