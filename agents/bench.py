"""The context in which a crew's tools run: the workspace's paths, the task's journal, its progress."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crewboard.agents.office import Office
from crewboard.canonical import sha256_file
from crewboard.clock import Clock
from crewboard.coordination import pauses, tasks
from crewboard.coordination.tasks import State, Task
from crewboard.errors import Cancelled, InputUnreadable, KeyMissing
from crewboard.tools.contract import EffectCall
from crewboard.tools.contract.context import Performed
from crewboard.tools.files.beneath import Beneath

_LOOK_S = 1.0


@dataclass
class CrewBench:
    """A ToolContext for one task. It is made anew for every run."""

    office: Office
    task: Task
    out: Path
    seed: int = 42
    _looked: float = field(default=0.0)

    def __post_init__(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)

    @property
    def clock(self) -> Clock:
        return self.office.ledger.clock

    def read(self, path: str) -> Path:
        """As the contract says. A source outside the workspace must still be the file that the human
        named: InputUnreadable when its bytes have changed since."""
        sources = self.office.sources(self.task)
        real = Beneath(self.office.workspace.root, map(Path, sources)).existing(path)
        if (expected := sources.get(str(real))) and sha256_file(real) != expected:
            raise InputUnreadable(
                path=path, where="", reason="it has changed since the goal was given"
            )
        return real

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.office.told(self.task.id, done, total, note)
        if time.monotonic() - self._looked > _LOOK_S:
            self._looked = time.monotonic()
            self._stop_if_called_off()

    def _stop_if_called_off(self) -> None:
        """Cancelled also when its card, or one above it, was deleted: the work may come back."""
        with self.office.ledger.read() as tx:
            now = tasks.get(tx, self.task.id)
            held = pauses.held(tx, now)
        if now.state is State.CANCELED or (held and held.gone):
            raise Cancelled(what=self.task.title, actor="a human")

    def perform(self, call: EffectCall, act: Callable[[str], Performed]) -> Any:
        return self.office.journal(self.task).perform(call, act)

    def secret(self, name: str) -> str:
        value = os.environ.get(name)
        if not value:
            raise KeyMissing(provider=self.task.title, variable=name)
        return value

    def job_folder(self, name: str, *, lasting: bool = False) -> Path:
        run = name if lasting else f"{name}-{self.task.attempts}"
        folder = self.office.workspace.job_folder(self.task.id, run)
        folder.mkdir(parents=True, exist_ok=True)
        return folder
