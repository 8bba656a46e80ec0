"""A regular expression that the text of a field must match, or must not.

Only by RE2, whose time grows with the text and not beyond: rows come from anywhere, and against most other
engines a text can be written that keeps them busy for years.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Self

from crewboard.errors import ArgumentsInvalid, ExtraMissing
from crewboard.tools.files.fields import Field


@dataclass(frozen=True)
class Match:
    """`text` as it was written; `wanted` says whether a match keeps a row or takes it away."""

    text: str
    field: Field
    pattern: str
    wanted: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """ValueError where no field or no pattern is named."""
        name, equals, pattern = text.partition("=")
        if not (name.strip("! ") and equals and pattern):
            raise ValueError(f"{text!r} is no match: write FIELD=REGEX, or FIELD!=REGEX")
        wanted = not name.endswith("!")
        return cls(text, Field.parse(name.removesuffix("!").strip()), pattern, wanted)

    def compiled(self) -> Callable[[dict[str, Any]], bool]:
        """Whether a row stays. ExtraMissing without RE2; ArgumentsInvalid for what it does not take."""
        if find_spec("re2") is None:
            raise ExtraMissing(what="matching texts", package="google-re2", extra="data")
        import re2

        options = re2.Options()
        options.log_errors = False
        try:
            found = re2.compile(self.pattern, options)
        except re2.error as error:
            reason = f"match {self.text!r}: {_words(error)}"
            raise ArgumentsInvalid(tool="filter", reason=reason) from None

        def stays(row: dict[str, Any]) -> bool:
            texts = (text for text in self.field.values(row) if isinstance(text, str))
            return any(found.search(text) is not None for text in texts) == self.wanted

        return stays


def _words(error: Exception) -> str:
    told = error.args[0] if error.args else error
    return told.decode(errors="replace") if isinstance(told, bytes) else str(told)
