"""How long rows are: words and characters, and tokens where a tokenizer is given."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from crewboard.errors import ExtraMissing, InputUnreadable
from crewboard.tools.audit.book import Book
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.rules import OVER_LIMIT, OVER_LONG
from crewboard.tools.audit.sight import Sight

_BATCH = 256
_PER_TOKEN = 4


class Histogram:
    """Counts in buckets that double: bucket n holds 2**(n-1) to 2**n - 1, bucket 0 only zeros."""

    def __init__(self) -> None:
        self.buckets = [0] * 65
        self.total, self.most, self.rows = 0, 0, 0

    def add(self, size: int) -> None:
        self.buckets[size.bit_length()] += 1
        self.total += size
        self.rows += 1
        if size > self.most:  # noqa: PLR1730 - called for every row
            self.most = size

    def state(self) -> Any:
        return [self.buckets, self.total, self.most, self.rows]

    def absorb(self, state: Any) -> None:
        buckets, total, most, rows = state
        self.buckets = [mine + more for mine, more in zip(self.buckets, buckets, strict=True)]
        self.total, self.rows, self.most = (
            self.total + total,
            self.rows + rows,
            max(self.most, most),
        )

    def told(self) -> dict[str, Any]:
        """A bucket counts rows of `from` to just under `below`."""
        buckets = [
            {"from": 1 << size - 1 if size else 0, "below": 1 << size, "rows": rows}
            for size, rows in enumerate(self.buckets)
            if rows
        ]
        mean = round(self.total / self.rows, 3) if self.rows else 0.0
        return {"max": self.most, "mean": mean, "buckets": buckets}


class Lengths:
    name = "lengths"

    def __init__(self, config: AuditConfig, tokenizer: str | None) -> None:
        self._max_words, self._limit = config.max_words, config.model_limit
        self.words, self.characters, self.tokens = Histogram(), Histogram(), Histogram()
        self._tokens_of = _tokenizer(tokenizer) if tokenizer else None
        self._waiting: list[tuple[int, int, str]] = []
        self._book: Book | None = None

    def look(self, sight: Sight, book: Book) -> None:
        words = sight.words
        self.words.add(words)
        characters = sum(map(len, sight.texts))
        self.characters.add(characters)
        if words > self._max_words:
            book.note(OVER_LONG, sight.number, sight.offset, f"{words} words")
        self._book = book
        if self._tokens_of is not None:
            self._waiting.append((sight.number, sight.offset, "\n".join(sight.texts)))
            if len(self._waiting) >= _BATCH:
                self._tokenize()
        elif self._limit is not None and characters > self._limit * _PER_TOKEN:
            told = f"about {characters // _PER_TOKEN} tokens, estimated"
            book.note(OVER_LIMIT, sight.number, sight.offset, told)

    def _tokenize(self) -> None:
        if self._tokens_of is None or self._book is None:
            return
        counts = self._tokens_of([text for _, _, text in self._waiting])
        for (number, offset, _), tokens in zip(self._waiting, counts, strict=True):
            self.tokens.add(tokens)
            if self._limit is not None and tokens > self._limit:
                self._book.note(OVER_LIMIT, number, offset, f"{tokens} tokens")
        self._waiting = []

    def state(self) -> Any:
        self._tokenize()
        return [each.state() for each in (self.words, self.characters, self.tokens)]

    def absorb(self, state: Any) -> None:
        for each, part in zip((self.words, self.characters, self.tokens), state, strict=True):
            each.absorb(part)

    def told(self) -> dict[str, Any]:
        self._tokenize()
        told = {"words": self.words.told(), "characters": self.characters.told()}
        return told | ({"tokens": self.tokens.told()} if self.tokens.rows else {})


def _tokenizer(path: str) -> Callable[[list[str]], list[int]]:
    """Counts the tokens of texts, special ones and templates left out."""
    if not find_spec("tokenizers"):
        raise ExtraMissing(what="counting tokens", package="tokenizers", extra="train")
    from tokenizers import Tokenizer

    try:
        loaded = Tokenizer.from_file(path)
    except Exception as error:  # the library raises nothing narrower
        raise InputUnreadable(
            path=path, where="", reason=f"it is no tokenizer ({error})"
        ) from error

    def counted(texts: list[str]) -> list[int]:
        return [len(each.ids) for each in loaded.encode_batch_fast(texts, add_special_tokens=False)]

    return counted
