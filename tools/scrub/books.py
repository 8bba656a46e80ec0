"""What a scrub did, counted, and the record of each change: where and what kind, never the value."""

import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from crewboard.tools.files.jsonl import Line
from crewboard.tools.scrub.eye import Look, Sighting
from crewboard.tools.scrub.leaves import Place
from crewboard.tools.scrub.rewrite import field_name

_PART = "changes.part"


@dataclass
class Books:
    """Counts are of hits, by kind. `placeholders` are those that were let stand."""

    rows_changed: int = 0
    rechecked: int = 0
    replaced: Counter[str] = field(default_factory=Counter)
    in_code: Counter[str] = field(default_factory=Counter)
    in_structure: Counter[str] = field(default_factory=Counter)
    placeholders: Counter[str] = field(default_factory=Counter)

    def add(self, look: Look) -> None:
        for (place, kind), times in look.left.items():
            (self.in_code if place is Place.CODE else self.in_structure)[kind] += times
        self.placeholders.update(kind for kind, _ in look.placeholders)

    def told(self) -> dict[str, Any]:
        return dict(vars(self))

    def take_up(self, told: dict[str, Any]) -> None:
        for name, value in told.items():
            setattr(self, name, Counter(value) if isinstance(value, dict) else value)


class Changes:
    """The record, which grows beside the rows in the job's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO
        self.count = 0

    def take_up(self, told: dict[str, int] | None) -> None:
        """Go on after what `mark` told, or begin."""
        path = self._folder / _PART
        path.touch()
        size, self.count = (told["size"], told["count"]) if told else (0, 0)
        os.truncate(path, size)
        self._file = path.open("ab")

    def add(self, file: str, line: Line, sighting: Sighting, replacement: str) -> None:
        told = {
            "file": file,
            "line": line.number,
            "offset": line.offset,
            "field": field_name(sighting.leaf.field),
            "kind": sighting.kind,
            "replacement": replacement,
        }
        self._file.write(orjson.dumps(told) + b"\n")
        self.count += 1

    def mark(self) -> dict[str, int]:
        """Everything so far is on disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return {"size": self._file.tell(), "count": self.count}

    def hand_over(self, place: Path) -> None:
        self.mark()
        self._file.close()
        shutil.move(self._folder / _PART, place)
        shutil.rmtree(self._folder)

    def close(self) -> None:
        self._file.close()
