"""What sharding is asked for."""

import math
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from crewboard.tools.contract import Arguments, InputPath

Tail = Literal["keep", "pad", "drop"]
"""What happens to the last tokens of a source, when they do not fill a sequence: they stay as a shorter
one, are filled up, or are left out and counted."""


class ShardArguments(Arguments):
    sources: tuple[InputPath, ...] = Field(min_length=1)
    names: tuple[str, ...] = ()
    """The source that each file belongs to; by default each is one, named after it."""
    weights: tuple[float, ...] = ()
    """The share of each source in the schedule, together 1; by default by its size."""
    tokenizer: InputPath
    tokenizer_sha256: str | None = None
    sequence: int = Field(default=2048, ge=2, le=10_000_000)
    """Tokens of a sequence."""
    shard_sequences: int = Field(default=8192, ge=1)
    """Sequences of a file."""
    tail: Tail = "keep"
    end: str | None = "<|endoftext|>"
    """The token that follows each document; None for no such token. Where documents begin is kept anyhow."""
    pad: str | None = None
    """The token that fills up a tail; `end` by default."""
    passes: float = Field(default=1.0, ge=1)
    """How often the schedule may go through a source, where its weight asks for more than it has."""
    fields: tuple[str, ...] = ()
    seed: int | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.names and len(self.names) != len(self.sources):
            raise ValueError(f"{len(self.sources)} files need as many names, or none at all")
        bad = [name for name in self.labels if not is_name(name)]
        if bad:
            raise ValueError(
                f"{bad[0]!r} is no name of a source: letters, digits, dots, dashes, underscores"
            )
        if not self.names and len(self.labels) != len(self.sources):
            raise ValueError("two files have one name: say with `names` what they belong to")
        if self.weights and len(self.weights) != len(self.labels):
            raise ValueError(f"{len(self.labels)} sources need as many weights, or none at all")
        if self.weights and (
            min(self.weights) <= 0 or not math.isclose(sum(self.weights), 1, abs_tol=1e-6)
        ):
            raise ValueError(f"weights must be above 0 and sum to 1, not to {sum(self.weights):g}")
        if self.tail == "pad" and self.pad is None and self.end is None:
            raise ValueError("to fill up a tail, name a token with `pad`")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.owners))

    @property
    def owners(self) -> tuple[str, ...]:
        """The source of each file."""
        return self.names or tuple(Path(path).name.split(".")[0] for path in self.sources)


def is_name(name: str) -> bool:
    return name[:1].isalnum() and all(c.isalnum() or c in "._-" for c in name)
