"""What the generator sends is what the official SDKs send for the same question."""

from pathlib import Path
from typing import Any

import pytest
from integration.generate.generating import CANARY, PROVIDERS, Ask, order

from crewboard.tools.generate.recipe import load_recipe
from crewboard.tools.generate.run import carry_out, first_request
from crewboard.tools.generate.shipped import shipped
from crewboard.tools.twins.provider.server import ProviderTwin

_OF_HTTP = {
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "anthropic-dangerous-direct-browser-access",
}


def _sdk(provider: str, twin: ProviderTwin, body: dict[str, Any]) -> None:
    if provider == "openai":
        openai = pytest.importorskip("openai")
        with openai.OpenAI(api_key=CANARY, base_url=twin.openai_url, max_retries=0) as client:
            client.chat.completions.create(**body)
    else:
        anthropic = pytest.importorskip("anthropic")
        with anthropic.Anthropic(api_key=CANARY, base_url=twin.url, max_retries=0) as client:
            client.messages.create(**body)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_body_and_the_charge_are_the_same_through_the_sdk(
    tmp_path: Path, provider: str
) -> None:
    path = shipped("short-videos")
    assert path is not None
    recipe = load_recipe(path).with_rows(1)
    with ProviderTwin(tmp_path / "charges.jsonl") as twin:
        asked = order(twin, tmp_path / "out", recipe, Ask(provider))
        carry_out(asked)
        request = first_request(asked)
        _sdk(provider, twin, request.body)
        ours, theirs = twin.seen
        assert ours.body == theirs.body == request.body
        assert ours.path == theirs.path
        assert [charge.request for charge in twin.charges] == [request.key] * 2
        wanted = {n: v for n, v in theirs.headers.items() if not n.startswith("x-stainless")}
        missing = {
            n: v for n, v in wanted.items() if n not in _OF_HTTP and ours.headers.get(n) != v
        }
        assert missing == {}
