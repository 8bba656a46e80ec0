"""Who a value belongs to: a number or a token for each, the same however often and wherever it comes.

Nothing here holds a value. A value is known by a keyed hash of its canonical spelling: under a key that
is made for the run and never leaves memory, or under the secret that makes tokens last over runs.
"""

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from crewboard.tools.scrub.spelling import canonical

Key = bytes
_TOKEN = 10
"""Letters and digits of a token, 50 bits: of a million values two share one in 1 of 2,000 runs."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a replacement is made of: `mark` names the owner, `index` counts values of one kind."""

    mark: str
    index: int


UNKNOWN = Label("0", 0)
"""For a hit that arose only when another one beside it was replaced otherwise than was foreseen."""


class Owners:
    """Learns values, then labels them: `note` and `link` all, `settle`, then ask `label`."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret
        self._salt = secret or secrets.token_bytes(32)
        self._order: dict[tuple[str, Key], None] = {}
        self._above: dict[Key, Key] = {}
        self._labels: dict[tuple[str, Key], Label] = {}

    def key(self, kind: str, value: str) -> Key:
        text = f"{kind}\0{canonical(kind, value)}".encode(errors="surrogatepass")
        return hmac.digest(self._salt, text, hashlib.sha256)[:16]

    def note(self, kind: str, key: Key) -> None:
        """A value occurs. Numbers go by the order of first occurrences."""
        self._order.setdefault((kind, key))

    def link(self, one: Key, other: Key) -> None:
        """Two values are one person's, who keeps the number of the first. Tokens are not shared: which
        values meet differs from run to run."""
        first, second = self._root(one), self._root(other)
        if first != second:
            self._above[second] = first

    def same(self, one: Key, other: Key) -> bool:
        """Whether two values are known to be one person's."""
        return self._root(one) == self._root(other)

    def settle(self, taken: "Taken") -> None:
        """Nothing more is learnt: give each value its label, none that `taken` says is in use."""
        people: dict[Key, int] = {}
        nth: Counter[tuple[Key, str]] = Counter()
        index: Counter[str] = Counter()
        for kind, key in self._order:
            root = self._root(key)
            person = people.setdefault(root, len(people) + taken.first)
            nth[root, kind] += 1
            while taken.holds(kind, index[kind]):
                index[kind] += 1
            mark = f"{person}_{nth[root, kind]}" if nth[root, kind] > 1 else str(person)
            label = Label(mark, index[kind])
            self._labels[kind, key] = label if self._secret is None else self._token(key)
            index[kind] += 1

    def label(self, kind: str, key: Key) -> Label | None:
        """None for a value that was never noted."""
        return self._labels.get((kind, key))

    def distinct(self) -> dict[str, int]:
        """Values by kind."""
        return dict(sorted(Counter(kind for kind, _ in self._order).items()))

    def people(self) -> int:
        return len({self._root(key) for _, key in self._order})

    def shared(self, room: Callable[[str], int]) -> dict[str, int]:
        """Values by kind whose label another one of the kind has too, `room` labels being all there are."""
        used = Counter(
            (kind, label.index % room(kind) if room(kind) else label.mark)
            for (kind, _), label in self._labels.items()
        )
        shared: Counter[str] = Counter()
        for (kind, _), times in used.items():
            shared[kind] += times if times > 1 else 0
        return dict(sorted((+shared).items()))

    def _token(self, key: Key) -> Label:
        digest = hmac.digest(self._salt, b"label\0" + key, hashlib.sha256)
        mark = b32encode(digest).decode().lower()[:_TOKEN]
        return Label(mark, int.from_bytes(digest[16:24], "big"))

    def _root(self, key: Key) -> Key:
        root = key
        while root in self._above:
            root = self._above[root]
        while key != root:  # so that no chain is walked twice
            self._above[key], key = root, self._above[key]
        return root


class Taken(Protocol):
    """Labels that the data bears already."""

    first: int
    """The first number that is free."""

    def holds(self, kind: str, index: int) -> bool: ...
