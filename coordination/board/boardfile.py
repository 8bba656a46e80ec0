"""The board as a file: where it lies, what it is, what we last left there, and how it is replaced."""

import codecs
import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from crewboard.coordination.board.history import sha256_of
from crewboard.coordination.board.retired import Shelf
from crewboard.errors import BoardNotAFile, InputUnreadable, PageBusy, PathOutside
from crewboard.memory import swap
from crewboard.memory.look import QUIET, Look, Mark, mark_of, steady

log = logging.getLogger(__name__)
LARGEST = 64 << 20  # bytes
NOBODYS = "0" * 64
"""Instead of the hash of a file that came out of the board: whatever it holds is a late save."""
OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Landed:
    """The last agreement between journal and disk: version `number` was taken over, and the board was
    left with the bytes `sha256`. As long as it has `mark`, nobody has saved it since."""

    number: int = 0
    sha256: str = ""
    mark: Mark | None = None


class BoardFile:
    """`root` is the workspace: a board that links out of it is refused. Writing needs the lock."""

    def __init__(self, path: Path, state: Path, root: Path) -> None:
        self.path = path
        self.root = root
        self.shelf = Shelf(state / "retired")
        self._note = state / "board" / "landed.json"
        self._staged = ""

    def mark(self) -> Mark | None:
        return mark_of(self.path)

    def target(self) -> Path:
        """The file itself, behind any links. PathOutside, BoardNotAFile."""
        real = self.path.resolve()
        if not real.is_relative_to(self.root):
            raise PathOutside(path=self.path, root=self.root)
        if real.exists() and not real.is_file():
            raise BoardNotAFile(path=self.path)
        return real

    def read(self, patience: float) -> Look | None:
        """What lies there, at rest, with a mark that the next save cannot share; None for no file.

        PageBusy; InputUnreadable for more than 64 MB and for UTF-16.
        """
        target, deadline = self.target(), time.monotonic() + patience
        while time.monotonic() < deadline:
            self._refuse_giants(mark_of(target))
            look = steady(target, patience)
            if look is None or not look.mark.young:
                return self._refuse_encodings(look)
            time.sleep(QUIET)
        raise PageBusy(path=self.path, seconds=patience)

    def landed(self) -> Landed:
        """What was written down at the last agreement; nothing when that was lost."""
        try:
            noted = orjson.loads(self._note.read_bytes())
            mark = Mark(*noted["mark"]) if noted["mark"] else None
            return Landed(int(noted["number"]), str(noted["sha256"]), mark)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return Landed()  # costs one more look at the board, and nothing else

    def agree(self, landed: Landed) -> Landed:
        """Write an agreement down. Not synced: after a power cut the board itself is looked at, and so
        it is where the disk is too full for these few bytes."""
        draft = self._note.with_suffix(".draft")
        try:
            self._note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.write_bytes(orjson.dumps(asdict(landed) | {"mark": list(landed.mark or ())}))
            draft.replace(self._note)
        except OSError as error:
            log.info("%s is left out: %s", self._note, error)
            self._note.unlink(missing_ok=True)  # none is better than an older one
        return landed

    def stage(self, data: bytes) -> None:
        """Write what shall lie there beside it: where the disk is full, it shows here."""
        target, sha256 = self.target(), sha256_of(data)
        self.shelf.open()
        if self._staged != sha256 or not swap.draft_of(target).exists():
            swap.stage(target, data)
            self._staged = sha256

    def unstage(self) -> None:
        swap.draft_of(self.path.resolve()).unlink(missing_ok=True)

    def put(self, before: Mark | None, sha256: str, *, shared: bool = False) -> Mark | None:
        """Let what is staged lie where the bytes `sha256` lay, in a file with the mark `before`; the new
        file's mark, or None when somebody else was faster. What came out goes on the shelf."""
        target = self.target()
        with swap.draft_of(target).open("rb") as file:
            staged = Mark.of(os.fstat(file.fileno()))
            if not swap.put(target, before, shared=shared):
                return None
            mark = Mark.of(os.fstat(file.fileno()))
        if before and swap.next_of(target).exists():
            self.shelf.take(swap.next_of(target), before, sha256)
        saved_into = (mark.written, mark.size) != (staged.written, staged.size)
        return staged if saved_into else mark  # what is staged is never again what lies there

    def recover(self, newest: str, known: Callable[[], set[str]]) -> None:
        """Clear up after a writer that was killed. What it had not swapped in is in the journal or
        never was; what it had swapped out goes on the shelf, as a late save if nobody knows it."""
        target = self.target()
        swap.draft_of(target).unlink(missing_ok=True)
        for left in (swap.next_of(target), target.with_name(f".{target.name}.out")):
            if left.exists():
                sha256 = sha256_of(left.read_bytes())
                if sha256 == newest:
                    left.unlink()
                elif sha256 in known():
                    self.shelf.take(left, mark_of(left), sha256)
                else:
                    self.shelf.take(left, None, NOBODYS)

    def _refuse_giants(self, mark: Mark | None) -> None:
        if mark and mark.size > LARGEST:
            reason = f"it holds {mark.size >> 20} MB, and a board holds {LARGEST >> 20} MB at most"
            raise InputUnreadable(path=self.path, where="", reason=reason)

    def _refuse_encodings(self, look: Look | None) -> Look | None:
        if look and look.data.startswith(OTHER_ENCODINGS):
            raise InputUnreadable(path=self.path, where="", reason="it is UTF-16, not UTF-8")
        return look
