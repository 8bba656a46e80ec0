import subprocess
import sys

import pytest

from crewboard.agents.models.endpoint import Service, open_endpoint
from crewboard.agents.models.registry import PROVIDERS, open_model, providers
from crewboard.agents.models.settings import ModelSettings
from crewboard.errors import (
    ConfigInvalid,
    CrewboardError,
    KeyMissing,
    KeyRejected,
    PriceUnknown,
    UnknownName,
)

_HAIKU = "anthropic/claude-haiku-4-5"
_ENVIRON = {"ANTHROPIC_API_KEY": "sk-canary-0123456789abcdef", "OTHER": "sk-other-0123456789"}


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nobody/model", UnknownName),
        ("", UnknownName),
        ("anthropic", UnknownName),  # a provider without a model
        ("anthropic/", UnknownName),
        ("anthropic/claude-99", PriceUnknown),
        ("openai/gpt-6-luna", KeyMissing),  # there is no OPENAI_API_KEY
    ],
)
def test_a_name_that_stands_for_nothing_says_what_there_is(
    name: str, error: type[CrewboardError]
) -> None:
    with pytest.raises(error):
        open_model(name, ModelSettings(), _ENVIRON)


def test_the_providers_there_are_stand_in_the_error() -> None:
    with pytest.raises(UnknownName) as caught:
        open_model("nobody/model")
    for name in providers():
        assert name in str(caught.value)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.name)
def test_every_provider_says_what_it_is_and_can_be_loaded(provider: object) -> None:
    (listed,) = [each for each in PROVIDERS if each is provider]
    assert callable(listed.load())
    assert 10 < len(listed.summary) < 80


def test_a_key_comes_from_the_variable_that_the_settings_name() -> None:
    with pytest.raises(KeyMissing) as caught:
        open_model(_HAIKU, ModelSettings(key_variable="UNSET"), _ENVIRON)
    assert "UNSET" in str(caught.value)
    assert open_model(_HAIKU, ModelSettings(key_variable="OTHER"), _ENVIRON).name == _HAIKU


@pytest.mark.parametrize("key", ["sk-a\x00b", "sk-\u201cquoted\u201d", "sk-a\nX-Evil: 1"])
def test_a_key_that_cannot_travel_in_a_header_is_rejected_unsaid(key: str) -> None:
    with pytest.raises(KeyRejected) as caught:
        open_model(_HAIKU, None, {"ANTHROPIC_API_KEY": key})
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "key_variable", "accepted"),
    [
        ("https://models.example.org/v1", None, True),
        ("http://127.0.0.1:8000/v1", None, True),
        ("http://[::1]:8000/v1", None, True),
        ("http://localhost:8000/v1", None, True),
        ("http://models.example.org/v1", None, False),  # the key in clear
        ("http://models.example.org/v1", "", True),  # no key to show
        ("https://ada:secret@models.example.org", None, False),
        ("ftp://models.example.org", None, False),
        ("models.example.org", None, False),
    ],
)
def test_an_address_may_not_give_the_key_away(
    base_url: str, key_variable: str | None, *, accepted: bool
) -> None:
    settings = ModelSettings(base_url=base_url, key_variable=key_variable)
    if accepted:
        assert open_model(_HAIKU, settings, _ENVIRON)
    else:
        with pytest.raises(ConfigInvalid):
            open_model(_HAIKU, settings, _ENVIRON)


def test_a_lookup_is_not_promised_where_there_is_none() -> None:
    with pytest.raises(ConfigInvalid):
        open_model(_HAIKU, ModelSettings(lookup=True), _ENVIRON)


_HEAVY = ("torch", "transformers", "anthropic", "openai", "httpx2", "numpy", "tenacity")
_CHECK = f"""
import pkgutil, sys
from importlib import import_module
import crewboard.agents.models as package
for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
    if not module.name.endswith(".wire"):
        import_module(module.name)
from crewboard.agents.models.registry import open_model
open_model("{_HAIKU}", None, {{"ANTHROPIC_API_KEY": "sk-x"}})
print([name for name in {_HEAVY!r} if name in sys.modules])
"""


def test_neither_importing_nor_opening_loads_an_sdk() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CHECK], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_missing_sdk_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['anthropic'] = None\n"
        "from crewboard.errors import ExtraMissing\n"
        "from crewboard.agents.models.registry import open_model\n"
        "try: open_model('anthropic/claude-haiku-4-5', None, {'ANTHROPIC_API_KEY': 'sk-x'})\n"
        "except ExtraMissing as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "crewboard[anthropic]"' in done.stdout


@pytest.mark.parametrize(
    ("key", "masked"),
    [("sk-canary-0123456789abcdef", True), ("ollama", False), ("no-key", False)],
)
def test_an_echoed_key_is_masked_but_not_every_common_word(key: str, *, masked: bool) -> None:
    endpoint = open_endpoint(
        Service("x", "https://x.example", "X_KEY"), ModelSettings(), {"X_KEY": key}
    )
    said = f"a {key} b".encode()
    assert endpoint.masked(said) == (b"a [redacted] b" if masked else said)
    assert key not in repr(endpoint)
