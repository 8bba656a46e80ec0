"""What is known of each source, and where every row of it went."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from crewboard.canonical import sha256_file
from crewboard.tools.files.jsonl import Fault, Line
from crewboard.tools.mix.keys import Keys, shared

WEIGHT_NOTE = "no trainer applies a fraction as a row's weight: weights are told here, not applied"


@dataclass
class Weights:
    """What rows say of their own weight, where it is a number other than 1."""

    rows: int = 0
    total: float = 0.0
    least: float | None = None
    most: float | None = None

    def look(self, row: dict[str, Any]) -> None:
        weight = row.get("weight")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or weight == 1:
            return
        self.rows += 1
        self.total += weight
        self.least = weight if self.least is None else min(self.least, weight)
        self.most = weight if self.most is None else max(self.most, weight)

    def told(self) -> dict[str, Any]:
        mean = round(self.total / self.rows, 6) if self.rows else None
        return {"rows": self.rows, "mean": mean, "min": self.least, "max": self.most}


@dataclass
class Source:
    """`ranks` are the places of its usable rows in the lottery, `keys` what tells copies of `messages`."""

    name: str
    paths: list[Path]
    ranks: Keys = field(default_factory=Keys)
    keys: Keys = field(default_factory=Keys)
    weights: Weights = field(default_factory=Weights)
    too_long: set[int] = field(default_factory=set)
    rows: int = 0
    size: int = 0
    """Bytes of the usable rows."""
    asked: int = 0
    quota: int = 0
    written: int = 0
    copies: int = 0
    over_long: int = 0

    def told(self, ratio: float, total: int) -> dict[str, Any]:
        usable = len(self.ranks)
        return {
            "name": self.name,
            "sha256": [sha256_file(path) for path in self.paths],
            "rows": self.rows,
            "usable": usable,
            "asked_ratio": ratio,
            "got_ratio": round(self.written / total, 6) if total else 0.0,
            "asked": self.asked,
            "drawn": self.quota,
            "short": self.asked - self.quota,
            "written": self.written,
            "copies_made": self.copies,
            "over_long": self.over_long,
            "duplicates": len(self.keys) - self.keys.distinct(),
            "weights": self.weights.told(),
        }


def overlaps(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Pairs of sources that hold the same conversations."""
    found = shared([source.keys for source in sources])
    return [
        {"sources": [sources[a].name, sources[b].name], "rows": rows}
        for (a, b), rows in found.items()
    ]


@dataclass
class Exclusions:
    """Rows that are left out, written down as they are counted."""

    file: BinaryIO
    names: Mapping[Path, str]
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, path: Path, item: Line | Fault, reason: str, **facts: Any) -> None:
        place = {"reason": reason, "file": self.names[path], "line": item.number}
        place |= {"offset": item.offset}
        self.reasons[str(reason)] += 1
        self.file.write(orjson.dumps(place | facts) + b"\n")
