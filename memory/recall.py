"""Recall: the bullets and paragraphs of the notes that answer a question, each with its file and line.

It goes by words and their stems (SQLite's FTS5, Porter); one passage to each side counts half, because
what a note is about often stands in the line before it. A card's id in the question puts the passages
that name the card on top, date words (`yesterday`, `last week`, `2026-11-03`) those of the days meant,
and of equals the newer comes first. With a model of word meaning on this disk (`memory.embed`) its
likeness counts for a quarter.

Not promised: meaning without such a model. It finds words and their stems, not synonyms; `Coverage`
says so, and how many files it has seen.
"""

import math
import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from crewboard.clock import Clock, SystemClock
from crewboard.memory.days import Days, asked
from crewboard.memory.index import Index, sql

_TERM = re.compile(r"\w+")
_CARD = re.compile(r"\b[tdg][0-9a-hjkmnp-tv-z]{4,5}\b")
_HALF_LIFE = 30  # days after which the bonus for being recent has halved
_RECENT = 0.1  # that bonus for a note of the newest day
_NAMED = 5.0  # times the score, and one more, for a passage that names the card asked for
_MEANT = 4.0  # times the score for a passage of the days asked for
_LIKENESS = 0.25  # the model's part in the score; more made it worse
_CANDIDATES = 4
_FEWEST = 40
_AT_ONCE = 256  # passages that one search reads for the first time with the model


class Embedder(Protocol):
    """A model of meaning. `name` changes whenever its vectors would."""

    name: str

    def embed(self, texts: Sequence[str]) -> Any:
        """One unit vector a text: a float32 array of shape (texts, width)."""
        ...


@dataclass(frozen=True)
class Hit:
    """A passage that answers.

    `line` counts from 1, `day` is empty in files that bear no date, a higher `score` is better and
    means nothing else.
    """

    path: Path
    line: int
    text: str
    day: str
    score: float


@dataclass(frozen=True)
class Coverage:
    """What a search looked at: `indexed` of `files`, and `embedded` of `passages` where a model is.
    `unread` are the files that could not be read, with the reason."""

    files: int
    indexed: int
    passages: int
    embedded: int
    model: str = ""
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def warning(self) -> str:
        """What whoever reads the hits must know; "" when all was searched with everything there is."""
        found = [f"{self.indexed:,} of {self.files:,} files indexed"] if not self.whole else []
        found += [f"{name} cannot be read: {why}" for name, why in self.unread]
        if not self.model:
            found.insert(
                0, "keyword-only: no model is set under [recall], so synonyms are not found"
            )
        elif self.embedded < self.passages:
            found.append(
                f"{self.embedded:,} of {self.passages:,} passages read with the model so far"
            )
        return "; ".join(found)

    @property
    def whole(self) -> bool:
        return self.indexed == self.files > 0


@dataclass
class _Found:
    """A candidate on its way: its words' score, and what the model adds."""

    path: str
    line: int
    day: str
    text: str
    digest: str
    score: float


class Recall:
    """The Markdown files of `folder`, and those `beside` it, searched through the index file `index`."""

    def __init__(
        self,
        folder: Path,
        index: Path,
        *,
        beside: Sequence[Path] = (),
        embedder: Embedder | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.folder = folder
        self.index = index
        self._index = Index(folder, index, beside)
        self._embedder = embedder
        self._clock: Clock = clock or SystemClock()

    def search(self, query: str, limit: int = 10) -> tuple[Hit, ...]:
        """Find the passages that answer `query`, best first; it has no operators, and quotes nothing.

        RecallUnavailable without FTS5, PageBusy when another process keeps the index locked.
        """
        question = asked(query, self._clock.now().date())
        terms = _TERM.findall(question.words)
        if not terms and question.days is None:
            return ()
        return self._index.used(lambda index: self._find(index, terms, question.days, limit))

    def coverage(self) -> Coverage:
        """Bring the index up to date, and say what is in it."""
        return self._index.used(self._coverage)

    def files(self) -> int:
        """Bring the index up to date, and count the files in it."""
        return self.coverage().indexed

    def embed(self, tell: Callable[[int], None] = lambda _: None) -> int:
        """Read every passage with the model that was not yet; how many. `tell` hears of each batch."""
        done = 0
        while new := self._index.used(lambda index: self._embed(index, _AT_ONCE)):
            done += new
            tell(done)
        return done

    def _coverage(self, index: sqlite3.Connection) -> Coverage:
        name = self._embedder.name if self._embedder else ""
        return Coverage(
            files=len(self._index.files()),
            indexed=len(index.execute(sql("known")).fetchall()),
            passages=index.execute(sql("count_passages")).fetchone()[0],
            embedded=index.execute(sql("count_vectors"), (name,)).fetchone()[0],
            model=name,
            unread=tuple(sorted(self._index.unread.items())),
        )

    def _find(
        self, index: sqlite3.Connection, terms: list[str], days: Days | None, limit: int
    ) -> tuple[Hit, ...]:
        most = max(_FEWEST, limit * _CANDIDATES)
        cards = sorted(
            {term.lower() for term in terms} & set(_CARD.findall(" ".join(terms).lower()))
        )
        named, found = _by_cards(index, cards, terms, most), _by_words(index, terms, days, most)
        found |= named
        best = max((each.score for each in found.values()), default=0.0) or 1.0
        for each in found.values():
            each.score /= best
        if self._embedder is not None and terms:
            self._blend(index, " ".join(terms), found, most)
        newest = index.execute(sql("newest_day")).fetchone()[0] or ""
        for number, each in found.items():
            each.score = max(each.score, 0.01) * _freshness(each.day, newest)
            each.score = (1 + each.score) * _NAMED if number in named else each.score
            each.score *= _MEANT if days is not None and each.day in days else 1.0
        ranked = sorted(found.values(), key=lambda each: -each.score)[:limit]
        files = self._index.files()
        return tuple(Hit(files[each.path], each.line, each.text, each.day, each.score)
                     for each in ranked if each.path in files)  # fmt: skip

    def _blend(
        self, index: sqlite3.Connection, query: str, found: dict[int, _Found], most: int
    ) -> None:
        """Mix the model's likeness into the scores, and take in what only the model finds. A passage
        that it has not read yet keeps the score of its words."""
        from crewboard.memory.vectors import nearest

        self._embed(index, _AT_ONCE)
        assert self._embedder is not None  # noqa: S101 - the caller looked
        likeness = nearest(index, self._embedder, query)
        for digest in sorted(likeness, key=lambda each: -likeness[each])[:most]:
            for number, each in _rows(index, "by_digest", digest):
                found.setdefault(number, each)
        for each in found.values():
            if each.digest in likeness:
                each.score += _LIKENESS * (max(0.0, likeness[each.digest]) - each.score)

    def _embed(self, index: sqlite3.Connection, most: int) -> int:
        from crewboard.memory.vectors import learn

        return learn(index, self._embedder, most) if self._embedder else 0


def _by_words(
    index: sqlite3.Connection, terms: list[str], days: Days | None, most: int
) -> dict[int, _Found]:
    match = _either(terms)
    found = dict(_rows(index, "search", match, most)) if match else {}
    if days is None:
        return found
    span = (days.first.isoformat(), days.last.isoformat())
    within = ("search_days", match, *span, most) if match else ("of_days", *span, most)
    return {**found, **dict(_rows(index, *within))}


def _by_cards(
    index: sqlite3.Connection, cards: list[str], terms: list[str], most: int
) -> dict[int, _Found]:
    if not cards:
        return {}
    match = f"(ids : ({_either(cards)})) AND ({_either(terms)})"
    return dict(_rows(index, "search", match, most))


def _either(terms: list[str]) -> str:
    """Any of the terms, quoted: none of them is an operator."""
    return " OR ".join(f'"{term}"' for term in terms)


def _rows(index: sqlite3.Connection, name: str, *values: object) -> list[tuple[int, _Found]]:
    return [(number, _Found(*rest)) for number, *rest in index.execute(sql(name), values)]


def _freshness(day: str, newest: str) -> float:
    try:
        age = (date.fromisoformat(newest) - date.fromisoformat(day)).days
    except ValueError:  # a file without a date, or "October 32"
        return 1.0
    return 1 + _RECENT * math.exp2(-age / _HALF_LIFE)
