"""What a provider said, read strictly, and what it is as a reply: with its cost, or refused.

Each provider reads its own JSON into an `Answer`; the rules that hold for all of them stand here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from crewboard.agents.models.contract import ModelReply, ModelRequest, Usage
from crewboard.agents.models.endpoint import Endpoint
from crewboard.agents.models.prices import Price
from crewboard.agents.models.prompts import render
from crewboard.canonical import canonical_json
from crewboard.errors import ReplyInvalid, RequestRefused

Finish = Literal["stop", "length", "refusal", "other"]


@dataclass(frozen=True)
class Answer:
    """`usage` is None where a server does not count; the call then costs the most it may."""

    text: str
    finish: Finish
    usage: Usage | None
    refusal: str = ""


@dataclass(frozen=True)
class Account:
    """Who answers, under which name, at which price."""

    name: str
    endpoint: Endpoint
    price: Price

    def reply(
        self,
        request: ModelRequest,
        send: Callable[[], dict[str, Any]],
        read: Callable[[dict[str, Any]], Answer],
    ) -> ModelReply:
        """The reply to `request`. Where an answer was charged and is of no use (ReplyInvalid, or a
        refusal), the error's `cost` fact says what it cost, in millionths of a US dollar."""
        try:
            answer = read(send())
        except ReplyInvalid as error:
            error.facts["cost"] = self.price.most(request)
            raise
        except ValidationError as error:
            reason = self.endpoint.speakable(first_fault(error))
            raise self._invalid(reason, self.price.most(request)) from None
        return self._settled(request, answer)

    def _settled(self, request: ModelRequest, answer: Answer) -> ModelReply:
        usage = answer.usage or Usage()
        cost = self.price.most(request) if answer.usage is None else self.price.cost(usage)
        if answer.finish == "refusal":
            reason = self.endpoint.speakable(answer.refusal or answer.text or "the model declined")
            raise RequestRefused(
                provider=self.endpoint.provider, status=200, reason=reason, cost=cost
            )
        if not answer.text.strip():
            raise self._invalid("an empty answer came", cost)
        return ModelReply(answer.text, self.name, usage, cost, answer.finish)

    def _invalid(self, reason: str, cost: int) -> ReplyInvalid:
        return ReplyInvalid(provider=self.endpoint.provider, tries=1, reason=reason, cost=cost)


def first_fault(error: ValidationError) -> str:
    """Where and what, without the value: it may be long, and it is the other side's."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(step) for step in fault["loc"])
    return f"{where}: {fault['msg']}" if where else fault["msg"]


def sendable(request: ModelRequest, provider: str) -> None:
    """RequestRefused when a text holds half a surrogate pair: no JSON can carry it."""
    try:
        for text in (request.system, *(turn.text for turn in request.turns)):
            text.encode("utf-8")
    except UnicodeEncodeError:
        reason = "the prompt holds lone surrogates, which are no text. Clean the rows it stems from"
        raise RequestRefused(provider=provider, status="not sent", reason=reason) from None


def system_with_schema(request: ModelRequest) -> str:
    """The system text, with the schema told in words: for models without structured outputs."""
    if request.schema is None:
        return request.system
    told = render("schema", schema=canonical_json(request.schema))
    return f"{request.system}\n\n{told}".strip()


def fits_strict(schema: Mapping[str, Any]) -> bool:
    """Whether every object in `schema` is closed and requires all of its properties: what OpenAI's
    strict mode demands (guide "Structured Outputs", "Supported schemas")."""
    if isinstance(schema.get("properties"), Mapping):
        closed = schema.get("additionalProperties") is False
        if not closed or set(schema.get("required", ())) != set(schema["properties"]):
            return False
    return all(fits_strict(part) for part in _parts(schema.values()))


def _parts(values: Any) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for value in values:
        if isinstance(value, Mapping):
            found.append(value)
        elif isinstance(value, list):
            found.extend(_parts(value))
    return found
