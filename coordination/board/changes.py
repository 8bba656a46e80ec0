"""What somebody did to a board, from the two versions of it: one change for each thing done.

A card is the same card wherever it went and however it was worded (`identity`). The notes that a merge
leaves beneath a card are nobody's doing, and are not told.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from crewboard.coordination.board.card import Column
from crewboard.coordination.board.firstline import read
from crewboard.coordination.board.merging.align import Pairs, align, rising
from crewboard.coordination.board.merging.identity import pair
from crewboard.coordination.board.merging.keeping import is_note
from crewboard.coordination.board.merging.sheet import Section, Sheet, Sort
from crewboard.coordination.board.outline import Item, Known, words_of

_BOX = re.compile(r"((?:[-*+]|\d{1,9}[.)])[ \t]+\[)[^\r\n](\](?:[ \t]|\Z))")
_TICKS = frozenset("xX")


class Did(Enum):
    """What was done, named as the ledger's events are."""

    ADDED = "card.added"
    MOVED = "card.moved"
    RETITLED = "card.retitled"
    TICKED = "card.ticked"
    UNTICKED = "card.unticked"
    NOTED = "card.noted"
    EDITED = "card.edited"
    REMOVED = "card.removed"
    REORDERED = "card.reordered"
    LANE_ADDED = "lane.added"
    LANE_REMOVED = "lane.removed"
    TEXT = "board.text"


@dataclass(frozen=True)
class Change:
    """`title`, `lane` and `column` are those of the version after; of a card that is gone, the last.

    `was` is the title, lane or text before, and `now` the text after. TICKED and UNTICKED name what
    bears the box in `now`: a line beneath the card, or the card's own title. `line` counts from 1 in
    the version after: the line that was written or ticked beneath a card, else the card's first.
    """

    did: Did
    card: str
    title: str
    lane: str
    column: Column | None
    was: str = ""
    now: str = ""
    line: int = 0


def changes(before: bytes, after: bytes) -> tuple[Change, ...]:
    """Everything that was done between two versions, in the order of the file."""
    if before == after:
        return ()
    known = Known()
    found = _Finder(Sheet.of(before, known), Sheet.of(after, known)).found()
    return tuple(change for _, change in sorted(found, key=lambda each: each[0]))


Placed = tuple[float, Change]
"""A change, and the line after which it is told."""


class _Finder:
    def __init__(self, before: Sheet, after: Sheet) -> None:
        self.before = before
        self.after = after
        pairing = pair(before, after)
        self.items, self.sections = pairing.items, pairing.sections
        self.origins = {m: n for n, m in self.items.items()}

    def found(self) -> Iterator[Placed]:
        reordered = self._reordered()
        for m, item in enumerate(self.after.items):
            n = self.origins.get(m)
            if n is None:
                text = "\n".join(self.after.texts(m))
                yield item.start, self._told(Did.ADDED, item, now=text)
            else:
                moves = self._moved(n, m, reordered=m in reordered)
                yield from ((item.start, change) for change in moves)
                if self.before.block(n) != self.after.block(m):
                    yield from self._edited(n, m)
        yield from self._removed()
        yield from self._lanes()
        yield from self._texts()

    def _told(self, did: Did, item: Item, was: str = "", now: str = "", at: int = 0) -> Change:
        outline = self.after.outline
        return Change(
            did, item.id, item.title, outline.lane_title(item), outline.column(item),
            was, now, item.start + at + 1,
        )  # fmt: skip

    # ── where cards stand ──────────────────────────────────────────────────────────────────────

    def _moved(self, n: int, m: int, *, reordered: bool) -> Iterator[Change]:
        old, new = self.before.items[n], self.after.items[m]
        homes = self.before.homes[n], self.after.homes[m]
        lanes = self.before.sections[homes[0]].lane, self.after.sections[homes[1]].lane
        columns = self._column(self.before, old), self._column(self.after, new)
        if self.sections.get(lanes[0]) != lanes[1] or columns[0] is not columns[1]:
            yield self._told(Did.MOVED, new, was=self.before.outline.lane_title(old))
        elif self.sections.get(homes[0]) != homes[1]:
            yield self._told(Did.REORDERED, new, was=old.group, now=new.group)
        elif reordered:
            yield self._told(Did.REORDERED, new)

    def _column(self, sheet: Sheet, item: Item) -> Column | None:
        place = sheet.outline.lanes[item.lane].place if item.lane >= 0 else None
        return place.column if place else None

    def _reordered(self) -> set[int]:
        stayed: dict[int, list[int]] = {}
        for n, m in sorted(self.items.items()):
            home = self.after.homes[m]
            if self.sections.get(self.before.homes[n]) == home:
                stayed.setdefault(home, []).append(m)
        found: set[int] = set()
        for places in stayed.values():
            found |= {*places} - {places[k] for k in rising(places)}
        return found

    def _removed(self) -> Iterator[Placed]:
        at = -1.0
        for n, item in enumerate(self.before.items):
            m = self.items.get(n)
            if m is not None:
                at = self.after.items[m].start
                continue
            outline = self.before.outline
            yield at + 0.5, Change(
                Did.REMOVED, item.id, item.title, outline.lane_title(item),
                outline.column(item), was="\n".join(self.before.texts(n)),
            )  # fmt: skip

    # ── what cards say ─────────────────────────────────────────────────────────────────────────

    def _edited(self, n: int, m: int) -> Iterator[Placed]:
        item = self.after.items[m]
        old, new = self.before.texts(n), self.after.texts(m)
        for change in (*self._first(n, m), *self._beneath(item, old[1:], new[1:])):
            yield item.start, change

    def _first(self, n: int, m: int) -> Iterator[Change]:
        old, new = self.before.items[n], self.after.items[m]
        texts = self.before.texts(n)[0], self.after.texts(m)[0]
        if old.title != new.title:
            yield self._told(Did.RETITLED, new, was=old.title, now=new.title)
        if did := _ticked(old.box, new.box):
            yield self._told(did, new, now=new.title)
        elif old.box != new.box or _rest(texts[0], old) != _rest(texts[1], new):
            yield self._told(Did.EDITED, new, *texts)

    def _beneath(self, item: Item, old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
        pairs = align([*map(_unboxed, old)], [*map(_unboxed, new)])
        for n, m in pairs:
            if old[n] == new[m]:
                continue
            text = read(new[m].lstrip(" \t"))
            did = _ticked(read(old[n].lstrip(" \t")).box, text.box)
            if did:
                yield self._told(did, item, now=text.words.strip(), at=m + 1)
            else:
                yield self._told(Did.EDITED, item, old[n].strip(), new[m].strip())
        for was, now, at in _hunks(pairs, old, new):
            if was:
                yield self._told(Did.EDITED, item, "\n".join(was), "\n".join(now))
            elif now:
                yield self._told(Did.NOTED, item, now="\n".join(now), at=at + 1)

    # ── lanes and free text ────────────────────────────────────────────────────────────────────

    def _lanes(self) -> Iterator[Placed]:
        """Sections under a heading, groups among them; one that was renamed is a change of text."""
        back = {m: n for n, m in self.sections.items()}
        at = -1.0
        for n, section in enumerate(self.before.sections):
            m = self.sections.get(n)
            if m is not None:
                at = max(self.after.sections[m].heading, at)
            elif _headed(section):
                change = self._of_lane(Did.LANE_REMOVED, self.before, section)
                yield at + 0.25, replace(change, was=self.before.lines[section.heading].text)
        for m, section in enumerate(self.after.sections):
            if not _headed(section):
                continue
            line = self.after.lines[section.heading]
            change = replace(self._of_lane(Did.LANE_ADDED, self.after, section), now=line.text)
            if m not in back:
                yield section.heading, replace(change, line=section.heading + 1)
            elif (
                was := self.before.lines[self.before.sections[back[m]].heading].text
            ) != line.text:
                told = replace(change, did=Did.TEXT, was=was, line=section.heading + 1)
                yield section.heading, told

    def _of_lane(self, did: Did, sheet: Sheet, section: Section) -> Change:
        title = words_of(sheet.lines[section.heading])
        lane = sheet.heading(section.lane)
        place = next((x.place for x in sheet.outline.lanes if x.start == section.heading), None)
        return Change(
            did, "", title, words_of(lane) if lane else "", place.column if place else None
        )

    def _texts(self) -> Iterator[Placed]:
        back = {m: n for n, m in self.sections.items()}
        for m, section in enumerate(self.after.sections):
            n = back.get(m)
            yield from self._text(None if n is None else self.before.sections[n], section)
        for n, section in enumerate(self.before.sections):
            if n not in self.sections and (gone := _free(self.before, section)[0]):
                change = self._of_text(self.before, section)
                yield float("inf"), replace(change, was="\n".join(gone), line=0)

    def _text(self, old: Section | None, new: Section) -> Iterator[Placed]:
        before = _free(self.before, old)[0] if old else []
        after, places = _free(self.after, new)
        if before == after:
            return
        for was, now, at in _hunks(align(before, after), before, after):
            line = places[min(at, len(places) - 1)] if places else max(new.heading, 0)
            change = self._of_text(self.after, new)
            told = replace(change, was="\n".join(was), now="\n".join(now), line=line + 1)
            yield line, told

    def _of_text(self, sheet: Sheet, section: Section) -> Change:
        lane = sheet.heading(section.lane)
        return Change(Did.TEXT, "", "", words_of(lane) if lane else "", None)


def _headed(section: Section) -> bool:
    return section.sort in {Sort.LANE, Sort.GROUP}


def _free(sheet: Sheet, section: Section) -> tuple[list[str], list[int]]:
    """A section's free text, and the lines where it stands; blank lines tell nothing."""
    parts = [part for part in sheet.free(section) if part.text and not is_note(part.text)]
    return [part.text for part in parts], [part.start for part in parts]


def _hunks(
    pairs: Pairs, old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[list[str], list[str], int]]:
    """What stands only before, what stands only after, and where that begins."""
    last = (-1, -1)
    for n, m in [*pairs, (len(old), len(new))]:
        was, now = _said(old[last[0] + 1 : n]), _said(new[last[1] + 1 : m])
        if was or now:
            first = next((k for k in range(last[1] + 1, m) if _said([new[k]])), last[1] + 1)
            yield was, now, first
        last = n, m


def _said(texts: Iterable[str]) -> list[str]:
    return [text.strip() for text in texts if text.strip() and not is_note(text)]


def _unboxed(text: str) -> str:
    return _BOX.sub(r"\1 \2", text, count=1) if "[" in text else text


def _rest(text: str, item: Item) -> str:
    """A first line without what is told apart: its title and its box."""
    return _unboxed(text).replace(item.title, "", 1)


def _ticked(old: str | None, new: str | None) -> Did | None:
    was, now = old in _TICKS, new in _TICKS
    if was is now or new is None:
        return None
    return Did.TICKED if now else Did.UNTICKED
