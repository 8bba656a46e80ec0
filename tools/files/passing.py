"""One pass over the rows of several files, which tells how far it is and about how many there will be."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from crewboard.tools.files.jsonl import LINE_LIMIT, Fault, Line, check_readable
from crewboard.tools.files.parquet import is_parquet
from crewboard.tools.files.rows import read_rows
from crewboard.tools.files.unpack import Packing, packing_of

Progress = Callable[[int, int | None, str], None]
EVERY = 2000
"""Rows between two words of progress."""


class Passing:
    """`rows` of each file in turn; the count goes on over all of them."""

    def __init__(self, paths: Sequence[Path], progress: Progress, note: str) -> None:
        self._sizes = {path: check_readable(path) for path in paths}
        self._plain = {
            path: packing_of(path) is Packing.NONE and not is_parquet(path) for path in paths
        }
        self._progress, self._note = progress, note
        self._done, self._bytes_before = 0, 0
        self.total: int | None = None
        """How many rows there are, when an earlier pass has counted them."""

    def rows(self, path: Path, limit: int = LINE_LIMIT) -> Iterator[Line | Fault]:
        """Every row of `path`, good or bad. Raises what `read_rows` raises."""
        return self.over(path, read_rows(path, limit=limit))

    def over(self, path: Path, items: Iterable[Line | Fault]) -> Iterator[Line | Fault]:
        """The same for rows of `path` that were read in another way."""
        for item in items:
            self._done += 1
            if self._done % EVERY == 0:
                self._progress(self._done, self.total or self._guess(path, item), self._note)
            yield item
        self._bytes_before += self._sizes[path]

    def leave_out(self, path: Path, rows: int) -> None:
        """Take a file as passed: a run that was stopped had done with it."""
        self._done += rows
        self._bytes_before += self._sizes[path]

    def _guess(self, path: Path, item: Line | Fault) -> int | None:
        """From the bytes that have passed; None where packed ones are among them."""
        passed = self._bytes_before + item.offset
        if not all(self._plain.values()) or passed == 0 or path not in self._sizes:
            return None
        return max(self._done, round(self._done * sum(self._sizes.values()) / passed))
