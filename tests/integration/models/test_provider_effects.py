"""Nothing is paid twice: keys, look-ups, and clients that are killed while they wait."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from twins.clients import KEY, PROVIDERS, REQUEST, open_at
from twins.desk import Manners
from twins.faults import Fault
from twins.provider import ProviderProcess, ProviderTwin

from crewboard.agents.models.contract import Model
from crewboard.agents.models.retry import Patience, Patient
from crewboard.errors import AnswerLost, NotPermitted
from crewboard.tools.contract.effect import EffectKind

_EAGER = Patience(jitter=lambda _: 0.0)


def _patient(model: Model) -> Patient:
    return Patient(model, _EAGER, sleep=lambda _: None)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_by_default_a_lost_answer_is_left_to_a_human(tmp_path: Path, provider: str) -> None:
    with ProviderTwin(tmp_path, Manners(faults=(Fault("drop"),))) as twin:
        model = open_at(twin, provider)
        assert model.effect.kind is EffectKind.AT_MOST_ONCE
        assert model.effect.spends
        with pytest.raises(AnswerLost):
            _patient(model).ask(REQUEST, KEY)
        assert len(twin.charges) == 1
        with pytest.raises(NotPermitted):
            model.find(REQUEST, KEY)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_with_a_key_a_lost_answer_is_asked_for_again_and_paid_once(
    tmp_path: Path, provider: str
) -> None:
    with ProviderTwin(tmp_path, Manners(faults=(Fault("drop", times=2),))) as twin:
        model = open_at(twin, provider, idempotency=True)
        assert model.effect.kind is EffectKind.KEYED
        reply = _patient(model).ask(REQUEST, KEY)
        assert [charge.key for charge in twin.charges] == [KEY]
        assert len(twin.seen) == 3
    assert reply.text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_key_is_not_assumed_where_the_server_honours_none(tmp_path: Path, provider: str) -> None:
    """What a wrong `idempotency = true` costs, and so the reason for the default."""
    manners = Manners(faults=(Fault("drop", times=1),), idempotency=False)
    with ProviderTwin(tmp_path, manners) as twin:
        _patient(open_at(twin, provider, idempotency=True)).ask(REQUEST, KEY)
        assert len(twin.charges) == 2


def test_a_lost_answer_is_looked_up_and_paid_once(tmp_path: Path) -> None:
    waited: list[float] = []
    with ProviderTwin(tmp_path, Manners(faults=(Fault("drop"),))) as twin:
        model = open_at(twin, "openai", lookup=True)
        assert model.effect.kind is EffectKind.LOOKUP
        reply = Patient(model, _EAGER, sleep=waited.append).ask(REQUEST, KEY)
        assert len(twin.charges) == 1
    assert reply.text == "You said: Be brief.\nPlan the work."
    assert reply.cost
    assert waited == [_EAGER.settle_s]  # it may still have been at work


def test_what_was_never_charged_is_not_found_and_asked_again(tmp_path: Path) -> None:
    with ProviderTwin(tmp_path, Manners(faults=(Fault("reset", times=1),))) as twin:
        model = open_at(twin, "openai", lookup=True)
        assert model.find(REQUEST, KEY) is None
        assert _patient(model).ask(REQUEST, KEY).text
        assert len(twin.charges) == 1


def test_a_lookup_finds_its_own_key_only(tmp_path: Path) -> None:
    with ProviderTwin(tmp_path) as twin:
        model = open_at(twin, "openai", lookup=True)
        model.ask(REQUEST, "a" * 64)
        assert model.find(REQUEST, "b" * 64) is None
        assert model.find(REQUEST, "a" * 64) == model.ask(REQUEST, "a" * 64)


def test_a_free_server_may_be_asked_at_will(tmp_path: Path) -> None:
    with ProviderTwin(tmp_path, Manners(faults=(Fault("drop", times=1),))) as twin:
        model = open_at(twin, "openai", price_in=0, price_out=0, key_variable="")
        assert model.effect.kind is EffectKind.PURE
        assert model.estimate(REQUEST) == 0
        assert _patient(model).ask(REQUEST, KEY).cost == 0


_CLIENT = """
import sys
sys.path[:0] = [{tests!r}]
from twins.clients import KEY, REQUEST, open_at
class Twin: url = {url!r}; openai_url = url + "/v1"
open_at(Twin(), {provider!r}).ask(REQUEST, KEY)
"""


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_client_that_is_killed_while_it_waits_has_been_charged(
    tmp_path: Path, provider: str
) -> None:
    """The twin can tell the truth that a journal must cope with: charged, and nobody heard it."""
    tests = str(Path(__file__).resolve().parents[2])
    with ProviderProcess(tmp_path, {"faults": [{"kind": "hang"}]}) as twin:
        code = _CLIENT.format(tests=tests, url=twin.url, provider=provider)
        client = subprocess.Popen([sys.executable, "-c", code])
        while not len(twin.charges):
            time.sleep(0.02)
        client.kill()
        client.wait()
        assert len(twin.charges) == 1


def test_charges_and_keys_survive_the_server(tmp_path: Path) -> None:
    with ProviderProcess(tmp_path) as twin:
        first = open_at(twin, "openai", idempotency=True).ask(REQUEST, KEY)
    with ProviderProcess(tmp_path) as twin:
        again = open_at(twin, "openai", idempotency=True).ask(REQUEST, KEY)
        assert len(twin.charges) == 1
    assert first == again
