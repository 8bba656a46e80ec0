"""A circuit breaker for one provider and key: when it keeps failing, stop asking for a while.

    closed     calls pass; `failures` failed ones in a row open it
    open       no call passes, for `pause_s` or as long as the provider asked for, if longer
    half open  one call passes as a trial: its success closes the breaker, its failure reopens it

An unpaid bill or a rejected key opens it until `reset`: no pause settles those. A refused request
(a wrong parameter, say) closes it, for it shows that the provider answers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from math import ceil
from threading import Lock
from typing import Literal

from crewboard.agents.models.contract import Model, ModelReply, ModelRequest
from crewboard.agents.models.signals import pause_asked
from crewboard.clock import Clock
from crewboard.errors import (
    CrewboardError,
    NeedsHuman,
    ProviderUnavailable,
    ReplyInvalid,
    Retryable,
)

State = Literal["closed", "open", "half open"]


class Breaker:
    """Shared by all threads that use the provider; its pauses are measured on `clock`."""

    def __init__(
        self, provider: str, clock: Clock, *, failures: int = 5, pause_s: float = 30.0
    ) -> None:
        self.provider = provider
        self._clock = clock
        self._limit = failures
        self._pause_s = pause_s
        self._lock = Lock()
        self._barred: NeedsHuman | None = None
        self._opened: datetime | None = None
        self._trying = False
        self._count = 0
        self._wait = 0.0
        self._last = ""

    def reset(self) -> None:
        """Close it: somebody has paid the bill or set another key."""
        with self._lock:
            self._barred = None
            self._forget_failures()

    @property
    def state(self) -> State:
        with self._lock:
            if self._barred is not None:
                return "open"
            if self._opened is None:
                return "closed"
            return "open" if self._left() > 0 else "half open"

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Around one call. Raises instead of entering while the breaker is open: the human's error
        again, or ProviderUnavailable with the seconds left in `retry_after`."""
        self._admit()
        try:
            yield
        except CrewboardError as error:
            self._failed(error)
            raise
        except BaseException:
            self._let_go()
            raise
        else:
            self._succeeded()

    def _admit(self) -> None:
        with self._lock:
            if self._barred is not None:
                raise type(self._barred)(**self._barred.facts)
            if self._opened is None:
                return
            left = self._left()
            if left > 0 or self._trying:
                raise self._refusal(left)
            self._trying = True

    def _refusal(self, left: float) -> ProviderUnavailable:
        reason = f"{self._count} calls in a row failed, the last one so: {self._last}"
        return ProviderUnavailable(
            provider=self.provider, reason=reason, retry_after=max(1, ceil(left))
        )

    def _failed(self, error: CrewboardError) -> None:
        with self._lock:
            trial, self._trying = self._trying, False
            if isinstance(error, NeedsHuman):
                self._barred = type(error)(**_lasting(error))
            elif not isinstance(error, Retryable | ReplyInvalid):
                self._forget_failures()
            else:
                self._count += 1
                self._last = str(error)
                if trial or self._count >= self._limit:
                    self._opened = self._clock.now()
                    self._wait = max(self._pause_s, pause_asked(error) or 0.0)

    def _succeeded(self) -> None:
        with self._lock:
            self._forget_failures()

    def _let_go(self) -> None:
        with self._lock:
            self._trying = False

    def _left(self) -> float:
        """Seconds until a trial. A clock that was turned back starts the pause anew, at worst."""
        now = self._clock.now()
        assert self._opened is not None  # noqa: S101 - the callers look first
        self._opened = min(self._opened, now)
        return self._wait - (now - self._opened).total_seconds()

    def _forget_failures(self) -> None:
        self._opened = None
        self._trying = False
        self._count = 0


def _lasting(error: CrewboardError) -> dict[str, object]:
    """What holds for later calls too: not what this one cost, nor whether it was done."""
    return {k: v for k, v in error.facts.items() if k not in {"cost", "outcome_unknown"}}


class Guarded:
    """A model behind a breaker. Give all models of one provider and key the same breaker."""

    def __init__(self, model: Model, breaker: Breaker) -> None:
        self.name = model.name
        self.provider = model.provider
        self.effect = model.effect
        self._model = model
        self._breaker = breaker

    def estimate(self, request: ModelRequest) -> int:
        return self._model.estimate(request)

    def ask(self, request: ModelRequest, key: str) -> ModelReply:
        with self._breaker.watch():
            return self._model.ask(request, key)

    def find(self, request: ModelRequest, key: str) -> ModelReply | None:
        with self._breaker.watch():
            return self._model.find(request, key)
