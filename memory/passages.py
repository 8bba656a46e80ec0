"""What a note is cut into to be found again: bullets and paragraphs, each with its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BULLET = re.compile(r"\A[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_COMMENT = re.compile(r"[ \t]*<!-- (?:[ems]:[^>]*|standup [^>]*)-->[ \t]*\Z")
_HEADING = re.compile(r"#{1,6}(?:[ \t]+|\Z)")
_ID = re.compile(r"\^([tdg][0-9a-hjkmnp-tv-z]{4,5})\b")


@dataclass(frozen=True)
class Passage:
    """A bullet or paragraph without its marks; `line` is the one it begins on, from 1, `heading` the
    one above it, and `ids` the cards that it names."""

    line: int
    text: str
    heading: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(_ID.findall(self.text))


def passages(text: str) -> Iterator[Passage]:
    """Cut a note into its bullets and paragraphs; headings are told with what stands beneath them."""
    start, parts, heading = 0, list[str](), ""
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        marked, words = _HEADING.match(line), _COMMENT.sub("", line)
        if (not words.strip() or marked or _BULLET.match(line)) and parts:
            yield Passage(start, " ".join(parts), heading)
            parts = []
        if marked:
            heading = words[marked.end() :].strip()
        elif words.strip():
            start = start if parts else number
            parts.append(_BULLET.sub("", words).strip())
    if parts:
        yield Passage(start, " ".join(parts), heading)
