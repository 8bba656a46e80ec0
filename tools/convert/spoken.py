"""The `messages` that OpenAI's chat format made common: read as widely as they occur, written as asked.

Source: OpenAI's OpenAPI description 2.3.0 (`FineTuneChatRequestInput`) and TRL's conversational format.
Read besides: arguments as an object, calls without their `function` wrapper, roles `developer` and
`function`, the deprecated `function_call`, `reasoning_content`. Other keys of a message are kept.
"""

import json
from dataclasses import dataclass
from typing import Any

import orjson

from crewboard.tools.convert.model import ROLES, Call, Content, Extra, Row, Turn, Unfit

_MESSAGE = frozenset(
    {
        "role",
        "content",
        "name",
        "reasoning_content",
        "tool_calls",
        "function_call",
        "tool_call_id",
        "weight",
    }
)
_CALL = frozenset({"id", "type", "function"})
_FUNCTION = frozenset({"name", "arguments"})
_KNOWN_ROLES = ", ".join(sorted(ROLES))


@dataclass(frozen=True)
class Manner:
    """How messages are written: arguments as JSON text or as an object, with what else the hub holds or
    (`strict`) with the keys of OpenAI's fine-tuning schema alone."""

    arguments_as_text: bool = True
    strict: bool = False


def hear(value: object, where: str = "messages") -> tuple[Turn, ...]:
    """Messages as turns. Unfit."""
    if not isinstance(value, list) or not value:
        raise Unfit("no-messages", f"{where} is no list of messages; give it one message at least")
    return tuple(heard(message, f"{where}[{i}]") for i, message in enumerate(value))


def heard(message: object, where: str) -> Turn:
    if not isinstance(message, dict):
        raise Unfit("wrong-type", f"{where} is no object; a message has a role and content")
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise Unfit("unknown-role", f"{where}.role is none of {_KNOWN_ROLES}; rename it")
    extra = {key: value for key, value in message.items() if key not in _MESSAGE}
    return Turn(
        role=role,
        content=content_of(message.get("content"), where),
        name=text_or_none(message, "name", where),
        reasoning=text_or_none(message, "reasoning_content", where),
        calls=_calls(message, where),
        answers=text_or_none(message, "tool_call_id", where),
        weight=number_or_none(message, "weight", where),
        extra=extra,
    )


def content_of(value: object, where: str) -> Content:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, dict) for part in value):
        return tuple(value)
    raise Unfit("wrong-type", f"{where}.content is neither text nor a list of parts; make it one")


def text_or_none(row: Row, key: str, where: str) -> str | None:
    value = row.get(key)
    if value is None or isinstance(value, str):
        return value
    raise Unfit("wrong-type", f"{where}.{key} is no text; quote it or leave it out")


def number_or_none(row: Row, key: str, where: str) -> float | None:
    value = row.get(key)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise Unfit("wrong-type", f"{where}.{key} is no number; write it as one or leave it out")


def say(turns: tuple[Turn, ...], manner: Manner) -> list[Row]:
    """Turns as messages."""
    return [said(turn, manner) for turn in turns]


def said(turn: Turn, manner: Manner) -> Row:
    content = list(turn.content) if isinstance(turn.content, tuple) else turn.content
    role = "system" if manner.strict and turn.role == "developer" else turn.role
    message: Row = {"role": role, "content": content}
    if turn.name is not None:
        message["name"] = turn.name
    if turn.calls:
        message |= _said_calls(turn.calls, manner)
    if turn.answers is not None:
        message["tool_call_id"] = turn.answers
    if turn.weight is not None and (not manner.strict or _is_providers(turn)):
        message["weight"] = int(turn.weight) if manner.strict else turn.weight
    if manner.strict:
        return message
    if turn.reasoning is not None:
        message["reasoning_content"] = turn.reasoning
    return {**turn.extra, **message}


def _is_providers(turn: Turn) -> bool:
    """Providers know the weights 0 and 1, on what the assistant says."""
    return turn.role == "assistant" and turn.weight in (0, 1)


# ── calls ──────────────────────────────────────────────────────────────────────────────────────


def _calls(message: Row, where: str) -> tuple[Call, ...]:
    given = message.get("tool_calls") or []
    if not isinstance(given, list):
        raise Unfit("wrong-type", f"{where}.tool_calls is no list; make it one")
    calls = [_call(call, f"{where}.tool_calls[{i}]") for i, call in enumerate(given)]
    if message.get("function_call") is not None:
        calls.append(called(message["function_call"], f"{where}.function_call", "function_call"))
    return tuple(calls)


def _call(value: object, where: str) -> Call:
    if not isinstance(value, dict):
        raise Unfit("wrong-type", f"{where} is no object; a call has an id and a function")
    if "function" not in value:
        return called(value, where)
    kind = value.get("type", "function")
    if kind != "function":
        raise Unfit("unknown-call", f"{where}.type is not `function`; only those are known")
    inner = called(value["function"], f"{where}.function")
    more = {key: each for key, each in value.items() if key not in _CALL}
    extra = more if not inner.extra else {**more, "function": dict(inner.extra)}
    return Call(
        name=inner.name,
        arguments=inner.arguments,
        id=text_or_none(value, "id", where),
        extra=extra,
        spelling=inner.spelling,
    )


def called(value: object, where: str, kind: str = "function") -> Call:
    """A {"name", "arguments"} as a call. Unfit."""
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(name, str):
        raise Unfit("wrong-type", f"{where}.name is no text; a call names its function")
    arguments, spelling = arguments_of(value.get("arguments"), where)
    extra = {key: each for key, each in value.items() if key not in _FUNCTION}
    return Call(name, arguments, kind=kind, extra=extra, spelling=spelling)


def arguments_of(value: object, where: str) -> tuple[Extra | str, str | None]:
    """(arguments, their spelling): an object as it is, a JSON text as the object that it stands for, any
    other text as itself. What decoding would change (a key twice, an integer beyond 64 bits) stays text.
    """
    if isinstance(value, dict):
        return value, None
    if value is None:
        return {}, None
    if not isinstance(value, str):
        raise Unfit("wrong-type", f"{where}.arguments is neither an object nor JSON text")
    try:
        found = json.loads(value, object_pairs_hook=_once, parse_constant=_refuse)
        orjson.dumps(found)  # refuses what could not be written again
    except (ValueError, RecursionError, TypeError):
        return value, None
    return (found, value) if isinstance(found, dict) else (value, None)


def _once(pairs: list[tuple[str, Any]]) -> Row:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(name: str) -> None:
    raise ValueError(name)


def arguments_text(call: Call) -> str:
    """The arguments as JSON text, in the spelling that they came in."""
    if isinstance(call.arguments, str):
        return call.arguments
    return call.spelling if call.spelling is not None else json_text(call.arguments)


def json_text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _said_calls(calls: tuple[Call, ...], manner: Manner) -> Row:
    if len(calls) == 1 and calls[0].kind == "function_call":
        return {"function_call": _function(calls[0], manner)}
    return {"tool_calls": [_said_call(call, manner) for call in calls]}


def _said_call(call: Call, manner: Manner) -> Row:
    row: Row = {} if manner.strict else {k: v for k, v in call.extra.items() if k != "function"}
    if call.id is not None:
        row["id"] = call.id
    return {**row, "type": "function", "function": _function(call, manner)}


def _function(call: Call, manner: Manner) -> Row:
    arguments: Extra | str = call.arguments
    if manner.arguments_as_text or isinstance(arguments, str):
        arguments = arguments_text(call)
    more = call.extra.get("function", {}) if call.kind == "function" else call.extra
    extra = more if isinstance(more, dict) and not manner.strict else {}
    return {**extra, "name": call.name, "arguments": arguments}
