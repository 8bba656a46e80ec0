"""Which language: by CLD2 where it is installed, else by script and by the commonest words.

The second way knows the languages of `words.toml` and the scripts below, and nothing else. Neither
judges a text of fewer than `SHORTEST` letters: in a short one names and code decide.
"""

import re
import tomllib
from collections import Counter
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

UNKNOWN = "und"
SHORTEST = 60
_READ = 400
_GLANCE = 300
_ENGLISH = (
    b" the ",
    b" of ",
    b" and ",
    b" to ",
    b" that ",
    b" with ",
    b" this ",
    b" are ",
    b" for ",
)
_ENOUGH = 1 / 150
"""English of any kind has one of `_ENGLISH` more often than every 150 characters."""
_SURE = 0.08
_SCRIPTS = {
    "ja": (0x3040, 0x30FF),
    "ko": (0xAC00, 0xD7AF),
    "zh": (0x4E00, 0x9FFF),
    "ru": (0x0400, 0x04FF),
    "el": (0x0370, 0x03FF),
    "he": (0x0590, 0x05FF),
    "ar": (0x0600, 0x06FF),
    "hi": (0x0900, 0x097F),
    "th": (0x0E00, 0x0E7F),
}
_WORD = re.compile(r"[^\W\d_]+")
_UNPRINTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def plainly_english(text: bytes) -> bool:
    """Whether UTF-8 `text` looks English at its beginning or, after code or names, in the middle."""
    return looks_english(text) or (
        len(text) > 4 * _GLANCE and looks_english(text[len(text) // 2 :])
    )


def looks_english(text: bytes) -> bool:
    """Whether the commonest English words stand in UTF-8 `text` at the beginning as often as
    they do in English: a glance that is right about prose, and leaves what is not to a `Detector`."""
    head = text[:_GLANCE]
    wanted = max(2, int(len(head) * _ENOUGH))
    seen = 0
    for word in _ENGLISH:
        seen += head.count(word)
        if seen >= wanted:
            return True
    return False


class Detector:
    """`engine` is `cld2`, or `words` where pycld2 is not installed."""

    def __init__(self) -> None:
        self.engine = "cld2" if find_spec("pycld2") else "words"

    def language(self, text: str) -> str:
        """The ISO 639 code of most of the text's beginning; UNKNOWN where that cannot be told."""
        head = _UNPRINTED.sub(" ", text[:_READ])
        if sum(map(len, _WORD.findall(head))) < SHORTEST and not _script_of(head):
            return UNKNOWN
        return _by_cld2(head) if self.engine == "cld2" else _by_words(head)


def _by_cld2(text: str) -> str:
    import pycld2

    known: Any = pycld2.detect(text, isPlainText=True)
    reliable, _, ((_, code, _, _), *_) = known
    return str(code).split("-")[0] if reliable and code != "un" else UNKNOWN


def _by_words(text: str) -> str:
    script = _script_of(text)
    if script:
        return script
    counted = Counter(word.lower() for word in _WORD.findall(text))
    total = counted.total() or 1
    shares = {
        code: sum(counted[word] for word in words) / total for code, words in _words().items()
    }
    best = max(shares, key=lambda code: shares[code])
    return best if shares[best] >= _SURE else UNKNOWN


def _script_of(text: str) -> str | None:
    """The language whose script fills a third of the letters; Japanese before Chinese, whose signs
    it borrows."""
    letters = [ord(sign) for sign in text if sign.isalpha()]
    for code, (first, last) in _SCRIPTS.items():
        inside = sum(first <= letter <= last for letter in letters)
        if inside * 3 > len(letters) > 0:
            return code
    return None


@cache
def _words() -> dict[str, list[str]]:
    text = files(__package__).joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
