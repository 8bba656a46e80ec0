"""Every setting of a training run, in one JSON file that can be read, compared and run
elsewhere."""

import json
from dataclasses import asdict, dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any

from crewboard.errors import InputUnreadable

TINY = "tiny"
_TINY_STEPS = 200
_TINY_RATE = 1e-2  # a random network has nothing to forget
_RATE = 2e-4


@dataclass(frozen=True)
class Plan:
    """`data` and `folder` are where; the rest is what. `base` is `tiny`, a folder or a hub id;
    `max_length` counts tokens, `save_every` optimizer steps. Of `epochs` and `max_steps`, the
    latter wins; with neither, tiny trains a fixed number of steps and any other base one epoch."""

    data: str
    folder: str
    base: str = TINY
    rank: int = 16
    alpha: int = 32
    learning_rate: float | None = None
    epochs: float | None = None
    max_steps: int | None = None
    batch_size: int = 8
    gradient_accumulation: int = 1
    max_length: int = 512
    save_every: int = 50
    seed: int = 42

    @classmethod
    def read(cls, path: Path) -> "Plan":
        try:
            return cls(**json.loads(path.read_text()))
        except (TypeError, ValueError) as error:
            raise InputUnreadable(path=path, where="", reason=error) from error

    @property
    def rate(self) -> float:
        """The learning rate, resolved."""
        if self.learning_rate is not None:
            return self.learning_rate
        return _TINY_RATE if self.base == TINY else _RATE

    @property
    def rows_per_step(self) -> int:
        return self.batch_size * self.gradient_accumulation

    def steps(self, rows: int) -> int:
        """Optimizer steps that `rows` rows make; the last one of an epoch may be smaller."""
        if self.max_steps is not None:
            return self.max_steps
        if self.epochs is None and self.base == TINY:
            return _TINY_STEPS
        return max(1, ceil((self.epochs or 1) * ceil(rows / self.rows_per_step)))

    def settings(self) -> dict[str, Any]:
        """What decides the result, apart from the files: all but the places, with the rate
        resolved."""
        known = asdict(replace(self, learning_rate=self.rate))
        return {name: value for name, value in known.items() if name not in {"data", "folder"}}
