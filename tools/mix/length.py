"""How long a row is, and whether that is too long: in words, or in tokens of a named tokenizer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crewboard.tools.files.chat import Message, text_of, words_in


@dataclass(frozen=True)
class Limits:
    """`None` is no limit. A tokenizer comes with `tokens`."""

    words: int | None = None
    tokens: int | None = None
    tokenizer: Path | None = None


@dataclass(frozen=True)
class TooLong:
    length: int
    unit: str
    limit: int


class Ruler:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._tokenizer: Any = None
        if limits.tokenizer is not None:
            from crewboard.tools.tokenizer.load import load_tokenizer

            self._tokenizer = load_tokenizer(limits.tokenizer)

    @property
    def measures(self) -> bool:
        return self._limits.words is not None or self._limits.tokens is not None

    def too_long(self, messages: list[Message]) -> TooLong | None:
        """The first limit that a row breaks. Tool calls that are no text do not count."""
        limits = self._limits
        if limits.words is not None and (words := words_in(messages)) > limits.words:
            return TooLong(words, "words", limits.words)
        if limits.tokens is not None:
            text = "\n".join(map(text_of, messages))
            if self._may_exceed(text, limits.tokens):
                tokens = len(self._tokenizer.encode(text, add_special_tokens=False).ids)
                if tokens > limits.tokens:
                    return TooLong(tokens, "tokens", limits.tokens)
        return None

    def _may_exceed(self, text: str, limit: int) -> bool:
        """A token stands for a byte at least, unless a normalizer makes the text longer first."""
        return self._tokenizer.normalizer is not None or len(text.encode()) > limit
