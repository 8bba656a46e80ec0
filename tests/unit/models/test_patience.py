from collections.abc import Sequence

import pytest

from crewboard.agents.models.breaker import Breaker, Guarded
from crewboard.agents.models.contract import ModelReply, ModelRequest
from crewboard.agents.models.retry import Patience, Patient, Wait
from crewboard.agents.models.scripted import Scripted, ScriptedModel
from crewboard.clock import ManualClock
from crewboard.errors import (
    AnswerLost,
    Cancelled,
    CrewboardError,
    KeyRejected,
    PaymentRequired,
    ProviderSilent,
    ProviderUnavailable,
    RateLimited,
    ReplyInvalid,
    RequestRefused,
)
from crewboard.tools.contract.effect import PURE, Effect, EffectKind, OnUnknown

_ASK = ModelRequest("p", "", ())
_DOWN = ProviderUnavailable(provider="x", reason="HTTP 503")
_LOST = AnswerLost(provider="x", reason="reset")
_WHOLE = Patience(jitter=lambda ceiling: ceiling)
_ONCE = Effect(EffectKind.AT_MOST_ONCE, OnUnknown.ASK_HUMAN, spends=True)
_KEYED = Effect(EffectKind.KEYED, OnUnknown.RETRY, spends=True)
_LOOKUP = Effect(EffectKind.LOOKUP, OnUnknown.LOOKUP, spends=True)


def _limited(pause: object) -> RateLimited:
    return RateLimited(provider="x", status=429, retry_after=pause)


class Trial:
    """A patient model over a script, and the pauses it took."""

    def __init__(
        self, *script: Scripted, effect: Effect = PURE, patience: Patience = _WHOLE
    ) -> None:
        self.model = ScriptedModel(script, effect=effect)
        self.pauses: list[float] = []
        self.waits: list[Wait] = []
        self.patient = Patient(self.model, patience, self.pauses.append, self.waits.append)

    def ask(self) -> str:
        return self.patient.ask(_ASK, "key").text


def test_pauses_double_up_to_the_cap_and_end_with_the_attempts() -> None:
    trial = Trial(*[_DOWN] * 9, patience=Patience(9, 1, 20, jitter=lambda ceiling: ceiling))
    with pytest.raises(ProviderUnavailable):
        trial.ask()
    assert trial.pauses == [1, 2, 4, 8, 16, 20, 20, 20]
    assert len(trial.model.asked) == 9


def test_the_jitter_draws_from_nothing_to_the_whole_pause() -> None:
    ceilings: list[float] = []

    def draw(ceiling: float) -> float:
        ceilings.append(ceiling)
        return ceiling / 2

    trial = Trial(_DOWN, _DOWN, "fine", patience=Patience(jitter=draw))
    assert trial.ask() == "fine"
    assert ceilings == [1, 2]
    assert trial.pauses == [0.5, 1]


def test_every_attempt_goes_under_the_same_key() -> None:
    trial = Trial(_DOWN, _DOWN, "fine")
    trial.ask()
    assert {asked.key for asked in trial.model.asked} == {"key"}


@pytest.mark.parametrize(
    ("asked", "pause"),
    [(7.0, 7.0), (0.2, 1.0), (60.0, 60.0), (300.0, 60.0), ("a few", 1.0)],
    ids=["longer than ours", "shorter than ours", "the cap", "more than the cap", "not said"],
)
def test_retry_after_is_honoured_up_to_the_cap(asked: object, pause: float) -> None:
    """F9."""
    trial = Trial(_limited(asked), "fine")
    assert trial.ask() == "fine"
    assert trial.pauses == [pause]


def test_a_rate_limit_uses_up_no_attempts() -> None:
    trial = Trial(*[_limited(1.0)] * 9, "fine", patience=Patience(attempts=2, jitter=lambda _: 1))
    assert trial.ask() == "fine"


def test_the_sum_of_all_pauses_is_bounded() -> None:
    trial = Trial(*[_limited(50.0)] * 99, patience=Patience(total_s=210, jitter=lambda _: 0))
    with pytest.raises(RateLimited):
        trial.ask()
    assert trial.pauses == [50] * 4


def test_a_longer_pause_than_is_left_is_not_waited_for() -> None:
    trial = Trial(_limited(3600.0))
    with pytest.raises(RateLimited):
        trial.ask()
    assert trial.pauses == []


@pytest.mark.parametrize(
    "error",
    [
        PaymentRequired(provider="x", status=402, reason="pay"),
        KeyRejected(provider="x", status=401, variable="V"),
        RequestRefused(provider="x", status=400, reason="no"),
        ReplyInvalid(provider="x", tries=1, reason="empty"),
        Cancelled(what="it", actor="ada"),
    ],
)
def test_what_will_fail_again_is_asked_once(error: CrewboardError) -> None:
    """F9: 401, 402 and 403 are final."""
    trial = Trial(error, "fine")
    with pytest.raises(type(error)):
        trial.ask()
    assert trial.pauses == []


def test_an_error_of_our_own_making_is_not_swallowed() -> None:
    trial = Trial(ZeroDivisionError(), "fine")
    with pytest.raises(ZeroDivisionError):
        trial.ask()


@pytest.mark.parametrize("lost", [_LOST, ProviderSilent(provider="x", seconds=9)])
@pytest.mark.parametrize(
    ("effect", "again"),
    [(PURE, True), (_KEYED, True), (_ONCE, False)],
    ids=["free", "keyed", "once"],
)
def test_a_lost_answer_is_asked_for_again_only_where_that_cannot_pay_twice(
    effect: Effect, lost: CrewboardError, *, again: bool
) -> None:
    trial = Trial(lost, "fine", effect=effect)
    if again:
        assert trial.ask() == "fine"
    else:
        with pytest.raises(type(lost)):
            trial.ask()
    assert len(trial.model.asked) == 1 + again


@pytest.mark.parametrize("last", [_DOWN, PaymentRequired(provider="x", status=402, reason="pay")])
def test_a_lost_answer_stays_lost_whatever_the_last_error_is(last: CrewboardError) -> None:
    """The journal must not read the last error alone: the first attempt may have been charged."""
    patience = Patience(attempts=2, jitter=lambda _: 0)
    trial = Trial(_LOST, type(last)(**last.facts), effect=_KEYED, patience=patience)
    with pytest.raises(type(last)) as caught:
        trial.ask()
    assert caught.value.outcome_unknown
    assert not last.outcome_unknown


class Found(ScriptedModel):
    """A model that keeps a list of its calls, and what looking into it brings, time after time."""

    def __init__(
        self, script: Sequence[Scripted], *found: ModelReply | CrewboardError | None
    ) -> None:
        super().__init__(script, effect=_LOOKUP)
        self.looked = 0
        self._found = found

    def find(self, request: ModelRequest, key: str) -> ModelReply | None:
        self.looked += 1
        found = self._found[self.looked - 1]
        if isinstance(found, CrewboardError):
            raise found
        return found


def test_a_lost_answer_is_looked_up_before_it_is_asked_for_again() -> None:
    model = Found([_LOST, "fine"], None)
    pauses: list[float] = []
    assert Patient(model, _WHOLE, pauses.append).ask(_ASK, "key").text == "fine"
    assert (model.looked, pauses) == (1, [60.0])


def test_a_look_up_that_fails_is_made_again_before_anything_is_paid_again() -> None:
    charged = ModelReply("charged before", "x")
    model = Found([_LOST, "paid twice"], _DOWN, charged)
    assert Patient(model, _WHOLE, lambda _: None).ask(_ASK, "key") == charged
    assert len(model.asked) == 1


def test_whoever_asks_is_told_of_every_pause() -> None:
    trial = Trial(_DOWN, _limited(9.0), "fine")
    trial.ask()
    assert trial.waits == [Wait(1, 2, _DOWN), Wait(9, 3, trial.waits[1].error)]


def test_whoever_is_told_may_end_the_waiting() -> None:
    def cancel(wait: Wait) -> None:
        raise Cancelled(what="it", actor="ada")

    model = ScriptedModel([_DOWN, "fine"])
    with pytest.raises(Cancelled):
        Patient(model, sleep=lambda _: None, on_wait=cancel).ask(_ASK, "key")
    assert len(model.asked) == 1


def test_patience_outlasts_an_open_breaker() -> None:
    clock = ManualClock()
    model = ScriptedModel([_DOWN, _DOWN, "fine"])
    guarded = Guarded(model, Breaker("x", clock, failures=2, pause_s=30))
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds=seconds)

    assert Patient(guarded, _WHOLE, sleep).ask(_ASK, "key").text == "fine"
    assert pauses == [1, 2, 28]
