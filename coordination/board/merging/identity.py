"""Which card of one version is which card of another.

A card is known by its block id. One without an id is known by its text, then by its first line, each
first in its own section and then anywhere; what is left is known by its words, where enough of them
are the same: a changed card among its old neighbours, or one whose rarest words are found elsewhere.
Two cards with different ids are never the same one. A guess may be wrong; a merge loses nothing by it.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from crewboard.coordination.board.merging.namesakes import Namesakes
from crewboard.coordination.board.merging.sheet import Sheet

_WORD = re.compile(r"\w+")
_WORDS = 60  # of a card, that tell it from others
_NEAR, _FAR, _NUMBERED = 0.45, 0.6, 0.8
_RARE, _RAREST = (
    4,
    3,
)  # a word that so many cards have at most is rare; so many of a card's are looked up
_SHORT, _LETTERS = (
    40,
    0.75,
)  # characters of a title that is compared by its letters, and what they weigh
_CROWD = 20  # neighbours that are compared with each other

Key = Callable[[Sheet, int, Hashable], Hashable]


@dataclass(frozen=True)
class Pairing:
    """{index before: index after}, of items and of sections."""

    items: Mapping[int, int]
    sections: Mapping[int, int]


def pair(before: Sheet, after: Sheet) -> Pairing:
    """Pair two versions of one file."""
    sections = Namesakes(before, after)
    sections.by_name()
    rooms = [sections.found.get(n, -1 - n) for n in range(len(before.sections))]
    matcher = Matcher(before, after, rooms, range(len(after.sections)))
    matcher.known()
    matcher.alike()
    sections.by_content(matcher.items)
    return Pairing(matcher.items, sections.found)


def same_ids(before: Sheet, after: Sheet) -> dict[int, int]:
    """The cards whose id stands once on each side: {index before: index after}."""
    here, there = (_lone_ids(sheet) for sheet in (before, after))
    return {n: there[name] for name, n in here.items() if name in there}


def _lone_ids(sheet: Sheet) -> dict[str, int]:
    count = Counter(item.id for item in sheet.items)
    return {item.id: n for n, item in enumerate(sheet.items) if item.id and count[item.id] == 1}


@dataclass
class Matcher:
    """Pairs the items of two sheets, surest first. `rooms` name the sections of each: those that are
    one section bear one name."""

    before: Sheet
    after: Sheet
    rooms: Sequence[Hashable]
    rooms_after: Sequence[Hashable]
    items: dict[int, int] = field(default_factory=dict)
    left: list[int] = field(init=False)
    right: list[int] = field(init=False)
    _taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.left = [*range(len(self.before.items))]
        self.right = [*range(len(self.after.items))]

    def known(self) -> None:
        """Pair by id, by text and by first line."""
        self._by_id()
        for key in (_text_and_room, _text, _title_and_room, _title):
            self._by(key)

    def added(self) -> None:
        """Pair what both sides added: by id; without one only in one section, in the same words."""
        self._by_id()
        for key in (_text_and_room, _title_and_room):
            self._by(key)

    def alike(self) -> None:
        """Pair what is left by its words."""
        if not self.left or not self.right:
            return
        words = ({n: _words(sheet, n) for n in rest} for sheet, rest in self._sides())
        here, there = words
        scores = {
            (n, m): score
            for n, m, least in (*self._neighbours(), *_rare(here, there))
            if self._may(n, m) and (score := self._likeness((n, m), here[n], there[m])) >= least
        }
        for n, m in sorted(scores, key=lambda each: (-scores[each], each)):
            if n not in self.items and m not in self._taken:
                self._take(n, m)
        self._drop()

    def _sides(self) -> tuple[tuple[Sheet, list[int]], tuple[Sheet, list[int]]]:
        return (self.before, self.left), (self.after, self.right)

    def _by_id(self) -> None:
        """Ids that stand once on each side: nearly all of them, on most boards."""
        free = set(self.left), set(self.right)
        for n, m in same_ids(self.before, self.after).items():
            if n in free[0] and m in free[1]:
                self._take(n, m)
        self._drop()
        if all(any(sheet.items[n].id for n in rest) for sheet, rest in self._sides()):
            for key in (_id_and_text, _id_and_room, _id):
                self._by(key)

    def _by(self, key: Key) -> None:
        """Pair those that bear the same key, in the order in which they stand."""
        if not self.left or not self.right:
            return
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for m in self.right:
            name = key(self.after, m, self.rooms_after[self.after.homes[m]])
            if name is not None:
                waiting[name].append(m)
        for n in self.left:
            name = key(self.before, n, self.rooms[self.before.homes[n]])
            queue = waiting.get(name) if name is not None else None
            if queue and self._may(n, queue[0]):
                self._take(n, queue.popleft())
        self._drop()

    def _may(self, n: int, m: int) -> bool:
        one, other = self.before.items[n].id, self.after.items[m].id
        return not one or not other or one == other

    def _take(self, n: int, m: int) -> None:
        self.items[n] = m
        self._taken.add(m)

    def _drop(self) -> None:
        """Forget what is paired."""
        self.left = [n for n in self.left if n not in self.items]
        self.right = [m for m in self.right if m not in self._taken]

    def _likeness(self, pair: tuple[int, int], one: frozenset[str], other: frozenset[str]) -> float:
        """The share of words that two cards have in common (Dice), or of letters in short titles."""
        if not one or not other:
            return 0.0
        score = 2 * len(one & other) / (len(one) + len(other))
        titles = self.before.items[pair[0]].title, self.after.items[pair[1]].title
        if score < _NEAR and max(map(len, titles)) <= _SHORT:
            score = SequenceMatcher(None, *titles).ratio() * _LETTERS
        return 0.0 if score < _NUMBERED and _apart(one, other) else score

    def _neighbours(self) -> Iterator[tuple[int, int, float]]:
        """What is left between the same two pairs, or beside one of them, on both sides."""
        right = set(self.right)
        for run in _runs(self.left):
            above, below = self.items.get(run[0] - 1), self.items.get(run[-1] + 1)
            near: list[int] = []
            if above is not None:
                near += _stretch(right, above, 1)
            if below is not None:
                near += _stretch(right, below, -1)
            if above is None and below is None and len(self.left) <= _CROWD:
                near = self.right[:_CROWD]
            yield from ((n, m, _NEAR) for n in run[:_CROWD] for m in near)


def _id(sheet: Sheet, item: int, _: Hashable) -> Hashable:
    return sheet.items[item].id or None


def _id_and_text(sheet: Sheet, item: int, _: Hashable) -> Hashable:
    name = sheet.items[item].id
    return (name, sheet.texts(item)) if name else None


def _id_and_room(sheet: Sheet, item: int, room: Hashable) -> Hashable:
    name = sheet.items[item].id
    return (name, room) if name else None


def _text_and_room(sheet: Sheet, item: int, room: Hashable) -> Hashable:
    return room, sheet.texts(item)


def _text(sheet: Sheet, item: int, _: Hashable) -> Hashable:
    return sheet.texts(item) if sheet.items[item].title else None


def _title_and_room(sheet: Sheet, item: int, room: Hashable) -> Hashable:
    title = sheet.items[item].title
    return (room, title.casefold()) if title else None


def _title(sheet: Sheet, item: int, _: Hashable) -> Hashable:
    return sheet.items[item].title.casefold() or None


Words = Mapping[int, frozenset[str]]


def _words(sheet: Sheet, item: int) -> frozenset[str]:
    found: list[str] = []
    for text in (sheet.items[item].title, *sheet.texts(item)[1:]):
        found += _WORD.findall(text.casefold())
        if len(found) > _WORDS:
            break
    return frozenset(found[:_WORDS])


def _apart(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two cards bear numbers, and no number that is the same: one step of a row, and the next."""
    numbers = [{word for word in each if word.isdecimal()} for each in (one, other)]
    return all(numbers) and not numbers[0] & numbers[1]


def _rare(here: Words, there: Words) -> Iterator[tuple[int, int, float]]:
    """Pairs that share a word which few others have."""
    having: dict[str, list[int]] = defaultdict(list)
    for m, words in there.items():
        for word in words:
            having[word].append(m)
    for n, words in here.items():
        shared = sorted((len(having[word]), word) for word in words if word in having)
        for count, word in shared[:_RAREST]:
            if count <= _RARE:
                yield from ((n, m, _FAR) for m in having[word])


def _runs(indices: Iterable[int]) -> Iterator[list[int]]:
    """Neighbouring indices, together."""
    run: list[int] = []
    for index in indices:
        if run and index != run[-1] + 1:
            yield run
            run = []
        run.append(index)
    if run:
        yield run


def _stretch(free: set[int], start: int, step: int) -> list[int]:
    """What lies free beside `start`, on one side of it."""
    found: list[int] = []
    at = start + step
    while at in free and len(found) < _CROWD:
        found.append(at)
        at += step
    return found
