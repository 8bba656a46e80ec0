"""Names of people, as far as they can be told without a model.

Two ways, both narrow. A file of the user's own lists people, a line each. And where an e-mail address
stands, the capitalised words near it are its owner's name if the address is made of them: `Ann Lee` by
`ann.lee@`, `alee@` or `lee.ann@`, and in `Ann Lee <ann@...>` one of them is enough. Such a name is
only looked for in the row of its address. Any other name stays.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

T = TypeVar("T")

_WORD = re.compile(r"[^\W\d_]+")
_GAP = re.compile(r"[\s.'\u2019,-]{1,3}")
_RUN = re.compile(r"[^\W\d_]+(?:[ '\u2019-][^\W\d_]+)*")
_BEFORE, _AFTER = 60, 60
"""How far from an address its owner's name is looked for, in characters."""
_LONGEST, _SHORT, _TELLING = 3, 2, 3
_OPENS = re.compile(r"[\"']?\s?[<(\[]\s?(?:mailto:)?\Z")


@dataclass(frozen=True, slots=True)
class Mention(Generic[T]):
    start: int
    end: int
    whose: T


class Finder(Generic[T]):
    """Finds known names in texts. What is listed with a capital must be written with one."""

    def __init__(self, known: Mapping[str, T]) -> None:
        self._known: dict[str, list[tuple[list[str], T]]] = {}
        for name, whose in known.items():
            words = _WORD.findall(name)
            if words:
                self._known.setdefault(words[0].casefold(), []).append((words, whose))
        for several in self._known.values():
            several.sort(key=lambda entry: -len(entry[0]))

    def __bool__(self) -> bool:
        return bool(self._known)

    def mentions(self, text: str) -> Iterator[Mention[T]]:
        done = 0
        for word in _WORD.finditer(text):
            if word.start() < done:
                continue
            for words, whose in self._known.get(word[0].casefold(), ()):
                end = _end_of(words, text, word.start())
                if end:
                    done = end
                    yield Mention(word.start(), end, whose)
                    break


def names_by(text: str, start: int, end: int) -> list[str]:
    """The names near the e-mail address `text[start:end]` that it is made of, longest first."""
    local = _folded(text[start:end].rpartition("@")[0])
    before = text[max(0, start - _BEFORE) : start]
    after = text[end : end + _AFTER]
    directly = _OPENS.search(before)
    found = [name for near in (before, after) for name in _owned(near, local)]
    if directly:
        found += _directly_before(before[: directly.start()], local)
    return sorted(dict.fromkeys(found), key=len, reverse=True)


def _owned(text: str, local: str) -> Iterator[str]:
    for run in _RUN.finditer(text):
        words = list(_WORD.finditer(run[0]))[:12]
        for first, last in combinations(range(len(words)), 2):
            if last - first >= _LONGEST:
                continue
            part = words[first : last + 1]
            if all(_is_capital(word[0]) for word in part) and _is_made_of(
                local, part[0][0], part[-1][0]
            ):
                yield run[0][part[0].start() : part[-1].end()]


def _directly_before(text: str, local: str) -> Iterator[str]:
    """`Ann Lee <ann@...>`: the capitalised words that end there, if one of them is in the address."""
    runs = [run for run in _RUN.finditer(text) if run.end() == len(text)]
    words = list(_WORD.finditer(runs[-1][0]))[-_LONGEST:] if runs else []
    while words and not _is_capital(words[0][0]):
        words.pop(0)
    tokens = set(re.split(r"[^a-z]+", local))
    telling = [w for w in words if len(w[0]) >= _TELLING and _folded(w[0]) in tokens]
    if len(words) >= _SHORT and telling and all(_is_capital(word[0]) for word in words):
        at = min(words.index(telling[0]), len(words) - _SHORT)
        yield runs[-1][0][words[at].start() : words[-1].end()]


def _is_made_of(local: str, first: str, last: str) -> bool:
    one, two = _folded(first), _folded(last)
    if len(one) < _SHORT or len(two) < _SHORT:
        return False
    tokens = [token for token in re.split(r"[^a-z]+", local) if token]
    pairs = ({one, two}, {one[0], two}, {one, two[0]})
    joined = {one + two, two + one, one[0] + two, two + one[0]}
    return any(pair <= set(tokens) for pair in pairs) or not joined.isdisjoint(tokens)


def _end_of(words: list[str], text: str, at: int) -> int:
    """Where the name ends that begins at `at`; 0 where another word comes first."""
    end = at
    for i, listed in enumerate(words):
        if i:
            gap = _GAP.match(text, end)
            end = gap.end() if gap else len(text)
        word = _WORD.match(text, end)
        if word is None or word[0].casefold() != listed.casefold():
            return 0
        if _is_capital(listed) and not _is_capital(word[0]):
            return 0
        end = word.end()
    return end


def _is_capital(word: str) -> bool:
    return word[0].isupper() or word[0].istitle()


def _folded(text: str) -> str:
    """Without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
