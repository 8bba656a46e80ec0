"""What a tool is given: folders, a journal for its effects, progress, secrets. Nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from crewboard.clock import Clock
from crewboard.tools.contract.effect import Effect


@dataclass(frozen=True)
class EffectCall:
    """One action outside the process, named so that it is never done twice.

    `step` and `arguments` (plain JSON, no secrets) make its key; `estimate` is the most that it may
    cost, in millionths of a US dollar, and is reserved before the call. `lookup` asks the other side
    by the key: the recorded answer, or None when it was not done. It is asked `settles_s` seconds after
    the last try at the earliest, for the other side may still be at work on that.
    """

    step: str
    tool: str
    effect: Effect
    arguments: Any
    estimate: int = 0
    provider: str = "local"
    lookup: Callable[[str], Any] | None = field(default=None, compare=False)
    settles_s: float = 0.0


@dataclass(frozen=True)
class Performed:
    """What an action gave back: a JSON value, and its actual cost in millionths of a US dollar."""

    value: Any
    cost: int = 0


class ToolContext(Protocol):
    """The port through which a tool reaches the world. `tools.contract.bench.Bench` is its twin."""

    out: Path
    """An empty folder of this run's own: the only place where a tool may write."""
    seed: int

    @property
    def clock(self) -> Clock:
        """The crew's clock: a tool asks no other."""
        ...

    def read(self, path: str) -> Path:
        """The real path of an input; PathOutside unless it lies beneath the workspace or was named
        by the human, InputMissing when it is not there."""
        ...

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tell how far the work is. Raises Cancelled when the task was cancelled meanwhile."""
        ...

    def perform(self, call: EffectCall, act: Callable[[str], Performed]) -> Any:
        """Do `act(key)` once in the life of this task, and give its value again ever after."""
        ...

    def secret(self, name: str) -> str:
        """The secret in environment variable `name`; KeyMissing when it is unset."""
        ...

    def job_folder(self, name: str, *, lasting: bool = False) -> Path:
        """A folder that outlives the crew's process: for a detached job's log, state and exit code, or
        for work that is gone on with. A task that is done again gets a fresh one, except for a
        `lasting` one, whose content must then tell itself what it is of."""
        ...
