"""What can be mended in the bytes of a line without reading it as JSON: all but the fault stays as it is."""

import re
from itertools import pairwise

BOM = b"\xef\xbb\xbf"
_STRAY = re.compile("[\udc80-\udcff]+")
_PUNCTUATION = frozenset("‘’“”‚„–—…•€£¥§©®™°«»‹›¿¡·×÷½¼¾²³ªº\u00a0")  # noqa: RUF001 - those that are meant
_LEADS, _FOLLOWS = range(0xC2, 0xF5), range(0x80, 0xC0)
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
_CONSTANT = re.compile(rb'"(?:[^"\\]|\\.)*"|(?P<odd>-?Infinity|NaN)')
_NOTHING = {"remove": b"", "mark": b"\\ufffd"}


def without_bom(raw: bytes) -> bytes | None:
    """The line without the mark at its beginning, which joined files have in their middle."""
    return raw.removeprefix(BOM) if raw.startswith(BOM) else None


def decoded(raw: bytes, encoding: str) -> bytes | None:
    """The line as UTF-8, its stray bytes read in `encoding`; None where that is not plausible.

    What is UTF-8 already stays. A stray byte must give a letter or usual punctuation. A lead byte of
    UTF-8 with some of its followers is a torn character, and not a text in another encoding.
    """
    text = raw.decode("utf-8", "surrogateescape")
    read: list[str] = []
    at = 0
    for found in _STRAY.finditer(text):
        stray = found[0].encode("utf-8", "surrogateescape")
        letters = _read(stray, encoding)
        if letters is None:
            return None
        read += [text[at : found.start()], letters]
        at = found.end()
    return "".join([*read, text[at:]]).encode()


def _read(stray: bytes, encoding: str) -> str | None:
    if any(a in _LEADS and b in _FOLLOWS for a, b in pairwise(stray)):
        return None
    try:
        letters = stray.decode(encoding)
    except UnicodeDecodeError:
        return None
    return letters if all(c.isalpha() or c in _PUNCTUATION for c in letters) else None


def paired(raw: bytes, how: str) -> bytes:
    """The line without the halves of surrogate pairs that stand alone: removed, or marked by U+FFFD."""

    def whole(found: re.Match[bytes]) -> bytes:
        return _NOTHING[how] if found["half"] else found[0]

    return _ESCAPE.sub(whole, raw)


def with_nulls(raw: bytes) -> bytes:
    """The line with null in place of NaN and infinities."""
    return _CONSTANT.sub(lambda found: b"null" if found["odd"] else found[0], raw)
