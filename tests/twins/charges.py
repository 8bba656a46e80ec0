"""What the twin provider has charged: a JSON Lines file, synced before anything is answered."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any


@dataclass(frozen=True)
class Charge:
    """One paid request. `reply` is what the client was sent, or would have been had it stayed."""

    api: str
    model: str
    body_sha256: str
    reply: dict[str, Any]
    key: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    stored: bool = False
    at: float = 0.0


class Charges:
    """Survives the death of the server and of its clients; a torn last line was never charged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def commit(self, charge: Charge) -> None:
        line = json.dumps(asdict(charge) | {"at": time.time()}) + "\n"
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def __iter__(self) -> Iterator[Charge]:
        lines = self.path.read_text("utf-8").split("\n")[:-1]
        return iter([Charge(**json.loads(line)) for line in lines])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def under(self, key: str) -> Charge | None:
        """The first charge under an idempotency key."""
        return next((charge for charge in self if charge.key == key), None)
