"""Copies of the board that a file synchroniser put beside it because two machines had saved.

    KANBAN (Petra's conflicted copy 2026-11-20).md      Dropbox, Nextcloud and their like
    KANBAN.sync-conflict-20261120-211500-ABCDEFG.md     Syncthing

They are merged once, known by their hash, and left where they are. Editors' own files (swap files,
backups, autosaves: `.KANBAN.md.swp`, `KANBAN.md~`, `#KANBAN.md#`) are nobody's save and are left alone.
"""

import logging
import re
from pathlib import Path

from crewboard.coordination.board.boardfile import LARGEST, OTHER_ENCODINGS
from crewboard.errors import PageBusy
from crewboard.memory.look import Look, Mark, mark_of, steady

log = logging.getLogger(__name__)
_PATIENCE = 0.5


class Siblings:
    """Looks for conflicted copies, and lists the folder only when it has changed."""

    def __init__(self) -> None:
        self._folder: Mark | None = None
        self._read: dict[Path, Mark] = {}

    def changed(self, board: Path) -> bool:
        return mark_of(board.parent) != self._folder

    def copies(self, board: Path) -> list[tuple[Path, Look]]:
        """The conflicted copies of `board` that were not there, or not so, the last time."""
        folder = mark_of(board.parent)
        found: list[tuple[Path, Look]] = []
        for path in _conflicted(board):
            mark = mark_of(path)
            if mark is None or mark == self._read.get(path) or mark.size > LARGEST:
                continue
            if look := _look(path):
                found.append((path, look))
        self._folder = None if folder is None or folder.young else folder
        return found

    def done(self, path: Path, look: Look) -> None:
        self._read[path] = look.mark


def _conflicted(board: Path) -> list[Path]:
    stem, suffix = re.escape(board.stem), re.escape(board.suffix)
    pattern = re.compile(
        rf"{stem}(?:[ _(.-].*conflicted copy.*|\.sync-conflict-.*){suffix}", re.IGNORECASE
    )
    return sorted(
        each
        for each in board.parent.iterdir()
        if pattern.fullmatch(each.name) and each.is_file() and not each.is_symlink()
    )


def _look(path: Path) -> Look | None:
    """What a copy holds; None, and a word in the log, for one that is not to be read."""
    try:
        look = steady(path, _PATIENCE)
    except (OSError, PageBusy) as error:
        log.warning("the conflicted copy %s is not merged: %s", path.name, error)
        return None
    if look and (not look.data.strip() or look.data.startswith(OTHER_ENCODINGS)):
        log.warning("the conflicted copy %s is not merged: it is empty or UTF-16", path.name)
        return None
    return look
