"""The two chat APIs: how a question is written in each, and how an answer is read.

A body holds nothing but the question, so its digest names it. Sources: OpenAI's "Create chat completion"
and Anthropic's "Create a Message"; the tests compare with what both official SDKs send.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, Field, ValidationError

from crewboard.errors import ReplyInvalid, UnknownName
from crewboard.tools.generate.schema import sendable
from crewboard.tools.providers.endpoint import ANTHROPIC, OPENAI, Endpoint, Service
from crewboard.tools.providers.prices import Usage

_ANTHROPIC_VERSION = "2026-10-21"  # what the official SDK of 2.11 asks for
Finish = Literal["stop", "length", "refusal", "other"]
Role = Literal["user", "assistant"]
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Turn:
    role: Role
    text: str


@dataclass(frozen=True)
class Question:
    """What is asked, whoever is asked. `turns` holds more than one where an answer is repaired."""

    system: str
    turns: tuple[Turn, ...]
    schema: Mapping[str, Any]
    max_tokens: int
    temperature: float | None = None


@dataclass(frozen=True)
class Answer:
    """What came back. `usage` is None where the provider did not count, and the call then costs the
    most that it may."""

    text: str
    finish: Finish = "stop"
    usage: Usage | None = None
    id: str = ""
    model: str = ""


class Dialect(Protocol):
    service: Service
    path: str

    def headers(self, endpoint: Endpoint) -> dict[str, str]: ...

    def body(self, question: Question, model: str, endpoint: Endpoint) -> dict[str, Any]: ...

    def read(self, body: dict[str, Any]) -> Answer:
        """ReplyInvalid when it is no answer of this API."""
        ...


class OpenAIChat:
    """POST {base_url}/chat/completions."""

    service = OPENAI
    path = "/chat/completions"

    def headers(self, endpoint: Endpoint) -> dict[str, str]:
        return {"Authorization": f"Bearer {endpoint.key.get_secret_value()}"}

    def body(self, question: Question, model: str, endpoint: Endpoint) -> dict[str, Any]:
        system = [{"role": "system", "content": question.system}] if question.system else []
        turns = [{"role": turn.role, "content": turn.text} for turn in question.turns]
        # Compatible servers know the older name, OpenAI's newer models only the newer one.
        limit = "max_tokens" if endpoint.settings.base_url else "max_completion_tokens"
        schema = sendable(question.schema)
        form = {"name": "row", "schema": schema, "strict": True}
        body: dict[str, Any] = {
            "model": model,
            "messages": [*system, *turns],
            limit: question.max_tokens,
            "response_format": {"type": "json_schema", "json_schema": form},
        }
        return (
            body if question.temperature is None else body | {"temperature": question.temperature}
        )

    def read(self, body: dict[str, Any]) -> Answer:
        found = _read(_Completion, body, self.service.provider)
        choice, counted = found.choices[0], found.usage
        usage = Usage(counted.prompt_tokens, counted.completion_tokens) if counted else None
        known: dict[str | None, Finish] = {"stop": "stop", "length": "length"}
        finish = known.get(choice.finish_reason, "other")
        if choice.message.refusal or choice.finish_reason == "content_filter":
            finish = "refusal"
        text = choice.message.refusal or choice.message.content or ""
        return Answer(text, finish, usage, found.id, found.model)


class AnthropicMessages:
    """POST {base_url}/v1/messages."""

    service = ANTHROPIC
    path = "/v1/messages"

    def headers(self, endpoint: Endpoint) -> dict[str, str]:
        key = endpoint.key.get_secret_value()
        return {"Authorization": f"Bearer {key}", "anthropic-version": _ANTHROPIC_VERSION}

    def body(self, question: Question, model: str, endpoint: Endpoint) -> dict[str, Any]:  # noqa: ARG002
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": question.max_tokens,
            "messages": [{"role": turn.role, "content": turn.text} for turn in question.turns],
            "output_config": {
                "format": {"type": "json_schema", "schema": sendable(question.schema)}
            },
        }
        if question.system:
            body["system"] = question.system
        return (
            body if question.temperature is None else body | {"temperature": question.temperature}
        )

    def read(self, body: dict[str, Any]) -> Answer:
        found = _read(_Message, body, self.service.provider)
        text = "".join(block.text for block in found.content if block.type == "text")
        known: dict[str | None, Finish] = {
            "end_turn": "stop",
            "stop_sequence": "stop",
            "max_tokens": "length",
            "model_context_window_exceeded": "length",
            "refusal": "refusal",
        }
        finish = known.get(found.stop_reason, "other")
        return Answer(text, finish, found.counted(), found.id, found.model)


DIALECTS: dict[str, Dialect] = {"anthropic": AnthropicMessages(), "openai": OpenAIChat()}


def dialect_of(provider: str) -> Dialect:
    """UnknownName for a provider that data cannot be generated with."""
    if provider not in DIALECTS:
        known = ", ".join(DIALECTS)
        raise UnknownName(kind="provider to generate with", name=provider, known=known)
    return DIALECTS[provider]


class _Reply(BaseModel):
    role: str = ""
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Reply
    finish_reason: str | None = None


class _Counted(BaseModel):
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)


class _Completion(BaseModel):
    id: str = ""
    model: str = ""
    choices: list[_Choice] = Field(min_length=1)
    usage: _Counted | None = None


class _Block(BaseModel):
    type: str
    text: str = ""


class _Spent(BaseModel):
    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)
    cache_creation_input_tokens: int | None = Field(None, ge=0)
    cache_read_input_tokens: int | None = Field(None, ge=0)


class _Message(BaseModel):
    id: str = ""
    model: str = ""
    content: list[_Block]
    stop_reason: str | None = None
    usage: _Spent | None = None

    def counted(self) -> Usage | None:
        """Cached tokens stand beside `input_tokens`; nothing is cached here, a proxy may."""
        if (spent := self.usage) is None:
            return None
        cached = (spent.cache_creation_input_tokens or 0) + (spent.cache_read_input_tokens or 0)
        return Usage(spent.input_tokens + cached, spent.output_tokens)


def _read(form: type[T], body: dict[str, Any], provider: str) -> T:
    try:
        return form.model_validate(body)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        reason = f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
        raise ReplyInvalid(provider=provider, tries=1, reason=reason) from None
