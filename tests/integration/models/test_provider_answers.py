"""Sound answers through the real SDKs: text, usage, cost, schemas, and many at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field
from twins.clients import KEY, PROVIDERS, REQUEST, open_at
from twins.desk import Manners, answers_from
from twins.provider import ProviderTwin

from crewboard.agents.models.contract import Turn, Usage
from crewboard.agents.models.structured import ask_structured

pytestmark = pytest.mark.parametrize("provider", PROVIDERS)


class Plan(BaseModel):
    steps: list[str] = Field(min_length=1)
    cost: int = Field(0, ge=0)


def test_an_answer_comes_with_its_usage_and_its_exact_cost(tmp_path: Path, provider: str) -> None:
    with ProviderTwin(tmp_path, Manners(answers=lambda _: "x" * 400)) as twin:
        model = open_at(twin, provider)
        reply = model.ask(REQUEST, KEY)
    # "Be brief.\nPlan the work." has 24 bytes, so 6 tokens; the answer has 100
    cost = {"anthropic": 6 * 1 + 100 * 5, "openai": -(-(6 * 1 + 100 * 5) // 10)}[provider]
    assert (reply.usage, reply.cost, reply.finish) == (Usage(6, 100), cost, "stop")
    assert reply.model == model.name


def test_the_key_of_the_environment_travels_and_nothing_else_does(
    tmp_path: Path, provider: str
) -> None:
    with ProviderTwin(tmp_path, Manners(keys=frozenset({"sk-canary-0123456789abcdef"}))) as twin:
        open_at(twin, provider).ask(REQUEST, KEY)
        seen = twin.seen[0]
    assert "idempotency-key" not in seen.headers
    assert "metadata" not in seen.body
    assert seen.headers["accept-encoding"] == "identity"


def test_a_schema_goes_to_the_server_and_the_answer_is_checked_here_again(
    tmp_path: Path, provider: str
) -> None:
    """The twin refuses schemas that the real service refuses."""
    answers = {"cannot be used": {"steps": ["audit"]}, "Plan the work": {"steps": []}}
    with ProviderTwin(tmp_path, Manners(answers=answers_from(answers))) as twin:
        model = open_at(twin, provider)
        plan = ask_structured(lambda request: model.ask(request, KEY), REQUEST, Plan)
        bodies = [seen.body for seen in twin.seen]
    assert plan == Plan(steps=["audit"])
    assert len(bodies) == 2
    assert all(_schema_in(body)["properties"]["steps"] for body in bodies)
    assert "steps: List should have at least 1 item" in str(bodies[1]["messages"][-1]["content"])


def test_without_structured_outputs_the_schema_is_told_in_words(
    tmp_path: Path, provider: str
) -> None:
    request = replace(REQUEST, schema=Plan.model_json_schema())
    with ProviderTwin(tmp_path) as twin:
        open_at(twin, provider, json_schema=False).ask(request, KEY)
        body = twin.seen[0].body
    assert "output_config" not in body
    assert "response_format" not in body
    assert '"steps"' in str(body)


def test_a_temperature_is_sent_only_when_it_is_set(tmp_path: Path, provider: str) -> None:
    with ProviderTwin(tmp_path) as twin:
        open_at(twin, provider).ask(REQUEST, KEY)
        open_at(twin, provider, temperature=0.5).ask(REQUEST, KEY)
        assert [seen.body.get("temperature") for seen in twin.seen] == [None, 0.5]


def test_many_threads_get_their_own_answers(tmp_path: Path, provider: str) -> None:
    with ProviderTwin(tmp_path) as twin:
        model = open_at(twin, provider)

        def ask(number: int) -> str:
            request = replace(REQUEST, turns=(Turn("user", f"number {number}."),))
            return model.ask(request, f"key-{number}").text

        with ThreadPoolExecutor(8) as pool:
            texts = list(pool.map(ask, range(32)))
        assert len(twin.charges) == 32
    assert all(f"number {number}." in text for number, text in enumerate(texts))


def _schema_in(body: dict[str, Any]) -> Any:
    if "response_format" in body:
        return body["response_format"]["json_schema"]["schema"]
    return body["output_config"]["format"]["schema"]
