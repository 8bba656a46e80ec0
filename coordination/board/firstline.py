"""A card's first line, in anybody's words: bullet, box, words and block id.

    - [ ] Mix **stage 1**, by Friday ^t41x9
    bullet box  words                  id

What stands between the parts is kept, so that the parts give back the line.
"""

import re
from typing import NamedTuple

from crewboard.coordination.board.card import ID

_BEGIN = re.compile(r"([ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|\Z))(?:\[([^\r\n])\]([ \t]+|\Z))?")
_BLOCK_ID = re.compile(r"[A-Za-z0-9-]+\Z")
_LEADS = ("🧭 ", "✅ ")
_BOLD = re.compile(r"\*\*((?:[^\\*]|\\.|\*(?!\*))+)\*\*")  # the crew escapes a star in it
_CELL = re.compile(r"(?<!\\)\|")
_BOX = re.compile(r"\[([^\r\n])\](?:[ \t]+|\Z)")


class FirstLine(NamedTuple):
    """`lead` is indent and bullet with the white space behind it, `box` None or its character with
    `gap` behind it, `tail` the block id with the white space around it."""

    lead: str
    box: str | None
    gap: str
    words: str
    tail: str

    def __str__(self) -> str:
        box = "" if self.box is None else f"[{self.box}]{self.gap}"
        return f"{self.lead}{box}{self.words}{self.tail}"

    @property
    def id(self) -> str:
        return self.tail.strip(" \t")[1:]

    @property
    def struck(self) -> bool:
        return self.words.startswith("~~") and self.words.find("~~", 2) > 0

    @property
    def title(self) -> str:
        """The words without marks of bold and strike; of a card of the crew's, its title alone.

        Spelt as in the file: what the crew escaped stays escaped.
        """
        return _title(self.words, self.id)


class Said(NamedTuple):
    """What a first line says of a card."""

    id: str
    title: str
    box: str | None
    struck: bool


def said(text: str) -> Said:
    first = read(text)
    name = first.id
    return Said(name, _title(first.words, name), first.box, first.struck)


def read(text: str) -> FirstLine:
    """The parts of an item's first line, or of any other: then there is no bullet."""
    begin = _BEGIN.match(text)
    lead, box, gap = (begin[1], begin[2], begin[3] or "") if begin else ("", None, "")
    rest = text[begin.end() :] if begin else text
    cut = len(rest) - len(_tail(rest)) if rest else 0
    return FirstLine(lead, box, gap, rest[:cut], rest[cut:])


def _title(words: str, name: str) -> str:
    for lead in _LEADS:
        words = words.removeprefix(lead)
    bold = _BOLD.match(words.removeprefix("~~")) if name and "**" in words else None
    if bold and ID.match(name):
        return bold[1].strip()
    return words.replace("**", "").replace("~~", "").strip()


def block_id(text: str) -> str:
    """The id that a line ends with, after white space: `^t41x9` of the crew's, or Obsidian's own."""
    return _tail(text).strip(" \t")[1:]


class Row(NamedTuple):
    """What a table's row says of a card."""

    id: str
    title: str
    box: str | None


def read_row(text: str) -> Row:
    cells = cells_of(text)
    ids = (block_id(f" {cell}") for cell in reversed(cells))
    boxes = (found[1] for cell in cells if (found := _BOX.match(cell)))
    named = next(filter(None, ids), "")
    words = [_BOX.sub("", cell).removesuffix(f"^{named}").strip() for cell in cells]
    spoken = [each for each in words if any(map(str.isalpha, each))] or [*filter(None, words)]
    title = spoken[0].replace("**", "").replace("~~", "") if spoken else ""
    return Row(named, title, next(boxes, None))


def cells_of(text: str) -> list[str]:
    """The cells of a table's row; an escaped bar parts none."""
    text = text.strip(" \t").removeprefix("|")
    if text.endswith("|") and not text.endswith("\\|"):
        text = text[:-1]
    return [cell.strip(" \t") for cell in _CELL.split(text)]


def _tail(text: str) -> str:
    """The id at the end of a line and the white space around it; nothing where there is no id."""
    bare = text.rstrip(" \t")
    before, caret, name = bare.rpartition("^")
    if not caret or not before[-1:].isspace() or not _BLOCK_ID.match(name):
        return ""
    return text[len(before.rstrip(" \t")) :]
