"""How well a tokenizer covers a text.

A word is what white space parts. Two things are counted: the text as it stands (tokens, unknown ones,
pieces of characters, entries of the vocabulary that are used), and each word by itself, as it is written
after a space, as often as it comes (tokens per word, words of one token). The second is what a guard
compares: it does not move with the layout of a text. Memory: distinct words, some 300,000 at a time.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_BATCH_BYTES = 1 << 20
_WORDS_HELD = 300_000
_TWO = 2


@dataclass
class Tally:
    """Counts of one source; sums of them are counts of all."""

    rows: int = 0
    characters: int = 0
    size: int = 0
    tokens: int = 0
    unknown: int = 0
    fragments: int = 0
    words: int = 0
    word_tokens: int = 0
    single: int = 0
    up_to_two: int = 0
    used: set[int] = field(default_factory=set)

    def absorb(self, other: "Tally") -> None:
        for name, value in vars(other).items():
            if name == "used":
                self.used |= other.used
            else:
                setattr(self, name, getattr(self, name) + value)

    def told(self, vocabulary: int) -> dict[str, Any]:
        """Rates are 0 where there is nothing to divide by."""
        return {
            "rows": self.rows,
            "characters": self.characters,
            "bytes": self.size,
            "words": self.words,
            "tokens": self.tokens,
            "tokens_per_word": _rate(self.word_tokens, self.words),
            "single_token_words": _rate(self.single, self.words),
            "up_to_two_token_words": _rate(self.up_to_two, self.words),
            "bytes_per_token": _rate(self.size, self.tokens),
            "unknown_rate": _rate(self.unknown, self.tokens),
            "byte_fallback_rate": _rate(self.fragments, self.tokens),
            "vocabulary_used": len(self.used),
            "vocabulary_used_share": _rate(len(self.used), vocabulary),
        }


class Measure:
    """`add` texts of one source, then `finish`."""

    def __init__(self, tokenizer: Any, fragments: frozenset[int]) -> None:
        self._tokenizer, self._fragments = tokenizer, fragments
        self._unknown = _unknown_id(tokenizer)
        self._texts: list[str] = []
        self._held = 0
        self._words: Counter[str] = Counter()
        self.tally = Tally()

    def add(self, text: str) -> None:
        size = len(text.encode())
        self.tally.rows += 1
        self.tally.characters += len(text)
        self.tally.size += size
        self._texts.append(text)
        self._held += size
        self._words.update(text.split())
        if self._held >= _BATCH_BYTES:
            self._encode_texts()
        if len(self._words) >= _WORDS_HELD:
            self._encode_words()

    def finish(self) -> Tally:
        self._encode_texts()
        self._encode_words()
        return self.tally

    def _encode_texts(self) -> None:
        for ids in _encoded(self._tokenizer, self._texts):
            counts = Counter(ids)
            self.tally.tokens += len(ids)
            self.tally.unknown += counts[self._unknown]
            self.tally.fragments += sum(counts[each] for each in counts.keys() & self._fragments)
            self.tally.used |= counts.keys()
        self._texts, self._held = [], 0

    def _encode_words(self) -> None:
        words = list(self._words)
        for word, ids in zip(
            words, _encoded(self._tokenizer, [f" {w}" for w in words]), strict=True
        ):
            often, size = self._words[word], len(ids)
            self.tally.words += often
            self.tally.word_tokens += often * size
            self.tally.single += often * (size == 1)
            self.tally.up_to_two += often * (size <= _TWO)
        self._words.clear()


def fragments_of(tokenizer: Any) -> frozenset[int]:
    """The entries that stand for a part of a character: `<0x..>` of a byte fallback, or bytes of a
    byte-level tokenizer that are no UTF-8 by themselves."""
    vocabulary = tokenizer.get_vocab(with_added_tokens=False)
    found = {i for token, i in vocabulary.items() if _is_fallback(token)}
    if "ByteLevel" in str(tokenizer.decoder) or "ByteLevel" in str(tokenizer.pre_tokenizer):
        letters = _byte_letters()
        found |= {i for token, i in vocabulary.items() if _is_broken(token, letters)}
    return frozenset(found)


def _encoded(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    found = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    return [each.ids for each in found]


def _unknown_id(tokenizer: Any) -> int:
    """-1, which no token has, where nothing is unknown."""
    unknown = getattr(tokenizer.model, "unk_token", None)
    known = None if unknown is None else tokenizer.token_to_id(unknown)
    return -1 if known is None else known


def _is_fallback(token: str) -> bool:
    return len(token) == len("<0x00>") and token.startswith("<0x") and token.endswith(">")


def _is_broken(token: str, letters: dict[str, int]) -> bool:
    if not all(letter in letters for letter in token):
        return False
    try:
        bytes(letters[letter] for letter in token).decode()
    except UnicodeDecodeError:
        return True
    return False


def _byte_letters() -> dict[str, int]:
    """The letter that stands for each byte, as GPT-2 chose them (openai/gpt-2, src/encoder.py)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {chr(byte): byte for byte in printable}
    return letters | {chr(256 + n): byte for n, byte in enumerate(others)}


def _rate(part: float, whole: float) -> float:
    return round(part / whole, 6) if whole else 0.0
