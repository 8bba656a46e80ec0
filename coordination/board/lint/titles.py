"""When two titles speak of the same thing, though not in the same words.

Only words of content count; what is a status ("complete"), a filler ("on") or a date does not. Titles
are near when at least three of the words of the shorter one, and four in five, stand in the other,
unless each has a number that the other lacks: "Run 3" is not "Run 4".
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_HEAD = re.compile(r"\A(.{12,}?)(?::(?=\s)|\s[\u2013\u2014-]\s|\s?\()")
_FILLERS = frozenset(
    (  # noqa: SIM905 - a list of words reads as words
        "a an and are as at be by for from in into is it its of on or the this to via was we with "
        "complete completed done finished ready ok now need needs should must new all"
    ).split()
)
_LEAST, _SHARE = 3, 0.8
_COMMON = 200
"""A word that so many titles bear tells nothing, and would make the search slow."""


@dataclass(frozen=True)
class Words:
    """A title's words of content; `head` are those before its first colon, dash or bracket."""

    whole: frozenset[str]
    head: frozenset[str]

    @classmethod
    def of(cls, title: str) -> "Words":
        begin = _HEAD.match(title)
        whole = _content(title)
        return cls(whole, _content(begin[1]) if begin else whole)


def near(one: Words, other: Words) -> bool:
    """Whether two titles mean the same thing, by their heads."""
    shared = one.head & other.head
    shorter = min(len(one.head), len(other.head))
    if len(shared) < _LEAST or len(shared) < _SHARE * shorter:
        return False
    return not (_numbers(one.head - other.head) and _numbers(other.head - one.head))


def pairs(some: Sequence[Words], others: Sequence[Words]) -> Iterator[tuple[int, int]]:
    """The pairs (index in `some`, index in `others`) of near titles, without comparing all with all."""
    where: dict[str, list[int]] = defaultdict(list)
    for index, words in enumerate(others):
        for word in words.head:
            where[word].append(index)
    for index, words in enumerate(some):
        shared = Counter(_candidates(words.head, where))
        for other in sorted(n for n, count in shared.items() if count >= _LEAST - 1):
            if near(words, others[other]):
                yield index, other


def _candidates(head: frozenset[str], where: dict[str, list[int]]) -> Iterable[int]:
    for word in head:
        found = where.get(word, ())
        if len(found) <= _COMMON:
            yield from found


def _content(text: str) -> frozenset[str]:
    return frozenset(map(_stem, _WORD.findall(text.casefold()))) - _FILLERS


def _stem(word: str) -> str:
    return (
        word[:-1]
        if len(word) > len("runs") and word.endswith("s") and not word.endswith("ss")
        else word
    )


def _numbers(words: frozenset[str]) -> bool:
    return any(word.isdigit() for word in words)
