"""Lines that do not hold one object each: several on one line, one over several lines, one that was cut.

Objects that are there whole keep their bytes. Only the standard library's reader tells where one ends.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from crewboard.tools.files.chat import messages_of

_BLANKS = re.compile(r"[ \t\r\n]*")
_BEFORE = re.compile(r"[ \t\r\n]*(?:\[[ \t\r\n]*)?")
_BETWEEN = re.compile(r"[ \t\r\n]*(?:,[ \t\r\n]*)?")
_AFTER = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*(?:\][ \t\r\n]*)?")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_OPEN_TEXT = re.compile(r'"(?:[^"\\]|\\.)*\\?$')
_UNFINISHED = re.compile(
    r"(?:[\[\]{}:, \t\r\n]|-?\d[\d.eE+-]*+|true|false|null)*+(?:t|tr|tru|f|fa|fal|fals|n|nu|nul|-)?"
)
_BRACKETS = re.compile(r"[\[\]{}]")
_reader = json.JSONDecoder()


def several(text: str) -> list[str] | None:
    """The objects that share a line, with or without commas between them, or as lines of a list have
    them; None where anything else stands there."""
    at, found = _end(_BEFORE, text, 0), list[str]()
    while at < len(text) and text[at] == "{":
        end = _end_of_object(text, at)
        if end is None:
            return None
        found.append(text[at:end])
        at = _end(_BETWEEN, text, end)
    if not found or _end(_AFTER, text, at) != len(text):
        return None
    return found


def depth(text: str) -> int | None:
    """How many brackets a line opens more than it closes; None where a text does not end in it, which
    over several lines it never does."""
    bare = _TEXT.sub("", text)
    if '"' in bare:
        return None
    return sum(1 if bracket in "[{" else -1 for bracket in _BRACKETS.findall(bare))


def closed(text: str) -> str | None:
    """An object that was cut behind its messages, up to its last whole member; None where a message may
    be lost with the rest, or the line is broken and not just cut.

    A member is whole when a comma follows it, or it ends in a quote or a bracket: a number could go on.
    """
    at = _end(_BLANKS, text, 0)
    if at >= len(text) or text[at] != "{":
        return None
    keep, keys = at, set[str]()
    for key, end in _members(text, at + 1):
        keys.add(key)
        keep = end
    if "messages" not in keys or not _is_cut(text[keep:]):
        return None
    return text[:keep] + "}"


def unpacked(value: Any) -> list[bytes] | None:
    """Rows of what is JSON and no object: messages in a list, objects in a list, an object in a text."""
    if isinstance(value, str):
        return _in_text(value)
    if not isinstance(value, list) or not value or not all(isinstance(v, dict) for v in value):
        return None
    if all("role" in each for each in value):
        return [dumped({"messages": value})]
    return [dumped(each) for each in value] if all(map(messages_of, value)) else None


def dumped(row: Any) -> bytes:
    """A row as one line. The standard library writes integers of any size; orjson would round them."""
    return json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _in_text(text: str) -> list[bytes] | None:
    try:
        inner = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return [text.encode()] if isinstance(inner, dict) and "\n" not in text else None


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """Each key of an object with the place behind its value, as far as members are whole."""
    while True:
        try:
            key, at = _reader.raw_decode(text, _end(_BLANKS, text, at))
            at = _end(_BLANKS, text, at)
            if not isinstance(key, str) or text[at : at + 1] != ":":
                return
            _, at = _reader.raw_decode(text, _end(_BLANKS, text, at + 1))
        except (ValueError, RecursionError):
            return
        behind = _end(_BLANKS, text, at)
        ends = behind == len(text) and text[at - 1] in '"]}'
        if not ends and text[behind : behind + 1] != ",":
            return
        yield key, at
        if ends:
            return
        at = behind + 1


def _is_cut(rest: str) -> bool:
    """Whether what is left is the beginning of something: texts, numbers and brackets only."""
    bare = _OPEN_TEXT.sub("", _TEXT.sub("", rest))
    return _UNFINISHED.fullmatch(bare) is not None and _stays_open(bare)


def _stays_open(bare: str) -> bool:
    """Whether the object at hand does not end in it: what follows an end would be another object."""
    level = 1
    for bracket in _BRACKETS.findall(bare):
        level += 1 if bracket in "[{" else -1
        if level == 0:
            return False
    return True


def _end_of_object(text: str, at: int) -> int | None:
    try:
        return _reader.raw_decode(text, at)[1]
    except (ValueError, RecursionError):
        return None


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
