"""What is seen in a row: each value that has to go, with its place to the character, and what stays."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from crewboard.tools.pii import REAL, Found, Screen, pii_in
from crewboard.tools.pii.find import RECOGNISERS
from crewboard.tools.pii.screen import ESCAPED, PATTERNS
from crewboard.tools.scrub.code import Span, code_in, is_within
from crewboard.tools.scrub.leaves import Leaf, Place, leaves_of, place_of, texts_in
from crewboard.tools.scrub.names import Finder, names_by
from crewboard.tools.scrub.owners import Key, Owners
from crewboard.tools.scrub.people import NAME, People
from crewboard.tools.scrub.spelling import family

_ESCAPED = re.compile(ESCAPED)
_MANY = 20
"""Hits of a kind in one text that are compared with those of another."""
_CARD_DIGITS = 13
_NEAR = 200
"""Characters between an address and a number of one person."""
_OF_REAL = {str(kind) for kind in REAL} | {"ip"}


@dataclass(frozen=True)
class Wanted:
    """`kinds` are names of recognisers, and `name`."""

    kinds: tuple[str, ...]
    in_code: bool = False
    placeholders: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """`text[start:end]` of one leaf. `key` is set for a name, whose owner is known otherwise."""

    kind: str
    start: int
    end: int
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A value to replace: `original` of a leaf, from `start` to `end` in the line."""

    kind: str
    key: Key
    original: str
    leaf: Leaf
    start: int
    end: int


@dataclass
class Look:
    """One row: what has to go in the order of the line, what of it stays and where, which values are
    one person's, and the placeholders that it bears."""

    found: list[Sighting] = field(default_factory=list)
    left: Counter[tuple[Place, str]] = field(default_factory=Counter)
    links: list[tuple[Key, Key]] = field(default_factory=list)
    placeholders: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class _Seen:
    """A leaf, what has to go in it, and the code in it as soon as somebody has looked."""

    leaf: Leaf
    hits: list[Hit] = field(default_factory=list)
    spared: list[Span] | None = None


class Eye:
    def __init__(self, wanted: Wanted, owners: Owners, people: People) -> None:
        self._wanted, self._owners, self._people = wanted, owners, people
        self._kinds = tuple(kind for kind in RECOGNISERS if kind in wanted.kinds)
        self._screen = (
            Screen({kind: PATTERNS[kind] for kind in self._kinds}) if self._kinds else None
        )

    def suspects(self, raw: bytes, row: dict[str, Any]) -> tuple[str, ...] | None:
        """The recognisers that may find something in a line; None where nothing can be found at all."""
        text = b""
        if _ESCAPED.search(raw):
            text = "\0".join(leaf.text for leaf in leaves_of(raw.decode(), row)).encode()
        found = self._screen.suspects(raw, text) if self._screen else ()
        return found if found or self._people.occur_in(row) else None

    def look(self, text: str, row: dict[str, Any], only: Sequence[str] | None = None) -> Look:
        """See a line of JSON and its value. `only` names the recognisers to ask; all by default."""
        look, kinds = Look(), self._kinds if only is None else only
        seen = [
            self._seen(leaf, kinds, look) for leaf in leaves_of(text, row) if _is_worth_it(leaf)
        ]
        if NAME in self._wanted.kinds:
            self._name(seen, look)
        for each in seen:
            look.found += [self._sighting(hit, each.leaf) for hit in joined(each.hits)]
        return look

    def _seen(self, leaf: Leaf, kinds: Iterable[str], look: Look) -> "_Seen":
        seen = _Seen(leaf)
        for found in pii_in(leaf.text, ("card",) if leaf.is_number else kinds):
            kind = family(found.kind)
            if self._must_go(found):
                self._sort(Hit(kind, found.start, found.end), seen, look)
            else:
                look.placeholders.append((kind, leaf.text[found.start : found.end]))
        return seen

    def _sort(self, hit: Hit, seen: "_Seen", look: Look) -> None:
        """Among what has to go, or what is left for where it stands."""
        if seen.leaf.place is Place.STRUCTURE:
            look.left[Place.STRUCTURE, hit.kind] += 1
            return
        if seen.spared is None:
            seen.spared = self._spared(seen.leaf.text, seen.leaf.place)
        if is_within(hit.start, hit.end, seen.spared):
            look.left[Place.CODE, hit.kind] += 1
        else:
            seen.hits.append(hit)

    def remaining(self, row: dict[str, Any]) -> Counter[str]:
        """What a reader of the parsed row would still find of what had to go, by kind: the way of an
        audit, which shares with `look` the recognisers alone. Names are not looked for."""
        found: Counter[str] = Counter()
        for path, depth, text in texts_in(row):
            hits = [hit for hit in pii_in(text, self._kinds) if self._must_go(hit)]
            place = place_of(path, row, depth) if hits else Place.STRUCTURE
            if place is Place.STRUCTURE:
                continue
            spans = self._spared(text, place)
            found.update(family(h.kind) for h in hits if not is_within(h.start, h.end, spans))
        return found

    def _must_go(self, found: Found) -> bool:
        return found.kind in _OF_REAL or self._wanted.placeholders

    def _spared(self, text: str, place: Place) -> list[Span]:
        """The code in a text, unless it is to be scrubbed as well."""
        if self._wanted.in_code:
            return []
        return [(0, len(text))] if place is Place.CODE else code_in(text)

    def _name(self, several: list["_Seen"], look: Look) -> None:
        """Add the names: of people that the user lists, and of the owners of addresses in this row."""
        here: dict[str, Key] = {}
        for seen in several:
            for hit in seen.hits:
                if hit.kind == "email":
                    key = self._key(hit, seen.leaf)
                    for name in names_by(seen.leaf.text, hit.start, hit.end):
                        here.setdefault(name, key)
        for finder in (self._people.finder, Finder(here)):
            for seen in several if finder else ():
                for found in finder.mentions(seen.leaf.text):
                    self._sort(Hit(NAME, found.start, found.end, found.whose), seen, look)
        for seen in several:
            look.links += self._links(seen)

    def _links(self, seen: "_Seen") -> Iterator[tuple[Key, Key]]:
        """One address, one number near it and the owner by name in one text: they are one person's."""
        emails = [hit for hit in seen.hits if hit.kind == "email"]
        phones = [hit for hit in seen.hits if hit.kind == "phone"]
        of_email = {self._key(hit, seen.leaf) for hit in emails}
        of_phone = {self._key(hit, seen.leaf) for hit in phones}
        if len(of_email) != 1 or len(of_phone) != 1:
            return
        (email,), (phone,) = of_email, of_phone
        pairs = product(emails[:_MANY], phones[:_MANY])
        near = any(abs(one.start - two.start) <= _NEAR for one, two in pairs)
        if near and any(hit.key and self._owners.same(email, hit.key) for hit in seen.hits):
            yield email, phone

    def _key(self, hit: Hit, leaf: Leaf) -> Key:
        return hit.key or self._owners.key(hit.kind, leaf.text[hit.start : hit.end])

    def _sighting(self, hit: Hit, leaf: Leaf) -> Sighting:
        original = leaf.text[hit.start : hit.end]
        start, end = leaf.at(hit.start), leaf.at(hit.end)
        return Sighting(hit.kind, self._key(hit, leaf), original, leaf, start, end)


def joined(hits: list[Hit]) -> list[Hit]:
    """The same hits, those that overlap as one of the longest's kind: in order, none over another."""
    merged: list[Hit] = []
    longest = 0
    for hit in sorted(hits, key=lambda each: (each.start, -each.end)):
        if not merged or hit.start >= merged[-1].end:
            merged.append(hit)
            longest = hit.end - hit.start
            continue
        last = merged[-1]
        if hit.end - hit.start > longest:
            longest = hit.end - hit.start
            last = replace(last, kind=hit.kind, key=hit.key)
        if hit.end > last.end:
            last = replace(last, end=hit.end, key=None)
        merged[-1] = last
    return merged


def _is_worth_it(leaf: Leaf) -> bool:
    return not leaf.is_number or len(leaf.text) >= _CARD_DIGITS
