"""The two chat APIs, as far as their SDKs can tell: requests checked, replies in their own form."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

Finish = Literal["stop", "length", "refusal"]


class BadRequest(Exception):
    """What the real service answers with HTTP 400."""


@dataclass(frozen=True)
class Asked:
    """A request, whichever dialect it came in. `prompt` is all of its text, system first."""

    api: str
    model: str
    prompt: str
    schema: dict[str, Any] | None
    metadata: dict[str, str]
    store: bool


@dataclass(frozen=True)
class Said:
    text: str
    finish: Finish = "stop"
    counted: bool = True


def read_openai(body: dict[str, Any]) -> Asked:
    """POST /v1/chat/completions."""
    messages = _messages(body, {"system", "developer", "user", "assistant"})
    form = body.get("response_format") or {}
    schema = None
    if form:
        _need(form.get("type") == "json_schema", "response_format.type")
        named = form.get("json_schema", {})
        _need(bool(named.get("name")) and isinstance(named.get("schema"), dict), "json_schema")
        schema = named["schema"]
    metadata = body.get("metadata") or {}
    _need(not metadata or body.get("store") is True, "metadata needs store")
    _need(all(len(k) <= 64 and len(v) <= 512 for k, v in metadata.items()), "metadata sizes")
    prompt = "\n".join(message["content"] for message in messages)
    return Asked("openai", body["model"], prompt, schema, metadata, bool(body.get("store")))


def read_anthropic(body: dict[str, Any]) -> Asked:
    """POST /v1/messages."""
    messages = _messages(body, {"user", "assistant"})
    _need(messages[0]["role"] == "user", "the first message must be the user's")
    _need(isinstance(body.get("max_tokens"), int) and body["max_tokens"] > 0, "max_tokens")
    form = (body.get("output_config") or {}).get("format")
    if form:
        _need(form.get("type") == "json_schema", "output_config.format.type")
        _need(_closed(form.get("schema")), "additionalProperties must be false for objects")
    texts = [body.get("system", ""), *(message["content"] for message in messages)]
    schema = form["schema"] if form else None
    return Asked("anthropic", body["model"], "\n".join(texts), schema, {}, store=False)


def say_openai(asked: Asked, said: Said) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said.text, "refusal": None}
    if said.finish == "refusal":
        message |= {"content": None, "refusal": said.text}
    finish = "stop" if said.finish == "refusal" else said.finish
    given, made = tokens(asked.prompt), tokens(said.text)
    reply: dict[str, Any] = {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": 0,
        "model": asked.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "metadata": asked.metadata,
    }
    if said.counted:
        reply["usage"] = {
            "prompt_tokens": given,
            "completion_tokens": made,
            "total_tokens": given + made,
        }
    return reply


def say_anthropic(asked: Asked, said: Said) -> dict[str, Any]:
    reasons = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}
    reply: dict[str, Any] = {
        "id": f"msg_{uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": [{"type": "text", "text": said.text}],
        "stop_reason": reasons[said.finish],
        "stop_sequence": None,
    }
    if said.counted:
        counts = {"input_tokens": tokens(asked.prompt), "output_tokens": tokens(said.text)}
        reply["usage"] = counts
    return reply


def tokens(text: str) -> int:
    """Four bytes a token, rounded up: a rule that a test can reckon with."""
    return -(-len(text.encode()) // 4)


def _messages(body: dict[str, Any], roles: set[str]) -> list[dict[str, str]]:
    messages = body.get("messages")
    _need(isinstance(body.get("model"), str), "model")
    _need(isinstance(messages, list) and bool(messages), "messages")
    assert isinstance(messages, list)
    for message in messages:
        _need(message.get("role") in roles, "messages.role")
        _need(isinstance(message.get("content"), str) and bool(message["content"]), "content")
    return messages


def _closed(schema: Any) -> bool:
    if isinstance(schema, list):
        return all(_closed(part) for part in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        return False
    return all(_closed(part) for part in schema.values())


def _need(held: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not held:
        raise BadRequest(f"{what} is not as the API wants it")
