"""`mix.toml`: a mix written down, so that it can be reviewed, pinned and made again.

seed = 42
anchor = "toefl"               # or rows = 40_000
over_length = "drop"           # or replace, keep, refuse
max_words = 400                # or max_tokens and tokenizer

[sources.toefl]
files = ["toefl.jsonl.gz"]
ratio = 0.2
cap = 9_000
oversample = 2
sha256 = ["9f2c..."]           # the run stops when a file has other bytes

Files lie beside the recipe. What is not said has the default of `MixArguments`.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from crewboard.errors import ConfigInvalid
from crewboard.tools.files.document import declared, read_toml
from crewboard.tools.mix.arguments import MixArguments, OverLength

_MOST_BYTES = 1_000_000


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Source(_Table):
    files: tuple[str, ...] = Field(min_length=1)
    ratio: float = Field(gt=0)
    cap: int | None = Field(default=None, ge=1)
    oversample: float = Field(default=1, ge=1)
    sha256: tuple[str, ...] = ()


class _Mix(_Table):
    seed: int | None = None
    anchor: str | None = None
    rows: int | None = Field(default=None, ge=1)
    over_length: OverLength = "drop"
    max_words: int | None = None
    max_tokens: int | None = None
    tokenizer: str | None = None
    sources: Mapping[str, _Source] = Field(min_length=1)


def load_mix(path: Path) -> MixArguments:
    """The arguments that `path` writes down; its files lie beside it. ConfigInvalid tells the first fault
    by its place, InputMissing when there is no such file."""
    with declared(path):
        return _arguments(read_toml(path, _Mix, _MOST_BYTES, "utf-8-sig"), path)


def _arguments(written: _Mix, path: Path) -> MixArguments:
    names, sources = tuple(written.sources), tuple(written.sources.values())
    if written.anchor is not None and written.anchor not in names:
        reason = f"there is no source {written.anchor}; there are {', '.join(names)}"
        raise ConfigInvalid(path=path, where="anchor", reason=reason)
    for name, source in written.sources.items():
        if source.sha256 and len(source.sha256) != len(source.files):
            reason = f"{len(source.files)} files need as many pins"
            raise ConfigInvalid(path=path, where=f"sources.{name}.sha256", reason=reason)
    beside = path.parent
    return MixArguments(
        sources=tuple(str(beside / file) for source in sources for file in source.files),
        names=tuple(name for name, source in written.sources.items() for _ in source.files),
        ratios=tuple(source.ratio for source in sources),
        seed=written.seed,
        anchor=None if written.anchor is None else names.index(written.anchor),
        rows=written.rows,
        caps=tuple(source.cap for source in sources),
        oversample=tuple(source.oversample for source in sources),
        over_length=written.over_length,
        max_words=written.max_words,
        max_tokens=written.max_tokens,
        tokenizer=None if written.tokenizer is None else str(beside / written.tokenizer),
        pins=tuple(
            pin for source in sources for pin in (source.sha256 or (None,) * len(source.files))
        ),
    )
