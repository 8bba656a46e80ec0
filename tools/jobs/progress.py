"""How far a job says it is: one small file, replaced whole, that anybody may read at any time.

It is not synced to disk: it tells of work whose results are, and may be lost with the machine.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from crewboard.canonical import canonical_json

_NAME = "progress.json"


@dataclass(frozen=True)
class Progress:
    done: int = 0
    total: int | None = None
    note: str = ""


def tell_progress(folder: Path, progress: Progress) -> None:
    staged = folder / f".{_NAME}"
    staged.write_text(canonical_json(asdict(progress)))
    staged.replace(folder / _NAME)


def told_progress(folder: Path) -> Progress:
    """What was told last; nothing done while nothing was told."""
    try:
        return Progress(**json.loads((folder / _NAME).read_text()))
    except FileNotFoundError:
        return Progress()
