"""What a mix is asked for."""

import math
from typing import Literal, Self

from pydantic import Field, model_validator

from crewboard.tools.contract import Arguments, InputPath
from crewboard.tools.mix.quota import Recipe

OverLength = Literal["drop", "replace", "keep", "refuse"]
"""What happens to a row beyond the limit: it leaves the mix that was drawn, another takes its place in
the draw, it stays and is counted, or the mix is not made."""


class MixArguments(Arguments):
    sources: tuple[InputPath, ...] = Field(min_length=1)
    """Files of chat rows."""
    names: tuple[str, ...] = ()
    """The source that each file belongs to; every file is one of its own when empty."""
    ratios: tuple[float, ...]
    """One for each source, together 1."""
    seed: int | None = None
    """The run's own seed when absent."""
    anchor: int | None = Field(default=None, ge=0)
    """The source, counted from 0, that is used whole and sets the size of the mix."""
    rows: int | None = Field(default=None, ge=1)
    """The size of the mix, instead of an anchor."""
    caps: tuple[int | None, ...] = ()
    """The most rows that each source may give; empty for no caps."""
    oversample: tuple[float, ...] = ()
    """How often each source may give a row, on the average over its rows; empty for once."""
    over_length: OverLength = "drop"
    max_words: int | None = Field(default=None, ge=1)
    max_tokens: int | None = Field(default=None, ge=1)
    """Tokens of a row's text by `tokenizer`; what a chat template adds is not counted."""
    tokenizer: InputPath | None = None
    pins: tuple[str | None, ...] = ()
    """The SHA-256 that each file must have; empty for any."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        files, count = len(self.sources), len(self.labels)
        _one_for_each("names", self.names, files, "files")
        _one_for_each("pins", self.pins, files, "files")
        _one_for_each("caps", self.caps, count, "sources")
        _one_for_each("oversample", self.oversample, count, "sources")
        if len(self.ratios) != count:
            raise ValueError(f"{count} sources need {count} ratios, not {len(self.ratios)}")
        if min(self.ratios) <= 0 or not math.isclose(sum(self.ratios), 1, abs_tol=1e-6):
            raise ValueError(f"ratios must be above 0 and sum to 1, not to {sum(self.ratios):g}")
        if self.anchor is not None and self.anchor >= count:
            raise ValueError(f"anchor {self.anchor} names none of {count} sources (from 0)")
        if self.anchor is not None and self.rows is not None:
            raise ValueError("the size comes from `anchor` or from `rows`, not from both")
        if min((*self.oversample, 1)) < 1:
            raise ValueError("oversample is 1 or more: to draw fewer rows, set a cap")
        if (self.max_tokens is None) != (self.tokenizer is None):
            raise ValueError("max_tokens and tokenizer go together")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The sources, in the order in which their first files are named."""
        return tuple(dict.fromkeys(self.names or self.sources))

    def files_of(self, label: str) -> list[str]:
        owners = self.names or self.sources
        return [path for path, owner in zip(self.sources, owners, strict=True) if owner == label]

    @property
    def recipe(self) -> Recipe:
        return Recipe(self.ratios, self.anchor, self.caps, self.rows, self.oversample)


def _one_for_each(field: str, given: tuple[object, ...], count: int, of: str) -> None:
    if given and len(given) != count:
        raise ValueError(f"{count} {of} need {count} {field}, or none at all")
