"""The findings as they come: every one counted, and written down where a file is given; some kept."""

from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson

from crewboard.tools.audit.rules import SEVERITY

SAMPLES = 20
"""Places kept of each rule: the first ones."""


@dataclass(slots=True)
class Entry:
    count: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)
    sources: set[int] = field(default_factory=set)


class Book:
    """Memory: some hundred bytes a rule, and 60 bytes for each source row with personal data."""

    def __init__(self, sink: BinaryIO | None = None) -> None:
        self.entries = {rule: Entry() for rule in SEVERITY}
        self._sink = sink
        self.file = ""
        """The name of the file at hand where there are several, to stand beside each place."""

    @property
    def writes(self) -> bool:
        """Whether every finding is written down."""
        return self._sink is not None

    def note(self, rule: str, number: int, offset: int, note: str = "") -> Entry:
        entry = self.entries[rule]
        entry.count += 1
        if self._sink is not None or entry.count <= SAMPLES:
            place = {"line": number, "offset": offset, "note": note}
            if self.file:
                place = {"file": self.file, **place}
            if len(entry.samples) < SAMPLES:
                entry.samples.append(place)
            if self._sink is not None:
                self._sink.write(orjson.dumps({"rule": str(rule), **place}) + b"\n")
        return entry

    def state(self) -> dict[str, Any]:
        return {
            rule: [entry.count, entry.samples, sorted(entry.sources)]
            for rule, entry in self.entries.items()
            if entry.count
        }

    def absorb(self, state: dict[str, Any], shift: int) -> None:
        """Add what another book holds, whose lines begin `shift` lines further on."""
        for rule, (count, samples, sources) in state.items():
            entry = self.entries[rule]
            entry.count += count
            entry.sources.update(sources)
            for place in samples[: SAMPLES - len(entry.samples)]:
                moved = place | {"line": place["line"] + shift}
                entry.samples.append({"file": self.file, **moved} if self.file else moved)

    def copy_findings(self, path: Any, shift: int) -> None:
        """Write another book's findings down after these."""
        if self._sink is None:
            return
        with path.open("rb") as file:
            for line in file:
                found = orjson.loads(line)
                found["line"] += shift
                if self.file:
                    found["file"] = self.file
                self._sink.write(orjson.dumps(found) + b"\n")
