"""B1: cards that contradict each other, themselves, or their place; and what stands there twice."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from crewboard.coordination.board.card import Column
from crewboard.coordination.board.lint.rule import Page, Rule, Severity, Spot
from crewboard.coordination.board.lint.titles import Words, pairs
from crewboard.coordination.board.outline import Item, Lane, Outline

_OPEN = (Column.BACKLOG, Column.IN_PROGRESS, Column.BLOCKED)
_ENDED = (Column.DONE, Column.DECIDED)
_SHOWN = 60
_TICK = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[xX]\]|[✅☑✔])")
_BOX = re.compile(r"(\s*)(?:[-*+]|\d{1,9}[.)])\s+\[([ xX])\]\s")
_AHEAD = re.compile(r"\b(next steps?|upcoming|planned|future|still to come|later)\b", re.IGNORECASE)
_PERFECT = re.compile(
    r"(?<![\d.,])100\s?%(?=[\s*)]*(?:pass|valid|clean|complet|success|correct|ok\b))"
    r"|\b(?:no|zero|0) (?:critical |blocking |open )?(?:issues?|failures?|errors?|blockers?)\b",
    re.IGNORECASE,
)
_FAULTS = re.compile(
    r"\bPII\b[^\n]*?(?<![\w.])(\d[\d,]*)|(?<![\w.%])(\d[\d,]*) "
    r"(?:PII|failures?|errors?|violations?|leaks?|duplicates?)\b",
    re.IGNORECASE,
)
_WARNED = re.compile(r"[⚠❌🚨]|\bknown issues?\b|\bdetected\b|\bviolations?\b", re.IGNORECASE)


def done_and_open(page: Page) -> Iterator[Spot]:
    for name, items in page.outline.by_id().items():
        ended = [each for each in items if page.columns[each.start] in _ENDED]
        still = [each for each in items if page.columns[each.start] in _OPEN]
        for each in still if ended else ():
            says = f"^{name} is in {page.lane_of(each)}, and done in line {ended[0].start + 1}"
            yield Spot(each.start, says, name)


def near_done_and_open(page: Page) -> Iterator[Spot]:
    """Cards with different ids are different cards, whatever they are called."""
    done, still = list(page.within(*_ENDED)), list(page.within(*_OPEN))
    same: dict[int, list[Item]] = defaultdict(list)
    for at, other in pairs(_words(still), _words(done)):
        if not (still[at].id and done[other].id):
            same[at].append(done[other])
    for at, found in same.items():
        named = " and ".join(f"{_short(each)} (line {each.start + 1})" for each in found[:3])
        be = "are" if len(found) > 1 else "is"
        says = f"{_short(still[at])} is in {page.lane_of(still[at])}, while {named} {be} done"
        yield Spot(still[at].start, says, still[at].id)


def one_id_twice(page: Page) -> Iterator[Spot]:
    for name, items in page.outline.by_id().items():
        for each in items[1:] if name else ():
            says = f"^{name} is the id of the card in line {items[0].start + 1} too"
            yield Spot(each.start, says, name)


def same_card_twice(page: Page) -> Iterator[Spot]:
    """Over all of the crew's columns; in a section of people's own, within its group only."""
    seen: dict[tuple[str, ...], Item] = {}
    for item in page.items:
        apart = () if page.in_section(item) else (str(item.lane), item.group)
        key = (" ".join(item.title.casefold().split()), item.id, *apart)
        first = seen.setdefault(key, item)
        both = {page.columns[first.start], page.columns[item.start]}
        if first is not item and key[0] and not (both & {*_ENDED} and both & {*_OPEN}):
            says = f"{_short(item)} stands in line {first.start + 1} already"
            yield Spot(item.start, says, item.id)


def twins(outline: Outline) -> list[Item]:
    """Cards that stand in their lane already, byte for byte: taking them out loses nothing."""
    seen: set[tuple[int, str, tuple[str, ...]]] = set()
    found = []
    for item in outline.items:
        key = (item.lane, item.group, outline.text(item))
        if key in seen and not item.row:
            found.append(item)
        seen.add(key)
    return found


def one_heading_twice(page: Page) -> Iterator[Spot]:
    seen: dict[object, Lane] = {}
    for lane in page.outline.lanes:
        key = lane.place or lane.title.casefold()
        first = seen.setdefault(key, lane)
        if first is not lane and lane.title:
            says = f"the lane «{lane.title}» begins in line {first.start + 1} already"
            yield Spot(lane.start, says)


def ticks_against_ticks(page: Page) -> Iterator[Spot]:
    """A box above its own boxes: open though all of them are ticked, or ticked though one is open."""
    for item in page.items:
        own = _BOX.match(page.lines[item.start])
        below = [found[2] for found in map(_BOX.match, page.texts(item)[1:]) if found]
        if not own or not below or item.id:
            continue
        left = below.count(" ")
        if own[2] == " " and not left:
            yield Spot(
                item.start, f"{_short(item)} is open, though all {len(below)} below are done"
            )
        elif own[2] != " " and left:
            yield Spot(item.start, f"{_short(item)} is ticked, though {left} below are open")


def ticks_against_lane(page: Page) -> Iterator[Spot]:
    for item in page.items:
        column = page.columns[item.start] if page.in_section(item) else None
        if column in _ENDED and item.box == " ":
            yield Spot(item.start, f"{_short(item)} stands as done, its box is open", item.id)
        elif column in _OPEN and not item.group and _TICK.match(page.lines[item.start]):
            says = f"{_short(item)} is ticked, and stands in {page.lane_of(item)}"
            yield Spot(item.start, says, item.id)


def ticked_ahead(page: Page) -> Iterator[Spot]:
    for item in page.items:
        above = (page.lane_of(item), item.group)
        ahead = next((title for title in above if _AHEAD.search(title)), None)
        if ahead and _TICK.match(page.lines[item.start]):
            says = f"{_short(item)} is ticked under «{ahead}», where it is still to come"
            yield Spot(item.start, says, item.id)


def perfect_beside_faults(page: Page) -> Iterator[Spot]:
    """A clean bill in a document that counts faults itself (2,723 addresses, "no critical issues")."""
    faults = [(at, text) for at, text in page.shown if _WARNED.search(text) and _counted(text)]
    if not faults:
        return
    at_fault, fault = faults[0]
    for at, text in page.shown:
        claim = _PERFECT.search(text)
        if claim and at not in dict(faults):
            says = f"«{_cut(text)}», but line {at_fault + 1} says «{_cut(fault)}»"
            yield Spot(at, says)


def _counted(text: str) -> int:
    """The largest number of faults that a line tells; none for "0 errors"."""
    numbers = ((found[1] or found[2]).replace(",", "") for found in _FAULTS.finditer(text))
    return max(map(int, numbers), default=0)


def _words(items: Iterable[Item]) -> list[Words]:
    return [Words.of(item.title) for item in items]


def _short(item: Item) -> str:
    return f"«{_cut(item.title)}»"


def _cut(text: str) -> str:
    plain = " ".join(text.strip(" \t-*+").split())
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"


_KEEP_ONE = "Keep the one that is right, and move what is written beneath the other there."
RULES = (
    Rule("B101", Severity.ERROR, "one card is done and open at once", _KEEP_ONE, done_and_open),
    Rule(
        "B102",
        Severity.WARNING,
        "a card is open while another of nearly the same words is done",
        "Close the open one, or say in its title what is still to do.",
        near_done_and_open,
    ),
    Rule(
        "B103",
        Severity.ERROR,
        "two cards bear one id",
        "Take the id off the one that was copied; a crew finds only one of them.",
        one_id_twice,
    ),
    Rule(
        "B104",
        Severity.WARNING,
        "a card stands there twice",
        _KEEP_ONE,
        same_card_twice,
        "the later of two cards that are the same byte for byte, in the same lane, goes",
    ),
    Rule(
        "B105",
        Severity.WARNING,
        "a lane stands there twice",
        "Put the cards under one heading; new ones go to the first.",
        one_heading_twice,
    ),
    Rule(
        "B106",
        Severity.WARNING,
        "a box disagrees with the boxes below it",
        "Tick it, or open what is not done.",
        ticks_against_ticks,
    ),
    Rule(
        "B107",
        Severity.WARNING,
        "a box disagrees with its lane",
        "The lane is what counts: move the card, or change the box.",
        ticks_against_lane,
    ),
    Rule(
        "B108",
        Severity.ERROR,
        "what is still to come is ticked",
        "Take the tick away until there is something to show for it.",
        ticked_ahead,
    ),
    Rule(
        "B109",
        Severity.WARNING,
        "a clean bill stands beside counted faults",
        "Say what was measured, and what was not; a claim and a count cannot both be right.",
        perfect_beside_faults,
    ),
)
