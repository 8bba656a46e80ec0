"""Text that was read in the wrong encoding: UTF-8 taken for Mac Roman, Windows-1252 or Latin-1.

What is covered: characters of two to four bytes, in a whole file or in parts of one, each proved by the
way back: what is offered instead, misread again, gives the very bytes that lie there. What is not:
text that was misread and then lost characters, and other encodings. A string that could be either,
such as the one letter too many in a French quotation, is left alone unless the rest of the file speaks
against it. Nothing is ever mended unasked.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]{2,}")
_LEADS = ((0xF0, 0xF4, 4), (0xE0, 0xEF, 3), (0xC2, 0xDF, 2))
_PUNCTUATION = (0x2010, 0x205E)
_LATIN = (0xA0, 0x17F)
_MARKS = ((0x2000, 0x2BFF), (0xFE00, 0xFE0F))
_COMMON = frozenset("\u2026\u201d\u2019\u201c\u2018\u2013\u2014»«\u203a\u2039\xa0")
"""What may follow a letter in good text."""
_BEYOND = 0xFFFF
_SURE, _LIKELY, _MAYBE = 3, 2, 1
_ENOUGH = 3
_CHAIN = 3
"""So many misread characters in a row are text of another script, and no accident."""


@dataclass(frozen=True)
class Misread:
    """Characters `start` to `end` of the text, which read `was` and were `now` before."""

    start: int
    end: int
    was: str
    now: str


@dataclass(frozen=True)
class Mended:
    """`data` with every misread place as it was before; `encoding` is what it was taken for."""

    data: bytes
    encoding: str
    places: tuple[Misread, ...]


def misread(text: str) -> Mended | None:
    """What of `text` was read in a wrong encoding; None when nothing was. The encoding that explains
    most is taken."""
    if text.isascii():
        return None
    tried = [(name, _places(text, name)) for name in _READERS]
    name, found = max(tried, key=lambda each: sum(place.weight for place in each[1]))
    if sum(place.weight for place in found) < _ENOUGH:
        return None
    places = tuple(_joined(place for place in found if place.stands))
    return Mended(_put(text, places), name, places) if places else None


def mend(data: bytes) -> Mended | None:
    """The file with its misread places mended; None when there are none, or when the way back does not
    give `data` again."""
    found = misread(data.decode("utf-8", "surrogateescape"))
    return found if found and misread_again(found) == data else None


def misread_again(mended: Mended) -> bytes:
    """The way back: the mended places taken for `encoding` once more, all else as it is."""
    text = mended.data.decode("utf-8", "surrogateescape")
    read, parts, at, shift = _READERS[mended.encoding], list[str](), 0, 0
    for place in mended.places:
        start = place.start + shift
        end = start + len(place.now)
        parts += (text[at:start], read(text[start:end].encode("utf-8")))
        at, shift = end, shift + len(place.now) - len(place.was)
    return "".join([*parts, text[at:]]).encode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class _Window:
    """One character as it was misread. `stands`: it is mended once the file is known to be misread."""

    place: Misread
    weight: int
    stands: bool


def _places(text: str, encoding: str) -> list[_Window]:
    bytes_of = _bytes_of(encoding)
    found = list(_windows(text, bytes_of))
    lengths = _chains(found)
    return [
        _weighed(text, each, chained=length >= _CHAIN)
        for each, length in zip(found, lengths, strict=True)
    ]


def _windows(text: str, bytes_of: dict[str, int]) -> Iterator[Misread]:
    for run in _BEYOND_ASCII.finditer(text):
        at = run.start()
        while at < run.end():
            width = _width(bytes_of.get(text[at], 0))
            was = text[at : at + width]
            now = _character(bytes(bytes_of.get(each, 0) for each in was)) if width else ""
            if now:
                yield Misread(at, at + width, was, now)
            at += width if now else 1


def _width(lead: int) -> int:
    return next((width for low, high, width in _LEADS if low <= lead <= high), 0)


def _character(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _chains(found: list[Misread]) -> list[int]:
    """For each place, how many stand in a row with it."""
    lengths: list[int] = []
    for index, place in enumerate(found):
        follows = index and found[index - 1].end == place.start
        lengths.append(lengths[-1] + 1 if follows else 1)
    for index in range(len(found) - 2, -1, -1):
        if found[index].end == found[index + 1].start:
            lengths[index] = lengths[index + 1]
    return lengths


def _weighed(text: str, place: Misread, *, chained: bool) -> _Window:
    code = ord(place.now)
    if chained or code > _BEYOND or _PUNCTUATION[0] <= code <= _PUNCTUATION[1]:
        return _Window(place, _SURE, stands=True)
    common = set(place.was[1:]) <= _COMMON
    if any(low <= code <= high for low, high in _MARKS):
        return _Window(place, _LIKELY if common else _SURE, stands=True)
    if _LATIN[0] <= code <= _LATIN[1]:
        sure = _glued(text, place) and not common
        return _Window(place, _SURE if sure else _MAYBE, stands=True)
    return _Window(place, 0, stands=False)


def _glued(text: str, place: Misread) -> bool:
    """Whether a sign that no word holds stands within a word."""
    before, after = text[place.start - 1 : place.start], text[place.end : place.end + 1]
    sign = not all(each.isalpha() for each in place.was)
    return sign and (before.isalpha() or (after.isalpha() and not before.isdigit()))


def _joined(windows: Iterator[_Window]) -> Iterator[Misread]:
    """Neighbours as one place."""
    last: Misread | None = None
    for window in windows:
        place = window.place
        if last and last.end == place.start:
            last = Misread(last.start, place.end, last.was + place.was, last.now + place.now)
            continue
        if last:
            yield last
        last = place
    if last:
        yield last


def _put(text: str, places: tuple[Misread, ...]) -> bytes:
    parts, at = list[str](), 0
    for place in places:
        parts += (text[at : place.start], place.now)
        at = place.end
    return "".join([*parts, text[at:]]).encode("utf-8", "surrogateescape")


def _windows_1252(data: bytes) -> str:
    """As browsers read it: the five bytes that it does not know are control characters."""
    return "".join(
        bytes([byte]).decode("cp1252") if byte not in _UNKNOWN_1252 else chr(byte) for byte in data
    )


_UNKNOWN_1252 = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})
_READERS: dict[str, Callable[[bytes], str]] = {
    "Mac Roman": lambda data: data.decode("mac_roman"),
    "Windows-1252": _windows_1252,
    "Latin-1": lambda data: data.decode("latin-1"),
}


@lru_cache
def _bytes_of(encoding: str) -> dict[str, int]:
    """{character: the byte beyond ASCII that it was}."""
    read = _READERS[encoding]
    return {read(bytes([byte])): byte for byte in range(0x80, 0x100)}
