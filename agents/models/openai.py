"""OpenAI's models, and all servers with its chat API (OpenRouter, vLLM, Ollama), through its SDK.

With `lookup = true` chats are stored under {"crewboard_key": key} and found again by it; with
`idempotency = true` the key travels as Idempotency-Key, which OpenAI itself does not document.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from pydantic import BaseModel, Field

from crewboard.agents.models.answer import (
    Account,
    Answer,
    Finish,
    fits_strict,
    sendable,
    system_with_schema,
)
from crewboard.agents.models.contract import ModelReply, ModelRequest, Usage
from crewboard.agents.models.endpoint import open_endpoint, require_package
from crewboard.agents.models.exchange import RawAnswer, exchange
from crewboard.agents.models.policy import effect_of, lookup_refused
from crewboard.agents.models.prices import price_of
from crewboard.agents.models.settings import ModelSettings
from crewboard.errors import ReplyInvalid
from crewboard.tools.contract.effect import EffectKind
from crewboard.tools.providers.endpoint import OPENAI

SERVICE = OPENAI
KEY_IN_METADATA = "crewboard_key"


def open_openai(model: str, settings: ModelSettings, environ: Mapping[str, str]) -> "OpenAIModel":
    require_package("openai", "openai", "the provider openai")
    endpoint = open_endpoint(SERVICE, settings, environ)
    account = Account(f"openai/{model}", endpoint, price_of("openai", model, settings))
    return OpenAIModel(account, model)


class OpenAIModel:
    """A chat model behind OpenAI's API. It may be shared between threads."""

    provider = SERVICE.provider

    def __init__(self, account: Account, model: str) -> None:
        self.name = account.name
        self.effect = effect_of(account.price, account.endpoint.settings)
        self._account = account
        self._model = model

    def estimate(self, request: ModelRequest) -> int:
        return self._account.price.most(request)

    def ask(self, request: ModelRequest, key: str) -> ModelReply:
        sendable(request, self.provider)
        payload = self._payload(request) | self._identity(key)
        create = self._client.chat.completions.with_raw_response.create
        return self._account.reply(
            request, lambda: self._exchange(lambda: create(**payload)), read_completion
        )

    def find(self, request: ModelRequest, key: str) -> ModelReply | None:
        """The stored chat of `key`; None if there is none.

        A chat that is still being answered is not stored yet: look only when `deadline_s` has
        passed since the call.
        """
        if self.effect.kind is not EffectKind.LOOKUP:
            raise lookup_refused(self.name, self.effect)
        look = self._client.chat.completions.with_raw_response.list
        page = self._exchange(lambda: look(metadata={KEY_IN_METADATA: key}, order="asc", limit=1))
        stored = page.get("data")
        if not isinstance(stored, list):
            raise ReplyInvalid(provider=self.provider, tries=1, reason="no list of chats came")
        if not stored:
            return None
        return self._account.reply(request, lambda: stored[0], read_completion)

    def _exchange(self, send: Callable[[], RawAnswer]) -> dict[str, Any]:
        import openai

        return exchange(self._account.endpoint, openai.APIError, send)

    def _identity(self, key: str) -> dict[str, Any]:
        settings = self._account.endpoint.settings
        named: dict[str, Any] = {}
        if settings.idempotency:
            named["extra_headers"] = {"Idempotency-Key": key}
        if settings.lookup:
            named |= {"store": True, "metadata": {KEY_IN_METADATA: key}}
        return named

    def _payload(self, request: ModelRequest) -> dict[str, Any]:
        settings = self._account.endpoint.settings
        structured = settings.json_schema and request.schema is not None
        system = request.system if structured else system_with_schema(request)
        messages = [{"role": "system", "content": system}] if system else []
        messages += [{"role": turn.role, "content": turn.text} for turn in request.turns]
        # Compatible servers know the older name, OpenAI's newer models only the newer one.
        limit = "max_tokens" if settings.base_url else "max_completion_tokens"
        payload: dict[str, Any] = {
            "model": self._model,
            "messages": messages,
            limit: request.max_tokens,
        }
        if structured:
            payload["response_format"] = _format(request)
        if settings.temperature is not None:
            payload["temperature"] = settings.temperature
        return payload

    @cached_property
    def _client(self) -> Any:
        from openai import OpenAI

        from crewboard.agents.models.wire import open_client

        endpoint = self._account.endpoint
        return OpenAI(
            api_key=endpoint.key.get_secret_value(),
            base_url=endpoint.base_url,
            max_retries=0,
            timeout=(http := open_client(endpoint.settings)).timeout,
            http_client=http,
        )


def _format(request: ModelRequest) -> dict[str, Any]:
    schema = dict(request.schema or {})
    name = "".join(c if c.isascii() and c.isalnum() else "_" for c in request.purpose)[:64]
    body = {"name": name or "answer", "schema": schema, "strict": fits_strict(schema)}
    return {"type": "json_schema", "json_schema": body}


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


_FINISH: dict[str | None, Finish] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "refusal",
}


def read_completion(body: dict[str, Any]) -> Answer:
    """A chat completion object; pydantic's ValidationError when it is none."""
    completion = _Completion.model_validate(body)
    choice = completion.choices[0]
    refusal = choice.message.refusal or ""
    finish: Finish = "refusal" if refusal else _FINISH.get(choice.finish_reason, "other")
    counted = completion.usage
    usage = Usage(counted.prompt_tokens, counted.completion_tokens) if counted else None
    return Answer(choice.message.content or "", finish, usage, refusal)
