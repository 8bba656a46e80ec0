"""Mending of turns: roles, order, empty ones, too many. Each gives the new turns, or None where nothing
of the kind can be done. What it is given stays as it is."""

from collections.abc import Mapping
from typing import Any

from crewboard.tools.files.chat import ROLES, ChatRule, Message, faults_of, words_in

ALIASES: Mapping[str, str] = {
    **dict.fromkeys(("human", "prompter"), "user"),
    **dict.fromkeys(("gpt", "bot", "model", "ai", "chatbot"), "assistant"),
    "developer": "system",
    **{role: role for role in sorted(ROLES)},
}
"""Other names of roles, as training sets write them; compared without letter case and blanks."""
_BETWEEN = "\n\n"


def with_known_roles(
    messages: list[Message], aliases: Mapping[str, str] = ALIASES
) -> list[Message] | None:
    mended = [_renamed(message, aliases) for message in messages]
    return None if mended == messages else mended


def _renamed(message: Message, aliases: Mapping[str, str]) -> Message:
    role = message.get("role")
    if not isinstance(role, str) or role in ROLES:
        return message
    return {**message, "role": aliases.get(role.strip().casefold(), role)}


def with_system_first(messages: list[Message]) -> list[Message] | None:
    """One system turn at the front, of all that there are in their order."""
    systems = [m for m in messages if m.get("role") == "system"]
    others = [m for m in messages if m.get("role") != "system"]
    joined = _all_joined(systems)
    return None if joined is None or [joined, *others] == messages else [joined, *others]


def without_empty_end(messages: list[Message]) -> list[Message] | None:
    """Without empty turns at the end, nor an empty system turn at the front."""
    mended = list(messages)
    while mended and _is_empty(mended[-1]):
        mended.pop()
    if mended and mended[0].get("role") == "system" and _is_empty(mended[0]):
        mended.pop(0)
    return mended if mended and len(mended) < len(messages) else None


def with_neighbours_joined(messages: list[Message]) -> list[Message] | None:
    """User and assistant turns that follow one of their own role become one with it."""
    mended: list[Message] = []
    for message in messages:
        joined = None
        if mended and message.get("role") in {"user", "assistant"}:
            joined = _joined(mended[-1], message)
        if joined is None:
            mended.append(message)
        else:
            mended[-1] = joined
    return mended if len(mended) < len(messages) else None


def up_to_last_answer(messages: list[Message]) -> list[Message] | None:
    at = _last_assistant(messages)
    return None if at is None or at == len(messages) - 1 else messages[: at + 1]


def shortened(messages: list[Message], limit: int, end: str) -> list[Message] | None:
    """Without whole exchanges at one end, until `limit` words hold the rest; None where not one exchange
    fits."""
    head = messages[:1] if messages[0].get("role") == "system" else []
    rest = messages[len(head) :]
    sizes = [words_in([message]) for message in rest]
    begins = [i for i, m in enumerate(rest) if m.get("role") == "user"]
    start, stop, total = 0, len(rest), words_in(head) + sum(sizes)
    while total > limit and len(begins) > 1:
        if end == "end":
            stop, before = begins.pop(), stop
            total -= sum(sizes[stop:before])
        else:
            before, start = start, begins[1]
            begins.pop(0)
            total -= sum(sizes[before:start])
    return [*head, *rest[start:stop]] if total <= limit else None


def _last_assistant(messages: list[Message]) -> int | None:
    found = [i for i, m in enumerate(messages) if m.get("role") == "assistant"]
    return found[-1] if found else None


def _is_empty(message: Message) -> bool:
    return any(fault.rule is ChatRule.EMPTY_CONTENT for fault in faults_of([message]))


def _all_joined(messages: list[Message]) -> Message | None:
    if not messages:
        return None
    whole: Message | None = messages[0]
    for message in messages[1:]:
        whole = _joined(whole, message) if whole is not None else None
    return whole


def _joined(one: Message, two: Message) -> Message | None:
    """Two turns as one; None where they say anything different beside their contents."""
    rest = {k: v for k, v in one.items() if k != "content"}
    if rest != {k: v for k, v in two.items() if k != "content"} or "tool_calls" in rest:
        return None
    content = _both(one.get("content"), two.get("content"))
    return None if content is None else {**one, "content": content}


def _both(one: Any, two: Any) -> Any:
    if isinstance(one, str) and isinstance(two, str):
        return one + _BETWEEN + two
    parts = [_parts(one), _parts(two)]
    return None if None in parts else [part for each in parts for part in each or []]


def _parts(content: Any) -> list[Any] | None:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return content if isinstance(content, list) else None
