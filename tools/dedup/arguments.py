"""What a dedup is asked for."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from crewboard.tools.contract import Arguments, InputPath
from crewboard.tools.dedup.keep import Keep
from crewboard.tools.dedup.keys import Keyring

Policy = Literal["drop", "keep-as-weight", "mark", "keep"]
"""Copies leave the data; leave it and add their weight to the row that stays; stay and say whose copies they
are; or stay as they are, and are counted."""


class DedupArguments(Arguments):
    data: InputPath | Annotated[tuple[InputPath, ...], Field(min_length=1)]
    """One file or several. Of equal rows the first stays: name the source that you trust most first."""
    key: tuple[str, ...] = Field(default=("messages",), min_length=1)
    """What must be equal, all of it: `messages`, `stripped` (without white space around contents), `answer`
    (the assistant's texts), `row`, or places in a row such as `metadata.id`; `.answer` is a row's own key."""
    near: float | None = Field(default=None, gt=0, le=1)
    """The Jaccard index of word 5-grams from which rows are copies too; 0.7 is usual."""
    keep: str = "first"
    """Which row of a cluster stays: `first`, `last`, `longest`, or `best:FIELD`, the highest number there."""
    policy: Policy = "drop"
    weight_field: str = Field(default="weight", min_length=1)
    """Where `keep-as-weight` writes: a key of the row itself."""
    mark_field: str = Field(default="duplicate_of", min_length=1)
    """Where `mark` writes."""

    @field_validator("keep")
    @classmethod
    def _is_a_rule(cls, value: str) -> str:
        Keep.parse(value)
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        Keyring(self.key)
        written = {"keep-as-weight": self.weight_field, "mark": self.mark_field}.get(self.policy)
        if written == "messages":
            raise ValueError("that would write over the messages")
        return self

    @property
    def files(self) -> tuple[str, ...]:
        return (self.data,) if isinstance(self.data, str) else self.data
