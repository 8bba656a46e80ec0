"""Asking again, with growing pauses, as far as asking again cannot pay twice.

A pause is drawn from 0 to base x 2^n ("full jitter": Brooker, "Exponential Backoff And Jitter", AWS
Architecture Blog, 2015), and is never shorter than what the provider asked for, up to a cap. A
rate limit is a pause and not a failure: it does not use up attempts, only the total of pauses.

When an answer was lost, the call may have been charged. It is then repeated where it is keyed or
free, looked up where it can be, and otherwise left to the caller, whose journal asks a human.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crewboard.agents.models.contract import Model, ModelReply, ModelRequest
from crewboard.agents.models.signals import pause_asked
from crewboard.errors import CrewboardError, RateLimited, Retryable
from crewboard.tools.contract.effect import EffectKind

if TYPE_CHECKING:
    from tenacity import RetryCallState

_REPEATABLE = frozenset({EffectKind.PURE, EffectKind.IDEMPOTENT, EffectKind.KEYED})


def _full_jitter(ceiling: float) -> float:
    return random.uniform(0.0, ceiling)  # noqa: S311 - a pause is no secret


@dataclass(frozen=True)
class Patience:
    """How long to go on, in seconds.

    `cap_s` bounds one pause, `total_s` the sum of all; `settle_s` is waited before a lost answer is
    looked up, because the provider may still be at work on it.
    """

    attempts: int = 6
    base_s: float = 1.0
    cap_s: float = 60.0
    total_s: float = 600.0
    settle_s: float = 60.0
    jitter: Callable[[float], float] = _full_jitter


@dataclass(frozen=True)
class Wait:
    """What `on_wait` is told before each pause: how long, before which attempt, and why."""

    seconds: float
    attempt: int
    error: CrewboardError


class Patient:
    """A model that is asked again. `on_wait` may raise Cancelled to end the waiting."""

    def __init__(
        self,
        model: Model,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
        on_wait: Callable[[Wait], None] | None = None,
    ) -> None:
        self.name = model.name
        self.provider = model.provider
        self.effect = model.effect
        self._model = model
        self._patience = patience or Patience()
        self._sleep = sleep
        self._on_wait = on_wait

    def estimate(self, request: ModelRequest) -> int:
        return self._model.estimate(request)

    def ask(self, request: ModelRequest, key: str) -> ModelReply:
        """One reply under one key. The error of the last attempt, when patience ends."""
        from tenacity import Retrying, retry_if_exception

        call = _Call(self._model, request, key, self._patience)
        retrying = Retrying(
            retry=retry_if_exception(call.worth_another),
            wait=call.pause,
            stop=call.enough,
            before_sleep=self._tell,
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(call.attempt)

    def find(self, request: ModelRequest, key: str) -> ModelReply | None:
        return self._model.find(request, key)

    def _tell(self, state: "RetryCallState") -> None:
        if self._on_wait is not None:
            self._on_wait(Wait(state.upcoming_sleep, state.attempt_number + 1, _error_of(state)))


class _Call:
    """One `ask` on its way through its attempts."""

    def __init__(self, model: Model, request: ModelRequest, key: str, patience: Patience) -> None:
        self._model = model
        self._request = request
        self._key = key
        self._patience = patience
        self._failures = 0
        self._lost = False

    def attempt(self) -> ModelReply:
        try:
            return self._found() or self._model.ask(self._request, self._key)
        except CrewboardError as error:
            self._lost = self._lost or error.outcome_unknown
            if self._lost:  # the last error may be harmless; the journal must still know
                error.facts["outcome_unknown"] = True
            self._failures += not isinstance(error, RateLimited)
            raise

    def worth_another(self, error: BaseException) -> bool:
        kind = self._model.effect.kind
        settled = kind in _REPEATABLE or kind is EffectKind.LOOKUP or not self._lost
        return isinstance(error, Retryable) and settled

    def pause(self, state: "RetryCallState") -> float:
        error, patience = _error_of(state), self._patience
        grown = patience.base_s * 2.0 ** min(state.attempt_number - 1, 32)
        drawn = patience.jitter(min(patience.cap_s, grown))
        asked = min(patience.cap_s, pause_asked(error) or 0.0)
        return max(drawn, asked, self._settling(error))

    def enough(self, state: "RetryCallState") -> bool:
        """Also when the provider asks for a longer pause than is left: asking early is no use."""
        ahead = max(state.upcoming_sleep, pause_asked(_error_of(state)) or 0.0)
        spent = state.idle_for + ahead > self._patience.total_s
        return spent or self._failures >= self._patience.attempts

    def _found(self) -> ModelReply | None:
        if self._lost and self._model.effect.kind is EffectKind.LOOKUP:
            return self._model.find(self._request, self._key)
        return None

    def _settling(self, error: CrewboardError) -> float:
        looks = self._model.effect.kind is EffectKind.LOOKUP and error.outcome_unknown
        return self._patience.settle_s if looks else 0.0


def _error_of(state: "RetryCallState") -> CrewboardError:
    error = state.outcome and state.outcome.exception()
    assert isinstance(error, CrewboardError)  # noqa: S101 - only Retryable ones come this far
    return error
