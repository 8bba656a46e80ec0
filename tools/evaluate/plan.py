"""Every setting of an evaluation, in one JSON file."""

import json
from dataclasses import dataclass
from pathlib import Path

from crewboard.errors import InputUnreadable


@dataclass(frozen=True)
class EvaluationPlan:
    """`base` and `adapter` are folders as a training made them. At most `max_rows` rows are scored,
    drawn by `seed`; rows of a batch are padded to its longest."""

    test: str
    base: str
    adapter: str
    folder: str
    max_rows: int | None = None
    batch_size: int = 1
    seed: int = 42

    @classmethod
    def read(cls, path: Path) -> "EvaluationPlan":
        try:
            return cls(**json.loads(path.read_text()))
        except (TypeError, ValueError) as error:
            raise InputUnreadable(path=path, where="", reason=error) from error
