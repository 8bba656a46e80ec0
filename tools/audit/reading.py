"""What is to be read, and how."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crewboard.tools.audit.config import AuditConfig

Progress = Callable[[int, int], None]
"""Told, now and then, how many bytes of how many are read."""


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Looks:
    """What is looked at. `keys_only` leaves the checks out: for a training set to compare with;
    `grams` writes word 5-grams down, `questions` takes the keys of questions; `tokenizer` is the
    path of a tokenizer.json."""

    keys_only: bool = False
    grams: bool = False
    questions: bool = False
    tokenizer: str | None = None


@dataclass(frozen=True)
class Reading:
    """`work` is a folder for what waits on disk; its owner empties it."""

    paths: tuple[Path, ...]
    config: AuditConfig
    work: Path
    looks: Looks = Looks()
    processes: int = 1
    progress: Progress = _silent
