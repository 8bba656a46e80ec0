"""How the twin behaves: what goes wrong and when, what it answers, what it lets through. JSON or TOML.

latency_s = 0.02
capacity = 8                    # more under way at once get 429
quota_usd = 15.0                # beyond it: insufficient_quota, or billing_error
idempotency = true              # one Idempotency-Key is done once
[[faults]]
kind = "status"
status = 529
every = 20                      # each 20th request; or at = 3, contains = "text", path = "/v1/files"

The first fault that strikes a request counts.
"""

import json
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crewboard.errors import ConfigInvalid, InputMissing

Kind = Literal[
    "status",  # an HTTP error with `body` and `headers`; nothing is charged
    "error_body",  # HTTP 200 with an error in its JSON; nothing is charged
    "reset",  # the connection ends before anything is charged
    "drop",  # charged; then the connection ends within the answer
    "hang",  # charged; then silence
    "malformed",  # charged; half of the JSON
    "empty",  # charged; a sound answer without text
    "refusal",  # charged; the model declines
    "cut",  # charged; the answer ends at its length limit
    "prose",  # charged; an answer that is no JSON
    "misfit",  # charged; JSON that does not fit the schema
    "echo",  # charged; the same answer every time
    "uncounted",  # charged; a sound answer without its usage
]
BEFORE = frozenset({"status", "error_body", "reset"})


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fault(_Table):
    """Strikes a request to `path` that is number `at`, or each `every`th, or holds `contains`; all of them
    where none is given. `times` bounds how often, and `fresh` spares keys that were charged before."""

    kind: Kind
    path: str | None = None
    at: int | None = None
    every: int | None = Field(default=None, ge=1)
    contains: str | None = None
    times: int | None = None
    fresh: bool = False
    status: int = 500
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None

    def strikes(self, number: int, path: str, text: str) -> bool:
        return (
            self.path in {None, path}
            and self.at in {None, number}
            and (self.every is None or number % self.every == 0)
            and (self.contains is None or self.contains in text)
        )


class Life(_Table):
    """How a batch or a job goes on: `looks` at it before it ends, and how it ends. `done` is the share
    of a batch's requests that an `expired` or `cancelled` one has finished; `errors` names each nth
    request that fails."""

    looks: int = Field(default=2, ge=0)
    end: str = ""
    done: float = Field(default=1.0, ge=0, le=1)
    errors: int = Field(default=0, ge=0)
    reason: str = "scripted"


class Script(_Table):
    """`answers` maps a part of the prompt to the answer; otherwise one is made up that fits the schema."""

    latency_s: float = Field(default=0.0, ge=0)
    capacity: int | None = Field(default=None, ge=1)
    retry_after_s: float = 0.05
    quota_usd: float | None = None
    idempotency: bool = True
    keys: tuple[str, ...] = ()
    answers: dict[str, Any] = Field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    batch: Life = Life()
    job: Life = Life()
    jobs_at_once: int = Field(default=2, ge=1)


def load_script(path: Path) -> Script:
    """InputMissing; ConfigInvalid tells the place."""
    try:
        text = path.read_text("utf-8")
        found = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        return Script.model_validate(found)
    except FileNotFoundError:
        raise InputMissing(path=path) from None
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"]))
        raise ConfigInvalid(path=path, where=where, reason=fault["msg"]) from None
    except ValueError as error:
        raise ConfigInvalid(path=path, where="its form", reason=error) from None


class Faults:
    """The faults of one twin, and how often each may still strike."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._left = [(fault, fault.times) for fault in faults]

    def strike(self, number: int, path: str, text: str, *, charged: bool) -> Fault | None:
        for index, (fault, left) in enumerate(self._left):
            spared = fault.fresh and charged
            if left != 0 and not spared and fault.strikes(number, path, text):
                self._left[index] = (fault, None if left is None else left - 1)
                return fault
        return None
