"""The key goes into one header and nowhere else."""

import logging
import traceback
from pathlib import Path

import pytest
from twins.clients import CANARY, KEY, PROVIDERS, REQUEST, open_at
from twins.desk import Manners
from twins.faults import Fault
from twins.provider import ProviderTwin

from crewboard.errors import CrewboardError

_ECHO = {
    "error": {"type": "authentication_error", "message": f"Incorrect API key: {CANARY}\x1b[2J"}
}
_FAULTS = [
    Fault("status", status=401, body=_ECHO),
    Fault("status", status=400, body=_ECHO),
    Fault("status", status=500, body=f"<html>{CANARY}</html>"),
    Fault("error_body", body=_ECHO),
    Fault("drop"),
    Fault("hang"),
    Fault("malformed"),
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", _FAULTS, ids=lambda fault: f"{fault.kind}-{fault.status}")
def test_the_key_shows_in_no_error_trace_log_or_repr(
    tmp_path: Path, provider: str, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    """F29, with every logger at its most talkative, and a provider that echoes the key."""
    caplog.set_level(logging.DEBUG)
    with ProviderTwin(tmp_path, Manners(faults=(fault,))) as twin:
        model = open_at(twin, provider, read_s=0.3)
        with pytest.raises(CrewboardError) as caught:
            model.ask(REQUEST, KEY)
        sent = twin.seen[0].headers
    assert CANARY in {sent.get("x-api-key"), sent.get("authorization", "")[7:]}
    error = caught.value
    told = [str(error), repr(error), repr(error.facts), repr(model), repr(vars(model)), caplog.text]
    told += [str(frame.locals) for frame in _frames_below(error)]
    assert not [text for text in told if CANARY in text]
    assert "\x1b" not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None  # the SDK's exception holds the request, and so the key


@pytest.mark.parametrize("provider", PROVIDERS)
def test_proxies_of_the_environment_are_not_used(
    tmp_path: Path, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with ProviderTwin(tmp_path) as twin:
        assert open_at(twin, provider).ask(REQUEST, KEY).text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_keys_and_addresses_of_the_environment_do_not_reach_the_sdk(
    tmp_path: Path, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what `open_model` was given counts: the SDKs would look for more by themselves."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "sk-another-0123456789")
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with ProviderTwin(tmp_path) as twin:
        open_at(twin, provider).ask(REQUEST, KEY)
        assert "sk-another-0123456789" not in repr(twin.seen[0].headers)


def _frames_below(error: BaseException) -> list[traceback.FrameSummary]:
    """The frames with their local variables, as error reporters print them; this file's apart."""
    stack = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    return [frame for frame in stack if frame.filename != __file__]
