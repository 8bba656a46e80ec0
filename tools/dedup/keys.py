"""What counts as the same, and the text by which rows are nearly the same.

Four keys have names; `messages`, `stripped` and `answer` mean what they mean in the audit:
    messages   the whole of `messages`, whatever the spacing and key order of the file
    stripped   the same without (ASCII) white space around each content
    answer     the assistant's texts alone, stripped, from `SHORTEST_ANSWER` bytes on
    row        the whole row, key order apart
Any other is a place in the row. Rows are the same when all that is asked for is equal. A row that lacks some
of it, or has null there, is nobody's copy.

A key is 16 bytes of a SHA-256, so that nobody forges a row to take another one away.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from crewboard.tools.audit.keys import SHORTEST_ANSWER
from crewboard.tools.files.chat import Message, messages_of, text_of
from crewboard.tools.files.fields import Field

KEY_BYTES = 16
_BLANKS = " \t\n\r\x0b\x0c"
_CHAT = ("messages", "stripped", "answer")

Row = dict[str, Any]


class Keyring:
    """Makes keys of rows. ValueError for a place that means nothing. `needs_chat` says that a row without
    messages has no place here at all."""

    def __init__(self, names: Sequence[str]) -> None:
        self.name = " + ".join(names)
        self.needs_chat = any(name in _CHAT for name in names)
        self.has_places = any(name not in _NAMED for name in names)
        self._kinds = [_NAMED.get(name) or _Place(name) for name in names]

    def key_of(self, row: Row) -> bytes | None:
        """None for a row that is nobody's copy."""
        found = []
        for kind in self._kinds:
            told = kind.told(row)
            if told is None:
                return None
            found.append(told)
        if len(found) > 1:  # how long each is tells (a, bc) from (ab, c)
            found = [b"%d:%b" % (len(told), told) for told in found]
        return hashlib.sha256(b"".join(found)).digest()[:KEY_BYTES]

    def text_of(self, row: Row) -> bytes:
        """What near duplicates are compared by. Rows of one key have one text."""
        return "\n".join(text for kind in self._kinds for text in kind.texts(row)).encode()


class _Kind:
    """One part of a key: `told` is what must be equal, `texts` are the words in it."""

    def __init__(
        self, told: Callable[[Row], bytes | None], texts: Callable[[Row], Iterator[str]]
    ) -> None:
        self.told, self.texts = told, texts


class _Place(_Kind):
    def __init__(self, name: str) -> None:
        self._field = Field.parse(name)
        super().__init__(self._told, self._texts)

    def _told(self, row: Row) -> bytes | None:
        values = self._field.values(row)
        return None if all(value is None for value in values) else _dump(values)

    def _texts(self, row: Row) -> Iterator[str]:
        return _strings(self._field.values(row))


def _messages(row: Row) -> bytes | None:
    messages = messages_of(row)
    return None if messages is None else _dump(messages)


def _stripped(row: Row) -> bytes | None:
    messages = messages_of(row)
    return None if messages is None else _dump([_bare(message) for message in messages])


def _bare(message: Message) -> Message:
    content = message.get("content")
    return message | {"content": content.strip(_BLANKS)} if isinstance(content, str) else message


def _answer(row: Row) -> bytes | None:
    said = "\0".join(text.strip(_BLANKS) for text in _answers(row)).encode()
    return said if len(said) >= SHORTEST_ANSWER else None


def _answers(row: Row) -> Iterator[str]:
    for message in messages_of(row) or ():
        if message.get("role") == "assistant":
            yield text_of(message)


def _spoken(row: Row) -> Iterator[str]:
    """Everything but the system turns, as the audit compares it."""
    for message in messages_of(row) or ():
        if message.get("role") != "system":
            yield text_of(message)


def _said(row: Row) -> Iterator[str]:
    return _strings(row) if messages_of(row) is None else _spoken(row)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        for name in sorted(value):
            yield from _strings(value[name])


def _dump(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


_NAMED = {
    "messages": _Kind(_messages, _spoken),
    "stripped": _Kind(_stripped, _spoken),
    "answer": _Kind(_answer, _answers),
    "row": _Kind(_dump, _said),
}
