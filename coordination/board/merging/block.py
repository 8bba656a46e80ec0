"""Two sides' changes to one card, line by line and, within a line, word by word.

Both sides' lines stay. Where both put something else in place of the same line, and not in different
words of it, the human's stands and ours is kept as a note.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from crewboard.coordination.board.firstline import FirstLine, read
from crewboard.coordination.board.merging.align import Slot, align, weave
from crewboard.coordination.board.merging.keeping import Keeping, kept_text
from crewboard.memory.markdown import Line

_WORDS = re.compile(r"\s+|\S+")
_FENCE = re.compile(r"[ \t]*(?:`{3}|~{3}|<!--|-->)")
_BOTH = "both sides changed this line"
Block = Sequence[Line]


@dataclass
class Merging:
    """The card so far, and what of ours found no place in it."""

    lines: list[Line] = field(default_factory=list)
    kept: list[Keeping] = field(default_factory=list)


def merge_block(base: Block, ours: Block, theirs: Block) -> Merging:
    """A card of three versions; `base` is empty where both sides added it."""
    here, there, before = _texts(ours), _texts(theirs), _texts(base)
    if here in (before, there):
        return Merging([*theirs])
    merging = Merging()
    first, kept = merge_line(before[0] if base else "", here[0], there[0])
    merging.lines.append(_with(theirs[0], first))
    merging.kept += kept
    body = Body(base[1:], ours[1:], theirs[1:])
    for slot in weave(before[1:], here[1:], there[1:]):
        body.settle(slot, merging)
    return merging


def merge_line(base: str, ours: str, theirs: str) -> tuple[str, list[Keeping]]:
    """One line of three: bullet, box, words and id each as whoever changed it left it."""
    if ours in (base, theirs):
        return theirs, []
    if theirs == base:
        return ours, []
    before, here, there = read(base), read(ours), read(theirs)
    words = merge_words(before.words, here.words, there.words)
    box = _changed(before.box, here.box, there.box)
    tail = _changed(before.tail, here.tail, there.tail)
    merged = FirstLine(
        _changed(before.lead, here.lead, there.lead) or "",
        box,
        there.gap or here.gap,
        there.words if words is None else words,
        tail or "",
    )
    lost = here.box not in {before.box, box} or here.id not in {before.id, merged.id}
    if words is None or lost:
        return str(merged), [kept_text(ours, _BOTH, whole=lost)]
    return str(merged), []


def merge_words(base: str, ours: str, theirs: str) -> str | None:
    """Words of three versions; None where both sides changed the same ones, or neighbours."""
    if ours in (base, theirs):
        return theirs
    if theirs == base:
        return ours
    texts = [_WORDS.findall(each) for each in (base, ours, theirs)]
    found: list[str] = []
    last: tuple[str, int] | None = None  # who changed something last, and where that ended
    for slot in weave(*texts):
        for side, hunk in (("ours", slot.ours), ("theirs", slot.theirs)):
            if not hunk.taken and not hunk.adds:
                continue
            if last and last[0] != side and not "".join(texts[0][last[1] : slot.at]).strip():
                return None
            last = side, slot.at + hunk.taken
            found += texts[1 if side == "ours" else 2][hunk.start : hunk.end]
        if slot.kept:
            found.append(texts[0][slot.at])
    return "".join(found)


def merge_text(base: Block, ours: Block, theirs: Block) -> list[Line]:
    """Text of several lines, of which every line that either side wrote stays, the human's first."""
    found: list[Line] = []
    for slot in weave(*map(_texts, (base, ours, theirs))):
        said = theirs[slot.theirs.start : slot.theirs.end]
        found += union(ours[slot.ours.start : slot.ours.end], said)
        if slot.kept:
            found.append(theirs[slot.kept[1]])
    return found


def union(ours: Block, theirs: Block) -> list[Line]:
    """What both sides put into one place: the human's first, and what is the same once."""
    here, there = _texts(ours), _texts(theirs)
    if any(_FENCE.match(line.text) for line in (*ours, *theirs)):  # fences are not interleaved
        return [*theirs] if here == there else [*theirs, *map(_anew, ours)]
    shared = {n for n, _ in align(here, there) if here[n].strip()}
    return [*theirs, *(_anew(line) for n, line in enumerate(ours) if n not in shared)]


@dataclass(frozen=True)
class Body:
    """What lies beneath a card's first line, in three versions."""

    base: Block
    ours: Block
    theirs: Block

    def settle(self, slot: Slot, merging: Merging) -> None:
        """Set down what stands in one place of the card."""
        ours = self.ours[slot.ours.start : slot.ours.end]
        theirs = self.theirs[slot.theirs.start : slot.theirs.end]
        if ours and theirs and slot.ours.taken and slot.theirs.taken:
            self._dispute(slot, ours, theirs, merging)
        else:
            merging.lines += union(ours, theirs)
        if slot.kept:
            merging.lines.append(self.theirs[slot.kept[1]])

    def _dispute(self, slot: Slot, ours: Block, theirs: Block, merging: Merging) -> None:
        """Both sides put something else in place of the same lines."""
        base = self.base[slot.at : slot.at + slot.ours.taken]
        if slot.ours.taken == slot.theirs.taken == len(ours) == len(theirs):
            for before, here, there in zip(base, ours, theirs, strict=True):
                text, kept = merge_line(before.text, here.text, there.text)
                merging.lines.append(_with(there, text))
                merging.kept += kept
            return
        merging.lines += theirs
        said = {line.text.strip() for line in theirs}
        merging.kept += [
            kept_text(line.text, _BOTH)
            for line in ours
            if line.text.strip() and line.text.strip() not in said
        ]


def _changed(base: str | None, ours: str | None, theirs: str | None) -> str | None:
    return ours if theirs == base else theirs


def _texts(block: Block) -> list[str]:
    return [line.text for line in block]


def _with(line: Line, text: str) -> Line:
    return line if line.text == text else replace(line, text=text)


def _anew(line: Line) -> Line:
    """A line of ours for their file: it takes the ending of the lines around it."""
    return replace(line, ending=None)
