"""Where the rows of a long conversion went so far: books that are marked together with their files."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crewboard.tools.files.growing import Growing

EVERY = 20_000
"""Rows between two marks: what a stopped run does again at most."""
_DROPPED = "dropped"


@dataclass
class Books:
    read: int = 0
    written: int = 0
    dropped: Counter[str] = field(default_factory=Counter)


class Resumable:
    """Use it as a context manager. `more` gives what else the mark must hold, as JSON."""

    def __init__(self, folder: Path, key: str, more: Callable[[], Any]) -> None:
        self._growing, self._more = Growing(folder, key), more
        self.books = Books()
        self.held: Any = None
        """What `more` gave at the mark that this run goes on from; None for a fresh one."""

    def __enter__(self) -> Self:
        mark = self._growing.__enter__().held
        if mark is not None:
            self.books = Books(mark["read"], mark["written"], Counter(mark["dropped"]))
            self.held = mark["more"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._growing.__exit__(kind, error, trace)

    def keep(self, row: bytes, part: str = "rows") -> None:
        """`part` is the file that the row goes into."""
        self.books.written += 1
        self._grow(part, row)

    def drop(self, reason: str, row: bytes) -> None:
        self.books.dropped[reason] += 1
        self._grow(_DROPPED, row)

    def finish(self, places: Mapping[str, Path], dropped: Path) -> None:
        """Put the parts and the exclusions where they belong, whole, and forget the mark."""
        self._growing.hand_out({**places, _DROPPED: dropped})

    def _grow(self, name: str, row: bytes) -> None:
        self.books.read += 1
        self._growing.file(name).write(row + b"\n")
        if self.books.read % EVERY:
            return
        self._growing.mark(
            {
                "read": self.books.read,
                "written": self.books.written,
                "dropped": dict(self.books.dropped),
                "more": self._more(),
            }
        )
