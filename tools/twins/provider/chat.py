"""The two chat APIs as a server has them: requests checked, replies in their own form."""

import json
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import uuid4

from crewboard.errors import RequestRefused
from crewboard.tools.providers.prices import Usage
from crewboard.tools.twins.provider.imagine import imagine

Finish = Literal["stop", "length", "refusal"]


@dataclass(frozen=True)
class Asked:
    """A request, whichever API it came by. `prompt` is all of its text, system first."""

    api: str
    model: str
    prompt: str
    schema: dict[str, Any] | None
    metadata: dict[str, str]
    store: bool = False


@dataclass(frozen=True)
class Said:
    text: str
    finish: Finish = "stop"
    counted: bool = True


def read_openai(body: Any) -> Asked:
    """POST /v1/chat/completions."""
    messages = _messages(body, {"system", "developer", "user", "assistant"})
    form = body.get("response_format") or {}
    schema = None
    if form:
        need(form.get("type") == "json_schema", "response_format.type")
        named = form.get("json_schema") or {}
        need(bool(named.get("name")) and isinstance(named.get("schema"), dict), "json_schema")
        need(
            not named.get("strict") or _strict(named["schema"]),
            "a strict schema closes its objects",
        )
        schema = named["schema"]
    metadata = body.get("metadata") or {}
    need(not metadata or body.get("store") is True, "metadata needs store")
    prompt = "\n".join(message["content"] for message in messages)
    return Asked("openai", body["model"], prompt, schema, metadata, bool(body.get("store")))


def read_anthropic(body: Any) -> Asked:
    """POST /v1/messages."""
    messages = _messages(body, {"user", "assistant"})
    need(messages[0]["role"] == "user", "the first message must be the user's")
    need(isinstance(body.get("max_tokens"), int) and body["max_tokens"] > 0, "max_tokens")
    form = (body.get("output_config") or {}).get("format") or {}
    if form:
        need(form.get("type") == "json_schema", "output_config.format.type")
        need(_strict(form.get("schema")), "additionalProperties must be false for objects")
    texts = [body.get("system", ""), *(message["content"] for message in messages)]
    return Asked("anthropic", body["model"], "\n".join(texts), form.get("schema"), {})


def speak(asked: Asked, kind: str | None, answers: dict[str, Any]) -> Said:
    """What the model says, spoilt as the fault `kind` has it."""
    given = next((said for part, said in answers.items() if part in asked.prompt), None)
    value = (
        imagine(asked.schema, "echo" if kind == "echo" else asked.prompt)
        if given is None
        else given
    )
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    sound = Said(text, counted=kind != "uncounted")
    match kind:
        case "empty":
            return replace(sound, text="")
        case "prose":
            return replace(sound, text="Certainly! Here is what you asked for, in my own words.")
        case "misfit":
            return replace(sound, text='{"unexpected": true}')
        case "refusal":
            return replace(sound, text="I would rather not.", finish="refusal")
        case "cut":
            return replace(sound, text=text[: len(text) // 2], finish="length")
    return sound


def used(asked: Asked, said: Said) -> Usage:
    return Usage(tokens(asked.prompt), tokens(said.text))


def tokens(text: str) -> int:
    """Four bytes a token, rounded up: a rule that a test can reckon with."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // 4)


def reply(asked: Asked, said: Said) -> dict[str, Any]:
    return _completion(asked, said) if asked.api == "openai" else _message(asked, said)


def _completion(asked: Asked, said: Said) -> dict[str, Any]:
    refused = said.finish == "refusal"
    message = {
        "role": "assistant",
        "content": None if refused else said.text,
        "refusal": said.text if refused else None,
    }
    finish = "stop" if refused else said.finish
    made: dict[str, Any] = {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": 0,
        "model": asked.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "metadata": asked.metadata,
    }
    if said.counted:
        usage = used(asked, said)
        made["usage"] = {
            "prompt_tokens": usage.input_tokens,
            "completion_tokens": usage.output_tokens,
            "total_tokens": usage.input_tokens + usage.output_tokens,
        }
    return made


def _message(asked: Asked, said: Said) -> dict[str, Any]:
    reasons = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}
    made: dict[str, Any] = {
        "id": f"msg_{uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": [{"type": "text", "text": said.text}],
        "stop_reason": reasons[said.finish],
        "stop_sequence": None,
    }
    if said.counted:
        usage = used(asked, said)
        counts = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
        made["usage"] = counts
    return made


def need(held: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    """RequestRefused, which the wire tells as HTTP 400."""
    if not held:
        reason = f"{what} is not as the API wants it"
        raise RequestRefused(provider="the twin", status=400, reason=reason)


def _messages(body: Any, roles: set[str]) -> list[dict[str, str]]:
    need(isinstance(body, dict) and isinstance(body.get("model"), str), "model")
    messages = body.get("messages")
    need(isinstance(messages, list) and bool(messages), "messages")
    found: list[dict[str, str]] = messages
    for message in found:
        need(message.get("role") in roles, "messages.role")
        need(isinstance(message.get("content"), str) and bool(message["content"]), "content")
    return found


_UNTAKEN = {"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern"}


def _strict(schema: Any) -> bool:
    """Whether structured outputs take it: objects closed, every property required, no bounds."""
    if isinstance(schema, list):
        return all(_strict(part) for part in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object":
        closed = schema.get("additionalProperties") is False
        if not closed or set(schema.get("required", ())) != set(schema.get("properties", {})):
            return False
    if _UNTAKEN & {key for key, value in schema.items() if not isinstance(value, dict)}:
        return False
    return all(_strict(part) for part in schema.values())
