"""The one who writes the board file: nothing else in crewboard does."""

import codecs
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from crewboard.coordination.board.card import BoardView
from crewboard.coordination.board.render import render_into
from crewboard.errors import BoardNotAFile, InputUnreadable, PathOutside
from crewboard.memory.page import PATIENCE, locked, rewrite
from crewboard.redact import redact

_OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class BoardWriter:
    """Brings a board file up to date, under a lock, whole or not at all (see `memory.page`).

    `root` is the workspace: a board that links out of it is refused. The lock is a sidecar, so that
    editors may replace the board itself as they like.
    """

    def __init__(self, path: Path, lock_path: Path, root: Path | None = None) -> None:
        self.path = path
        self.lock_path = lock_path
        self.root = (root or path.parent).resolve()
        self.patience = PATIENCE

    def sync(self, view: BoardView) -> bool:
        """Render `view` into the board; True when a byte changed.

        PathOutside, BoardNotAFile and InputUnreadable (UTF-16) leave the file alone, and so do
        WorkspaceUnwritable, DiskFull and PageBusy.
        """
        target = self._target()
        shown = _redacted(view)
        with locked(self.lock_path, self.patience):
            return rewrite(target, lambda old: self._render(old, shown), self.patience)

    def _target(self) -> Path:
        real = self.path.resolve()
        if not real.is_relative_to(self.root):
            raise PathOutside(path=self.path, root=self.root)
        if real.exists() and not real.is_file():
            raise BoardNotAFile(path=self.path)
        return real

    def _render(self, old: bytes, view: BoardView) -> bytes:
        if old.startswith(_OTHER_ENCODINGS):
            raise InputUnreadable(path=self.path, where="", reason="it is UTF-16, not UTF-8")
        return render_into(old, view)


def _redacted(value: Any) -> Any:
    """Redact every text in a frozen value."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, tuple):
        return tuple(map(_redacted, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _redacted(getattr(value, f.name)) for f in fields(value)})
    return value
