"""What the twin has charged: a JSON Lines file, written before anything is answered.

It outlives the death of the twin and of its clients, though not the machine's: it is not synced.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any


@dataclass(frozen=True)
class Charge:
    """One paid thing. `request` is the digest of {provider, model, body}, the name that
    `crewboard data generate` gives to the same request; `cost` in millionths of a US dollar."""

    api: str
    kind: str
    model: str
    request: str
    cost: int
    input_tokens: int = 0
    output_tokens: int = 0
    key: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    reply: dict[str, Any] = field(default_factory=dict)


class Charges:
    """The charges of one twin. A key that was charged once is known for ever."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+", encoding="utf-8")
        self._lock = Lock()
        self._keyed: dict[str, Charge] = {}
        self.total = 0
        for charge in self:
            self._note(charge)

    def commit(self, charge: Charge) -> None:
        with self._lock:
            self._file.write(json.dumps(asdict(charge)) + "\n")
            self._file.flush()
            self._note(charge)

    def under(self, key: str | None) -> Charge | None:
        """The charge under an idempotency key."""
        return self._keyed.get(key) if key else None

    def close(self) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Charge]:
        """As the file has them: a torn last line was never charged."""
        lines = self.path.read_text("utf-8").split("\n")[:-1]
        return (Charge(**json.loads(line)) for line in lines)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _note(self, charge: Charge) -> None:
        self.total += charge.cost
        if charge.key:
            self._keyed.setdefault(charge.key, charge)
