"""Paths that cannot leave the workspace.

A path is judged by where it really leads, links followed. That closes `..`, absolute paths and links
that point outside at the moment of the check. It does not close a link swapped in between check and
open by a process with write access to the workspace; agents have no tool that makes links.
"""

from collections.abc import Iterable
from os.path import realpath
from pathlib import Path

from crewboard.errors import InputMissing, InputUnreadable, PathOutside

_LOOP = "its links lead in a circle"
_STATE = {(".crewboard",), (".git",)}


class Beneath:
    """A workspace root, and the sources outside it that the human named one by one."""

    def __init__(self, root: Path, sources: Iterable[Path] = ()) -> None:
        self.root = root.resolve()
        self._sources = {
            Path(realpath(source)) for source in sources
        }  # a loop is told when it is read

    def existing(self, path: str) -> Path:
        """The real path of something to read. PathOutside, InputMissing or InputUnreadable."""
        real = self._real(path)
        if real not in self._sources and not self._readable(real):
            raise PathOutside(path=path, root=self.root)
        try:
            found = real.exists()
        except OSError as error:
            raise InputUnreadable(path=path, where="", reason=error.strerror) from error
        if not found:
            raise InputMissing(path=path)
        return real

    def writable(self, path: str) -> Path:
        """The real path of something to write: beneath the root, never the board or the crew's state."""
        real = self._real(path)
        if not self._inside(real) or self._is_kept(real):
            raise PathOutside(path=path, root=self.root)
        return real

    def relative(self, path: Path) -> str:
        """`path` as the ledger writes it: relative to the root where it lies beneath, else absolute."""
        real = path.resolve()
        return real.relative_to(self.root).as_posix() if self._inside(real) else str(real)

    def _real(self, path: str) -> Path:
        if "\0" in path:
            raise PathOutside(path=path.replace("\0", "\\0"), root=self.root)
        try:
            return (self.root / path).resolve()
        except RuntimeError as error:
            raise InputUnreadable(path=path, where="", reason=_LOOP) from error
        except (OSError, ValueError) as error:  # no text of this system
            raise PathOutside(path=ascii(path), root=self.root) from error

    def _readable(self, real: Path) -> bool:
        """Beneath the root, but nothing of the crew's state (its key lies there) or of git's."""
        return self._inside(real) and real.relative_to(self.root).parts[:1] not in _STATE

    def _inside(self, real: Path) -> bool:
        return real.is_relative_to(self.root)

    def _is_kept(self, real: Path) -> bool:
        top = real.relative_to(self.root).parts[:1]
        return top in _STATE | {("KANBAN.md",), ("crewboard.toml",)}
