"""Three versions of one file, merged by what its pieces are: cards, lanes and free text.

Promised: every word that either side added stays, once; a card stands in one place; what neither side
touched is byte for byte what it was; line endings and byte order mark are theirs. Where both sides
changed the same words, the human's text (theirs) stands, and ours beneath it as a note. A card that
one side took off and the other changed stays. Free text of both stays, the human's first.

Not promised: that a sentence which both sides rewrote reads well.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from crewboard.coordination.board.merging.block import merge_block, merge_line, merge_text
from crewboard.coordination.board.merging.gap import Entry, Span
from crewboard.coordination.board.merging.keeping import Keeping, Noted, noted
from crewboard.coordination.board.merging.pile import Pile
from crewboard.coordination.board.merging.plan import Plan
from crewboard.coordination.board.merging.sheet import Sheet, Sort
from crewboard.coordination.board.merging.threefold import GIVEN_UP, MOVED, NONE, TAKEN, Row
from crewboard.coordination.board.outline import Item, Known, words_of
from crewboard.memory.inert import plain
from crewboard.memory.markdown import Kind, Line, join

_YAML_KEY = re.compile(r"[\w.\"'-]+[ \t]*:")


@dataclass(frozen=True)
class Kept:
    """A text of ours that stands as a note beneath the human's: at `line` of the merged file, from 1."""

    card: str
    title: str
    line: int
    text: str
    why: str


@dataclass(frozen=True)
class Merged:
    data: bytes
    kept: tuple[Kept, ...]


def merge(base: bytes, ours: bytes, theirs: bytes, ours_name: str = "crew") -> Merged:
    """What `ours` and `theirs` made of `base`, in one. `theirs` is the human's."""
    if ours in (base, theirs):
        return Merged(theirs, ())
    if theirs == base:
        return Merged(ours, ())
    known = Known()
    plan = Plan((Sheet.of(base, known), Sheet.of(ours, known), Sheet.of(theirs, known)))
    return _Merger(plan, plain(ours_name) or "crew").merged()


class _Merger:
    """Lays out what was planned, piece by piece."""

    def __init__(self, plan: Plan, name: str) -> None:
        self.plan = plan
        self.base, self.ours, self.theirs = plan.sheets
        self.name = name
        self.pile = Pile(self.ours.lines, self.theirs.lines)
        self.kept: list[Kept] = []

    def merged(self) -> Merged:
        for lane in self.plan.lanes():
            for section in (lane, *self.plan.groups(lane)):
                self._section(section)
        lines = self.theirs.lines
        self.pile.end(blank=bool(lines) and lines[-1].kind is Kind.BLANK)
        return Merged(join(self.theirs.outline.document, self.pile.lines), tuple(self.kept))

    def _section(self, number: int) -> None:
        row = self.plan.sections.rows[number]
        self._heading(row)
        contents = self.plan.contents[number]
        self.pile.fitting = self.plan.sort(number) is not Sort.FRONT
        keys = set[str]() if self.pile.fitting else self._keys(contents)
        for whole, entry in self._runs(contents):
            if whole and entry.theirs:
                self.pile.put(self.theirs.lines[slice(*entry.theirs)], entry.ours, entry.theirs)
            elif entry.card != NONE:
                self._card(entry.card)
            elif entry.base and entry.ours and entry.theirs:
                spans = (entry.base, entry.ours, entry.theirs)
                sides = zip(self.plan.sheets, spans, strict=True)
                text = merge_text(*(sheet.lines[slice(*span)] for sheet, span in sides))
                self.pile.put(text, entry.ours, entry.theirs)
            elif entry.ours:
                lines = [_anew(line) for line in self.ours.lines[slice(*entry.ours)]]
                self._text(lines, entry.ours, keys)

    def _runs(self, contents: Iterable[Entry]) -> Iterator[tuple[bool, Entry]]:
        """The contents, what stays as theirs has it in long stretches: (whether it does, where)."""
        run: Entry | None = None
        for entry in contents:
            if not entry.theirs or entry.base or not self._is_theirs(entry.card):
                if run:
                    yield True, run
                run = None
                yield False, entry
            elif run and run.theirs and run.theirs[1] == entry.theirs[0]:
                began = run.ours[0] if run.ours else NONE
                ours = (began, entry.ours[1]) if entry.ours else None
                run = run._replace(ours=ours, theirs=(run.theirs[0], entry.theirs[1]))
            else:
                if run:
                    yield True, run
                run = entry
        if run:
            yield True, run

    def _is_theirs(self, number: int) -> bool:
        """Whether a card stays as theirs has it."""
        if number == NONE:
            return True
        row = self.plan.cards.rows[number]
        if self.plan.fates[number].dispute or row.ours == NONE:
            return not self.plan.fates[number].dispute
        return row.base != NONE and self.ours.texts(row.ours) == self.base.texts(row.base)

    def _heading(self, row: Row) -> None:
        ours, theirs = self.ours.heading(row.ours), self.theirs.heading(row.theirs)
        if theirs is None and ours is None:
            return
        line, kept = theirs or _anew(ours or _NOTHING), list[Keeping]()
        if ours and theirs:
            was = self.base.heading(row.base)
            text, kept = merge_line(was.text if was else "", ours.text, theirs.text)
            line = replace(theirs, text=text) if theirs.text != text else theirs
        self.pile.put(
            [line], self.ours.heading_span(row.ours), self.theirs.heading_span(row.theirs)
        )
        for each in kept:  # a heading has no children: what is kept stands as a text beneath it
            start = self.pile.put([Line(each.note(self.name))], None, None)
            self.pile.apart()
            self.kept.append(Kept("", words_of(line), start + 1, each.text, each.why))

    def _keys(self, contents: Iterable[Entry]) -> set[str]:
        """The keys of front matter that theirs sets."""
        lines = (self.theirs.lines[each.theirs[0]].text for each in contents if each.theirs)
        return {found[0] for text in lines if (found := _YAML_KEY.match(text))}

    def _text(self, lines: list[Line], span: Span, keys: set[str]) -> None:
        """Free text of ours; a key of front matter that theirs sets too becomes a comment."""
        key = _YAML_KEY.match(lines[0].text)
        if not key or key[0] not in keys:
            self.pile.put(lines, span, None)
            return
        each = Keeping("text kept", lines[0].text, "both sides set this key")
        start = self.pile.put([replace(lines[0], text=f"# {each.note(self.name)}")], span, None)
        self.kept.append(Kept("", key[0].rstrip(": \t"), start + 1, each.text, each.why))

    def _card(self, number: int) -> None:
        row = self.plan.cards.rows[number]
        ours = self.ours.items[row.ours] if row.ours != NONE else None
        theirs = self.theirs.items[row.theirs] if row.theirs != NONE else None
        item = theirs or ours
        if item is None:
            return
        block, kept = self._block(row)
        if self.plan.fates[number].dispute:
            kept += self._disputed(number, row)
        told: Noted = []
        if kept:
            block, told = noted(block, kept, self.name)
        start = self.pile.put(block, _span(ours), _span(theirs))
        for at, each in told:
            self.kept.append(Kept(item.id, item.title, start + at + 1, each.text, each.why))

    def _block(self, row: Row) -> tuple[Sequence[Line], list[Keeping]]:
        if row.theirs == NONE:
            return [_anew(line) for line in self.ours.block(row.ours)], []
        if row.ours == NONE:
            return self.theirs.block(row.theirs), []
        base = self.base.block(row.base) if row.base != NONE else ()
        ours, theirs = self.ours.block(row.ours), self.theirs.block(row.theirs)
        if ours == base:
            return theirs, []
        merging = merge_block(base, ours, theirs)
        return merging.lines, merging.kept

    def _disputed(self, number: int, row: Row) -> list[Keeping]:
        """What one side did to a whole card that the other did something else to."""
        dispute = self.plan.fates[number].dispute
        if dispute == MOVED:
            there = self.ours.sections[self.ours.homes[row.ours]]
            return [
                Keeping("move kept", f"to {there.title or 'the top'}", "both sides moved this card")
            ]
        if dispute == TAKEN:
            return [
                Keeping(
                    "card kept",
                    "it was changed while it was taken off",
                    "they took off what was changed",
                )
            ]
        if dispute == GIVEN_UP:
            return [
                Keeping(
                    "removal kept back",
                    "the card was changed meanwhile",
                    "they changed what was taken off",
                )
            ]
        return []


_NOTHING = Line("")


def _span(item: Item | None) -> Span | None:
    return (item.start, item.end) if item else None


def _anew(line: Line) -> Line:
    """A line of ours for their file: it takes the ending of the lines around it."""
    return replace(line, ending=None)
