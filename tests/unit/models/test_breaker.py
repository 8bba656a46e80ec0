from concurrent.futures import ThreadPoolExecutor

import pytest

from crewboard.agents.models.breaker import Breaker, Guarded
from crewboard.agents.models.contract import ModelRequest
from crewboard.agents.models.scripted import Scripted, ScriptedModel
from crewboard.clock import ManualClock
from crewboard.errors import (
    CrewboardError,
    KeyRejected,
    PaymentRequired,
    ProviderUnavailable,
    RateLimited,
    ReplyInvalid,
    RequestRefused,
)

_ASK = ModelRequest("p", "", ())
_DOWN = ProviderUnavailable(provider="x", reason="HTTP 503")


def _guarded(*script: Scripted, failures: int = 3) -> tuple[Guarded, ScriptedModel, ManualClock]:
    clock = ManualClock()
    model = ScriptedModel(script)
    breaker = Breaker("x", clock, failures=failures, pause_s=30)
    guarded = Guarded(model, breaker)
    return guarded, model, clock


def _state(guarded: Guarded) -> str:
    return guarded._breaker.state


def _fail(guarded: Guarded, times: int) -> None:
    for number in range(times):
        with pytest.raises(CrewboardError):
            guarded.ask(_ASK, f"k{number}")


def test_it_opens_after_so_many_failures_in_a_row_and_then_asks_nobody() -> None:
    """F9: nothing is retried for ever."""
    guarded, model, _ = _guarded(*[_DOWN] * 3)
    _fail(guarded, 3)
    with pytest.raises(ProviderUnavailable) as caught:
        guarded.ask(_ASK, "k")
    assert len(model.asked) == 3
    assert caught.value.facts["retry_after"] == 30
    assert "3 calls in a row failed" in str(caught.value)


def test_a_success_in_between_starts_the_count_anew() -> None:
    guarded, model, _ = _guarded(_DOWN, _DOWN, "fine", _DOWN, _DOWN, "fine")
    _fail(guarded, 2)
    guarded.ask(_ASK, "a")
    _fail(guarded, 2)
    guarded.ask(_ASK, "b")
    assert len(model.asked) == 6


def test_after_the_pause_one_trial_passes_and_closes_it() -> None:
    guarded, _, clock = _guarded(*[_DOWN] * 3, "fine", "fine")
    _fail(guarded, 3)
    assert _state(guarded) == "open"
    clock.advance(seconds=30)
    assert _state(guarded) == "half open"
    guarded.ask(_ASK, "trial")
    assert _state(guarded) == "closed"
    guarded.ask(_ASK, "next")


def test_a_trial_that_fails_opens_it_for_another_pause() -> None:
    guarded, model, clock = _guarded(*[_DOWN] * 4, "fine")
    _fail(guarded, 3)
    clock.advance(seconds=31)
    _fail(guarded, 1)
    assert _state(guarded) == "open"
    clock.advance(seconds=29)
    _fail(guarded, 1)
    assert len(model.asked) == 4


def test_while_a_trial_is_on_its_way_all_others_wait() -> None:
    clock = ManualClock()
    breaker = Breaker("x", clock, failures=1, pause_s=30)
    with pytest.raises(ProviderUnavailable), breaker.watch():
        raise _DOWN
    clock.advance(seconds=30)
    with breaker.watch(), pytest.raises(ProviderUnavailable), breaker.watch():
        pytest.fail("two trials at once")
    assert breaker.state == "closed"


def test_a_trial_that_is_interrupted_frees_the_way_for_another() -> None:
    clock = ManualClock()
    breaker = Breaker("x", clock, failures=1, pause_s=30)
    with pytest.raises(ProviderUnavailable), breaker.watch():
        raise _DOWN
    clock.advance(seconds=30)
    with pytest.raises(KeyboardInterrupt), breaker.watch():
        raise KeyboardInterrupt
    with breaker.watch():
        pass
    assert breaker.state == "closed"


@pytest.mark.parametrize(
    "error",
    [
        PaymentRequired(provider="x", status=402, reason="pay", cost=5),
        KeyRejected(provider="x", status=401, variable="X_API_KEY"),
    ],
)
def test_an_unpaid_bill_or_a_rejected_key_keeps_it_open_until_it_is_reset(
    error: CrewboardError,
) -> None:
    """F9: one 402 silences the provider, and every later call says why without asking again."""
    guarded, model, clock = _guarded(error, "fine")
    _fail(guarded, 1)
    clock.advance(days=7)
    with pytest.raises(type(error)) as caught:
        guarded.ask(_ASK, "later")
    assert str(caught.value) == str(error)
    assert "cost" not in caught.value.facts  # the later call cost nothing
    assert len(model.asked) == 1
    guarded._breaker.reset()
    assert guarded.ask(_ASK, "paid").text == "fine"


def test_a_refused_request_shows_that_the_provider_answers() -> None:
    refused = RequestRefused(provider="x", status=400, reason="no")
    guarded, _, _ = _guarded(_DOWN, _DOWN, refused, _DOWN, _DOWN, "fine")
    _fail(guarded, 5)
    assert guarded.ask(_ASK, "k").text == "fine"


def test_answers_that_cannot_be_used_open_it_too() -> None:
    """F9: a stream of empty answers, each of them charged, is a failure."""
    invalid = ReplyInvalid(provider="x", tries=1, reason="empty")
    guarded, model, _ = _guarded(*[invalid] * 3)
    _fail(guarded, 4)
    assert len(model.asked) == 3


def test_it_stays_open_as_long_as_the_provider_asked_for() -> None:
    limited = RateLimited(provider="x", status=429, retry_after=90.0)
    guarded, _, clock = _guarded(limited, "fine", failures=1)
    _fail(guarded, 1)
    clock.advance(seconds=89)
    assert _state(guarded) == "open"
    clock.advance(seconds=1)
    assert guarded.ask(_ASK, "k").text == "fine"


def test_a_clock_that_is_turned_back_costs_one_pause_at_most() -> None:
    guarded, _, clock = _guarded(_DOWN, "fine", failures=1)
    _fail(guarded, 1)
    clock.advance(hours=-5)
    assert _state(guarded) == "open"
    clock.advance(seconds=30)
    assert guarded.ask(_ASK, "k").text == "fine"


def test_many_threads_send_one_trial_only() -> None:
    clock = ManualClock()
    breaker = Breaker("x", clock, failures=1, pause_s=30)
    model = ScriptedModel([_DOWN, *["fine"] * 64])
    guarded = Guarded(model, breaker)
    _fail(guarded, 1)

    def ask(number: int) -> bool:
        try:
            guarded.ask(_ASK, f"k{number}")
        except ProviderUnavailable:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(ask, range(32)))
    clock.advance(seconds=30)
    with ThreadPoolExecutor(8) as pool:
        assert any(pool.map(ask, range(32, 64)))
    assert breaker.state == "closed"
