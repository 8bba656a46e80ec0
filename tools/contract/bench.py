"""A tool on the workbench: the context that runs a tool alone, without a crew, a ledger or a grant."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crewboard.canonical import digest
from crewboard.clock import Clock, SystemClock
from crewboard.errors import KeyMissing
from crewboard.tools.contract.context import EffectCall, Performed
from crewboard.tools.files.beneath import Beneath


@dataclass
class Bench:
    """A real context over two folders. Its journal lives as long as the object does."""

    root: Path
    out: Path
    sources: Iterable[Path] = ()
    seed: int = 42
    clock: Clock = field(default_factory=SystemClock)
    told: list[tuple[int, int | None, str]] = field(default_factory=list)
    _done: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)

    def read(self, path: str) -> Path:
        return Beneath(self.root, self.sources).existing(path)

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.told.append((done, total, note))

    def perform(self, call: EffectCall, act: Callable[[str], Performed]) -> Any:
        key = digest([call.step, call.tool, call.arguments])
        if key not in self._done:
            self._done[key] = act(key).value
        return self._done[key]

    def secret(self, name: str) -> str:
        value = os.environ.get(name)
        if not value:
            raise KeyMissing(provider="this tool", variable=name)
        return value

    def job_folder(self, name: str, *, lasting: bool = False) -> Path:  # noqa: ARG002 - one run
        folder = self.out.parent / f"{self.out.name}.jobs" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder
