"""What a sound chat row is: one definition, for the audit, the filter and the judge alike.

A row holds `messages`, a list of {"role", "content"}. A system turn may open it; then user and
assistant alternate, user first, and an assistant ends it. Tool turns answer an assistant and hand
back to it. `content` is text, or a list of parts of which the text ones count.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

Message = dict[str, Any]

_UNSEEN = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]*")
"""White space, and characters of no width."""
_TOOL_ROLES = frozenset({"tool", "function"})
ROLES = frozenset({"system", "user", "assistant"}) | _TOOL_ROLES
_MAY_PRECEDE: dict[str, frozenset[str | None]] = {
    "system": frozenset({None}),
    "user": frozenset({None, "system", "assistant"}),
    "assistant": frozenset({"user"}) | _TOOL_ROLES,
    "tool": frozenset({"assistant"}) | _TOOL_ROLES,
    "function": frozenset({"assistant"}) | _TOOL_ROLES,
}


class ChatRule(StrEnum):
    NO_MESSAGES = "no-messages"
    UNKNOWN_ROLE = "unknown-role"
    EMPTY_CONTENT = "empty-content"
    ROLE_ALTERNATION = "role-alternation"
    MISSING_ASSISTANT = "missing-assistant"
    ENDS_WITHOUT_ASSISTANT = "ends-without-assistant"


@dataclass(frozen=True, slots=True)
class ChatFault:
    """One rule that a row breaks, and where: `note` counts messages from 1 and quotes nothing."""

    rule: ChatRule
    note: str


def messages_of(row: dict[str, Any]) -> list[Message] | None:
    """Return the row's messages; None where no non-empty list of objects is under that key."""
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        return None
    return messages if all(isinstance(message, dict) for message in messages) else None


def faults_of(messages: list[Message]) -> Iterator[ChatFault]:
    """Each rule that these messages break, once, at its first place."""
    roles = [message.get("role") for message in messages]
    unknown = [i for i, role in enumerate(roles, 1) if not _is_role(role)]
    if unknown:
        yield ChatFault(ChatRule.UNKNOWN_ROLE, f"message {unknown[0]}")
    empty = [i for i, message in enumerate(messages, 1) if _is_empty(message)]
    if empty:
        yield ChatFault(ChatRule.EMPTY_CONTENT, f"message {empty[0]}")
    if not unknown:
        yield from _faults_of_order(roles)


def _faults_of_order(roles: list[Any]) -> Iterator[ChatFault]:
    before: list[str | None] = [None, *roles]
    for i, (earlier, role) in enumerate(zip(before, roles, strict=False), 1):
        if earlier not in _MAY_PRECEDE[role]:
            yield ChatFault(ChatRule.ROLE_ALTERNATION, f"message {i}")
            break
    if "assistant" not in roles:
        yield ChatFault(ChatRule.MISSING_ASSISTANT, f"{len(roles)} messages")
    elif roles[-1] != "assistant":
        yield ChatFault(ChatRule.ENDS_WITHOUT_ASSISTANT, f"message {len(roles)}")


def text_of(message: Message) -> str:
    """Return the text of a message: its content, or the text parts of it joined by line ends."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = (part.get("text") for part in content if isinstance(part, dict))
    return "\n".join(part for part in parts if isinstance(part, str))


def words_in(messages: list[Message]) -> int:
    """Words, as white space parts them, in all messages together."""
    return sum(len(text_of(message).split()) for message in messages)


def messages_key(messages: list[Message]) -> bytes:
    """Identify a row, under the key named `messages`.

    16 bytes of the SHA-256 of its messages as orjson writes them with sorted keys: spacing and key
    order of the file do not enter it.
    """
    return hashlib.sha256(orjson.dumps(messages, option=orjson.OPT_SORT_KEYS)).digest()[:16]


def question_key(messages: list[Message]) -> bytes:
    """Identify what a row asks: its first user message, or else all of it.

    Up to letter case and spacing. Rows that share it must not stand on both sides of a split.
    """
    first = next((m for m in messages if m.get("role") == "user"), None)
    asked = text_of(first) if first is not None else "\n".join(map(text_of, messages))
    return hashlib.sha256(" ".join(asked.split()).casefold().encode()).digest()[:16]


def _is_role(role: Any) -> bool:
    return isinstance(role, str) and role in ROLES


def _is_empty(message: Message) -> bool:
    """No content, unless it calls a tool or holds a part that is not text (an image)."""
    if message.get("tool_calls") or message.get("function_call"):
        return False
    content = message.get("content")
    if isinstance(content, list) and any(_is_other_part(part) for part in content):
        return False
    return _UNSEEN.fullmatch(text_of(message)) is not None


def _is_other_part(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") not in {None, "text"}
