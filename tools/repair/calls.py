"""Mending of tool calls and their answers."""

import ast
import json
from collections.abc import Iterator
from typing import Any

from crewboard.tools.files.chat import Message
from crewboard.tools.repair.objects import dumped

_DECODE, _TEXT = "decode", "text"
_LONGEST = 100_000
"""Characters of arguments that are read as Python."""

Function = dict[str, Any]


def calls_of(message: Message) -> Iterator[Function]:
    """The functions that a message calls, as {"name", "arguments"}."""
    for call in _listed(message):
        if isinstance(call, dict) and isinstance(call.get("function"), dict):
            yield call["function"]


def with_text_arguments(messages: list[Message], ways: tuple[str, ...]) -> list[Message] | None:
    """Arguments as the text of a JSON object, as far as `ways` goes; None where nothing changes."""
    mended = [_with_arguments(message, ways) for message in messages]
    return None if mended == messages else mended


def _with_arguments(message: Message, ways: tuple[str, ...]) -> Message:
    functions = list(calls_of(message))
    if not functions:
        return message
    calls = [
        {**call, "function": {**call["function"], "arguments": _argued(call["function"], ways)}}
        if isinstance(call, dict) and isinstance(call.get("function"), dict)
        else call
        for call in _listed(message)
    ]
    return {**message, "tool_calls": calls}


def _argued(function: Function, ways: tuple[str, ...]) -> Any:
    arguments = function.get("arguments")
    if isinstance(arguments, dict):
        return _written(arguments) if _TEXT in ways else arguments
    if _DECODE not in ways or not (arguments is None or isinstance(arguments, str)):
        return arguments
    meant = _meant(arguments or "")
    return arguments if meant is None else _written(meant)


def _meant(text: str) -> dict[str, Any] | None:
    """The object that a text means where it is none as it stands: empty, encoded twice, or Python."""
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
        again = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        again = _literal(text)
    return again if isinstance(again, dict) else None


def _literal(text: str) -> Any:
    """A Python literal; nothing in it is executed. None where it is none, or JSON could not hold it."""
    if len(text) > _LONGEST:
        return None
    try:
        value = ast.literal_eval(text.strip())
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return value


def _written(value: dict[str, Any]) -> str:
    return dumped(value).decode()


def with_named_answers(messages: list[Message]) -> list[Message] | None:
    """Tool turns that name no call take the id of the call that is open, where only one is."""
    mended, open_calls, named = [], list[str](), False
    for message in messages:
        open_calls += [
            call["id"]
            for call in _listed(message)
            if isinstance(call, dict) and isinstance(call.get("id"), str)
        ]
        if message.get("role") == "tool":
            name = message.get("tool_call_id")
            if name in {None, ""} and len(open_calls) == 1:
                name, named = open_calls[0], True
                message = {**message, "tool_call_id": name}  # noqa: PLW2901 - the mended one
            if name in open_calls:
                open_calls.remove(name)
        mended.append(message)
    return mended if named else None


def without_open_end(messages: list[Message]) -> list[Message] | None:
    """The turns before an unanswered call, back to the last assistant turn among them; None where an
    assistant turn follows the call, for then it would be lost."""
    at = _first_open(messages)
    if at is None or any(m.get("role") == "assistant" for m in messages[at + 1 :]):
        return None
    assistants = [i for i, m in enumerate(messages[:at]) if m.get("role") == "assistant"]
    return messages[: assistants[-1] + 1] if assistants else None


def _first_open(messages: list[Message]) -> int | None:
    answered = [m.get("tool_call_id") for m in messages if m.get("role") == "tool"]
    for at, message in enumerate(messages):
        ids = [call.get("id") for call in _listed(message) if isinstance(call, dict)]
        if any(name not in answered for name in ids):
            return at
    return None


def _listed(message: Message) -> list[Any]:
    calls = message.get("tool_calls")
    return calls if isinstance(calls, list) else []
