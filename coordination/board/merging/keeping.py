"""The notes beneath a card that say what was kept: no text of either side is dropped in silence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crewboard.coordination.board.firstline import block_id, read
from crewboard.memory.blocks import PARAGRAPH, START, step
from crewboard.memory.markdown import Kind, Line

_NOTE = re.compile(r"[ \t]*(?:[-*+#][ \t]+)?⚠ .+?'s (?:text|move|card|removal) kept\b")
_CHILD = re.compile(r"([ \t]+)([-*+])[ \t]")
_MARKERS = frozenset("-*+`~|>#<")
_CODE = 4


@dataclass(frozen=True)
class Keeping:
    """Something of ours that the human's version has no place for: what it is, its text, and why."""

    what: str
    text: str
    why: str

    def note(self, name: str) -> str:
        return f"⚠ {name}'s {self.what}: {self.text}"


def is_note(text: str) -> bool:
    """Whether a line is such a note: nobody wrote it, so it is no change that somebody made."""
    return bool(_NOTE.match(text))


def kept_text(text: str, why: str, *, whole: bool = False) -> Keeping:
    """A line of ours that gave way, without its bullet; and, but for the `whole` of it, without its
    box and block id."""
    first = read(text.lstrip(" \t"))
    shown = str(first._replace(lead="")) if whole else first.words
    return Keeping("text kept", shown.strip(" \t"), why)


Noted = list[tuple[int, Keeping]]
"""What was noted, each with the number of its line in the card."""


def noted(block: Sequence[Line], kept: Sequence[Keeping], name: str) -> tuple[list[Line], Noted]:
    """The card's lines with a note for each of `kept`. What is noted already is not noted again."""
    there = {line.text.strip(" \t").lstrip("-*+ ") for line in block}
    fresh = {note: each for each in kept if (note := each.note(name)) not in there}
    lines, at = beneath(block, [*fresh])
    return lines, [
        (at + (len(lines) > len(block)) * n, each) for n, each in enumerate(fresh.values())
    ]


def beneath(block: Sequence[Line], texts: Sequence[str]) -> tuple[list[Line], int]:
    """The card's lines with new ones beneath it, and where these begin; in a table's row they go into
    its last cell."""
    if _is_row(block[0]):
        return [_in_row(block[0], texts), *block[1:]], 0
    at, lead = _room(block), _lead(block)
    new = [Line(f"{lead}{text}", None, nested=True) for text in texts]
    return [*block[:at], *new, *block[at:]], at


def _is_row(line: Line) -> bool:
    return line.kind is Kind.TEXT and not line.nested


def _in_row(line: Line, notes: Sequence[str]) -> Line:
    """A table's row takes the notes into its last cell: a line beneath it would end the table."""
    if not notes:
        return line
    bare = line.text.rstrip(" \t")
    closed = bare.endswith("|") and not bare.endswith("\\|")
    cells = bare[:-1].rstrip(" \t") if closed else bare
    told = " ".join(note.replace("|", "\\|") for note in notes)
    name = block_id(cells)
    words = cells.removesuffix(f"^{name}").rstrip(" \t") if name else cells
    text = f"{words} {told}{f' ^{name}' if name else ''}{' |' if closed else ''}"
    return Line(text, line.ending, line.kind)


def _lead(block: Sequence[Line]) -> str:
    """Indent and bullet of the card's children, as they are or as they would be."""
    children = (_CHILD.match(line.text) for line in block[1:] if line.kind is Kind.TEXT)
    child = next(filter(None, children), None)
    return f"{child[1]}{child[2]} " if child else f"{' ' * content_column(block[0].text)}- "


def content_column(text: str) -> int:
    """The column where an item's content begins, and that of its children's bullets."""
    lead = read(text).lead.expandtabs(_CODE)
    marker = lead.rstrip(" ")
    gap = len(lead) - len(marker)
    return len(marker) + (gap if 0 < gap <= _CODE else 1)


def _room(block: Sequence[Line]) -> int:
    """Where a child of the card can stand: at its end, or before a fence that only its end closes."""
    state, best = START, 0
    for at, line in enumerate(block):
        goes_on = state.leaf == PARAGRAPH and line.text.lstrip(" \t")[:1] not in _MARKERS
        if at and state.leaf in {"", PARAGRAPH} and not goes_on:
            best = at
        state = step(state, line.text).state
    return len(block) if state.leaf in {"", PARAGRAPH} or not best else best
