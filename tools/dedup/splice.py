"""One key of a row set in its bytes: everything else stays as it is written, spacing and digits too."""

from json import JSONDecoder
from typing import Any

import orjson

_BLANKS = " \t\n\r"


def splice(raw: bytes, name: str, value: Any) -> bytes:
    """The JSON object `raw` with `name` set to `value`, in place, or at its end where it is new.

    Of a key that occurs twice the last one is set: it is the one that readers take.
    """
    text, told = raw.decode(), orjson.dumps(value).decode()
    end = text.rindex("}")
    place, empty = _place_of(text, name)
    if place is not None:
        begin, stop = place
        return (text[:begin] + told + text[stop:]).encode()
    named = orjson.dumps(name).decode()
    return f"{text[:end]}{'' if empty else ','}{named}:{told}{text[end:]}".encode()


def _place_of(text: str, name: str) -> tuple[tuple[int, int] | None, bool]:
    """From where to where the value of `name` goes, and whether the object is empty."""
    decoder = JSONDecoder(parse_int=_unread, parse_float=_unread)
    at, found = _past_blanks(text, text.index("{") + 1), None
    empty = text[at] == "}"
    while text[at] != "}":
        key, at = decoder.raw_decode(text, at)
        at = _past_blanks(text, _past_blanks(text, at) + 1)  # the colon
        _, stop = decoder.raw_decode(text, at)
        if key == name:
            found = (at, stop)
        at = _past_blanks(text, stop)
        if text[at] == ",":
            at = _past_blanks(text, at + 1)
    return found, empty


def _past_blanks(text: str, at: int) -> int:
    while text[at] in _BLANKS:
        at += 1
    return at


def _unread(_digits: str) -> None:
    """Numbers need not be made: some are too long for it."""
