"""The text of rows: of chat, of a `text` column, or of the columns that are named."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from crewboard.tools.files.chat import messages_of, text_of
from crewboard.tools.files.jsonl import Fault, Line
from crewboard.tools.files.passing import Passing

NO_TEXT = "no-text"
_TEXT = "text"


def row_text(row: Mapping[str, Any], fields: Sequence[str] = ()) -> str | None:
    """The texts of a row joined by line ends; None where it holds none. Without `fields` those of its
    messages, else its column `text`. What a chat template would add is not there."""
    if fields:
        parts = [row.get(name) for name in fields]
    elif (messages := messages_of(dict(row))) is not None:
        parts = [text_of(message) for message in messages]
    else:
        parts = [row.get(_TEXT)]
    text = "\n".join(part for part in parts if isinstance(part, str) and part)
    return text or None


@dataclass
class Corpus:
    """The texts of some files, in order, with the books of where each row went. Rows that give no text
    are written to `dropped`."""

    paths: Sequence[Path]
    passing: Passing
    dropped: BinaryIO
    fields: Sequence[str] = ()
    rows_in: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    names: Mapping[Path, str] = field(default_factory=dict)
    """What a file is called other than by its base name."""

    def texts(self) -> Iterator[tuple[Path, Line, str]]:
        for path in self.paths:
            yield from ((path, line, text) for line, text in self.of(path))

    def of(self, path: Path, skip: int = 0) -> Iterator[tuple[Line, str]]:
        """The texts of one file; its first `skip` rows are passed over, uncounted."""
        for item in islice(self.passing.rows(path), skip, None):
            self.rows_in += 1
            if isinstance(item, Fault):
                self.drop(path, item, item.reason)
            elif (text := row_text(item.row, self.fields)) is None:
                self.drop(path, item, NO_TEXT)
            else:
                yield item, text

    def name(self, path: Path) -> str:
        return self.names.get(path, path.name)

    def drop(self, path: Path, item: Line | Fault, reason: str) -> None:
        self.reasons[str(reason)] += 1
        place = {
            "reason": reason,
            "file": self.name(path),
            "line": item.number,
            "offset": item.offset,
        }
        self.dropped.write(orjson.dumps(place) + b"\n")

    @property
    def told(self) -> dict[str, int]:
        return dict(sorted(self.reasons.items()))
