"""What a filter is asked for. Every condition is one that a row must meet to stay."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from crewboard.tools.contract import Arguments, InputPath
from crewboard.tools.files import fields
from crewboard.tools.filter.match import Match
from crewboard.tools.filter.rules import LOCAL, OF_MESSAGES
from crewboard.tools.filter.where import Where

_Count = Annotated[int | None, Field(ge=1)]


class FilterArguments(Arguments):
    data: InputPath | Annotated[tuple[InputPath, ...], Field(min_length=1)]
    drop_faulty: bool = True
    """Empty content, wrong order of roles, unknown roles, no assistant turn at the end."""
    fields: tuple[str, ...] = ()
    """Where the text of a row stands, for rows that hold no `messages`: places such as `question` and
    `metadata.note`. Conditions on messages mean nothing then."""
    rules: tuple[str, ...] = ()
    """Rules of the audit that a row must not break, such as `email` or `placeholder-text`."""
    config: InputPath | None = None
    """An `audit.toml`, for the range of weights that `weight-range` allows."""
    languages: tuple[str, ...] = ()
    """ISO 639 codes of languages that rows may answer in."""
    unknown_language: Literal["keep", "drop"] = "keep"
    """What happens to rows whose language cannot be told: short ones, code, names."""
    min_words: _Count = None
    max_words: _Count = None
    """Words in all messages of a row together; no limit when absent."""
    min_chars: _Count = None
    max_chars: _Count = None
    """Characters of the same."""
    max_tokens: _Count = None
    """Tokens of the same by `tokenizer`; what a chat template adds is not counted."""
    tokenizer: InputPath | None = None
    """A tokenizer.json."""
    min_turns: _Count = None
    max_turns: _Count = None
    """Messages other than system ones."""
    where: tuple[str, ...] = ()
    """Conditions on fields: `metadata.score >= 0.5`, `source in ["a", "b"]`, `id exists`."""
    match: tuple[str, ...] = ()
    """`FIELD=REGEX`: a text there must hold a match; `FIELD!=REGEX`: none may."""

    @field_validator("rules")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(value) - LOCAL)
        if unknown:
            raise ValueError(
                f"no rules that a row breaks by itself: {', '.join(unknown)}; "
                f"there are {', '.join(sorted(LOCAL))}"
            )
        return value

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        for name in self.fields:
            fields.Field.parse(name)
        for text in self.where:
            Where.parse(text)
        for text in self.match:
            Match.parse(text)
        if (self.max_tokens is None) != (self.tokenizer is None):
            raise ValueError("max_tokens and tokenizer go together")
        of_messages = sorted(set(self.rules) & OF_MESSAGES)
        of_messages += ["turns"] if self.min_turns or self.max_turns else []
        if self.fields and of_messages:
            raise ValueError(f"{', '.join(of_messages)}: rows with `fields` have no messages")
        for least, most in (
            (self.min_words, self.max_words),
            (self.min_chars, self.max_chars),
            (self.min_turns, self.max_turns),
        ):
            if least and most and least > most:
                raise ValueError(f"no row has at least {least} and at most {most}")
        return self

    @property
    def files(self) -> tuple[str, ...]:
        return (self.data,) if isinstance(self.data, str) else self.data
