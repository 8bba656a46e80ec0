"""What a scrub did, counted, and the record of each change: where and what kind, never the value."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from crewboard.tools.scrub.eye import Look, Sighting
from crewboard.tools.scrub.leaves import Place
from crewboard.tools.scrub.rewrite import field_name


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


def change(sighting: Sighting, replacement: str) -> dict[str, str]:
    """What is written down of one replacement."""
    field_ = field_name(sighting.leaf.field)
    return {"field": field_, "kind": sighting.kind, "replacement": replacement}
