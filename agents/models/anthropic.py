"""Claude through Anthropic's SDK: POST /v1/messages.

The API documents no idempotency key and keeps no list of past messages, so a call is
`at_most_once`: when its answer was lost, only a human can say whether to pay again.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import BaseModel, Field

from crewboard.agents.models.answer import Account, Answer, Finish, sendable, system_with_schema
from crewboard.agents.models.contract import ModelReply, ModelRequest, Usage
from crewboard.agents.models.endpoint import open_endpoint, require_package
from crewboard.agents.models.exchange import exchange
from crewboard.agents.models.policy import effect_of, lookup_refused
from crewboard.agents.models.prices import price_of
from crewboard.agents.models.settings import ModelSettings
from crewboard.errors import ConfigInvalid
from crewboard.tools.providers.endpoint import ANTHROPIC

SERVICE = ANTHROPIC


def open_anthropic(
    model: str, settings: ModelSettings, environ: Mapping[str, str]
) -> "AnthropicModel":
    require_package("anthropic", "anthropic", "the provider anthropic")
    if settings.lookup:
        reason = "anthropic keeps no list of messages to look into"
        raise ConfigInvalid(path="crewboard.toml", where="models.lookup", reason=reason)
    endpoint = open_endpoint(SERVICE, settings, environ)
    account = Account(f"anthropic/{model}", endpoint, price_of("anthropic", model, settings))
    return AnthropicModel(account, model)


class AnthropicModel:
    """A Claude model. It may be shared between threads."""

    provider = SERVICE.provider

    def __init__(self, account: Account, model: str) -> None:
        self.name = account.name
        self.effect = effect_of(account.price, account.endpoint.settings)
        self._account = account
        self._model = model

    def estimate(self, request: ModelRequest) -> int:
        return self._account.price.most(request)

    def ask(self, request: ModelRequest, key: str) -> ModelReply:
        import anthropic

        endpoint = self._account.endpoint
        sendable(request, self.provider)
        payload = self._payload(request)
        if endpoint.settings.idempotency:
            payload["extra_headers"] = {"Idempotency-Key": key}
        create = self._client.messages.with_raw_response.create
        return self._account.reply(
            request,
            lambda: exchange(endpoint, anthropic.APIError, lambda: create(**payload)),
            read_message,
        )

    def find(self, request: ModelRequest, key: str) -> ModelReply | None:  # noqa: ARG002 - a port
        raise lookup_refused(self.name, self.effect)

    def _payload(self, request: ModelRequest) -> dict[str, Any]:
        settings = self._account.endpoint.settings
        structured = settings.json_schema and request.schema is not None
        system = request.system if structured else system_with_schema(request)
        payload: dict[str, Any] = {
            "model": self._model,
            "max_tokens": request.max_tokens,
            "messages": [{"role": turn.role, "content": turn.text} for turn in request.turns],
        }
        if system:
            payload["system"] = system
        if structured:
            payload["output_config"] = {"format": _format(request.schema)}
        if settings.temperature is not None:
            payload["extra_body"] = {"temperature": settings.temperature}
        return payload

    @cached_property
    def _client(self) -> Any:
        from anthropic import Anthropic

        from crewboard.agents.models.wire import open_client

        endpoint = self._account.endpoint
        return Anthropic(
            api_key=endpoint.key.get_secret_value(),
            base_url=endpoint.base_url,
            max_retries=0,
            timeout=(http := open_client(endpoint.settings)).timeout,
            http_client=http,
            open_telemetry=False,
        )


def _format(schema: Any) -> dict[str, Any]:
    from anthropic import transform_schema

    return {"type": "json_schema", "schema": transform_schema(dict(schema))}


class _Block(BaseModel):
    type: str
    text: str = ""


class _Usage(BaseModel):
    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)
    cache_creation_input_tokens: int | None = Field(None, ge=0)
    cache_read_input_tokens: int | None = Field(None, ge=0)


class _Message(BaseModel):
    content: list[_Block]
    stop_reason: str | None = None
    usage: _Usage | None = None


_FINISH: dict[str | None, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


def read_message(body: dict[str, Any]) -> Answer:
    """A Message object of the Messages API; pydantic's ValidationError when it is none."""
    message = _Message.model_validate(body)
    text = "".join(block.text for block in message.content if block.type == "text")
    finish = _FINISH.get(message.stop_reason, "other")
    return Answer(text, finish, _counted(message.usage))


def _counted(usage: _Usage | None) -> Usage | None:
    """Cached tokens stand beside `input_tokens`; we cache nothing, a proxy may."""
    if usage is None:
        return None
    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    return Usage(usage.input_tokens + cached, usage.output_tokens)
