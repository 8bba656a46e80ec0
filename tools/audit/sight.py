"""One row, seen once: what every check looks at."""

from dataclasses import dataclass
from typing import Any

from crewboard.tools.files.chat import Message, text_of
from crewboard.tools.files.jsonl import Line

_PLAIN_KEYS = 2


@dataclass(slots=True)
class Sight:
    """`texts` are the contents as text, `parts` the same as UTF-8, `stripped` these without ASCII
    blanks around them, and `data` all parts, parted by NUL. `plain` says that each message is a role
    and a text, no more and no NUL. `words`, and whether a key of it may be `doubtful`, are told later:
    see `sizes`."""

    number: int
    offset: int
    raw: bytes
    row: dict[str, Any]
    messages: list[Message]
    roles: tuple[Any, ...]
    texts: list[str]
    parts: list[bytes]
    stripped: list[bytes]
    data: bytes
    plain: bool
    words: int = 0
    doubtful: bool = True

    def answers(self) -> list[str]:
        pairs = zip(self.roles, self.texts, strict=True)
        return [text for role, text in pairs if role == "assistant"]


def see(line: Line) -> Sight | None:
    """The row in `line`; None where it holds no messages, as `chat.messages_of` has it."""
    messages = line.row.get("messages")
    if type(messages) is not list or not messages:
        return None
    roles, texts, parts, plain = [], [], [], True
    for message in messages:
        if type(message) is not dict:
            return None
        role, text = message.get("role"), message.get("content")
        if type(text) is not str or type(role) is not str or len(message) != _PLAIN_KEYS:
            plain = False
            role, text = role if isinstance(role, str) else None, text_of(message)
        roles.append(role)
        texts.append(text)
        parts.append(text.encode())
        plain = plain and 0 not in parts[-1]
    stripped = [part.strip() for part in parts]
    return Sight(
        line.number, line.offset, line.raw, line.row, messages, tuple(roles),
        texts, parts, stripped, b"\0".join(parts), plain,
    )  # fmt: skip


def field_of(row: dict[str, Any], name: str) -> Any:
    """What a row says under a name: of its own, else in its `metadata`."""
    value = row.get(name)
    if value is None:
        more = row.get("metadata")
        return more.get(name) if isinstance(more, dict) else None
    return value
