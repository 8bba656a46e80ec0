"""The tool: count each source, draw its quota by rank, write what was drawn in the order of rank.

A row's rank is the hash of the seed and its bytes, so the mix does not depend on the order of rows
within a source, and comes out shuffled. Nothing is drawn twice. Memory: 8 bytes for each row that
is there and some 150 for each that is drawn.
"""

import hashlib
import math
from array import array
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO, Self

from pydantic import Field, model_validator

from crewboard.tools.contract import Arguments, InputPath, Outcome, ToolContext, tool
from crewboard.tools.files.chat import messages_of
from crewboard.tools.files.jsonl import Line, read_jsonl
from crewboard.tools.files.sieve import Sieve, inputs_fit
from crewboard.tools.mix.quota import Recipe, quotas


class MixArguments(Arguments):
    sources: tuple[InputPath, ...] = Field(min_length=1)
    ratios: tuple[float, ...]
    """One for each source, together 1."""
    seed: int | None = None
    """The run's own seed when absent."""
    anchor: int | None = Field(default=None, ge=0)
    """The source, counted from 0, that is used whole and sets the size of the mix."""
    caps: tuple[int | None, ...] = ()
    """The most rows that each source may give; empty for no caps."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        count = len(self.sources)
        if len(self.ratios) != count:
            raise ValueError(f"{count} sources need {count} ratios, not {len(self.ratios)}")
        if min(self.ratios) <= 0 or not math.isclose(sum(self.ratios), 1, abs_tol=1e-6):
            raise ValueError(f"ratios must be above 0 and sum to 1, not to {sum(self.ratios):g}")
        if self.anchor is not None and self.anchor >= count:
            raise ValueError(f"anchor {self.anchor} names none of {count} sources (from 0)")
        if self.caps and len(self.caps) != count:
            raise ValueError(f"{count} sources need {count} caps, or none at all")
        return self


@dataclass(frozen=True, slots=True, order=True)
class _Drawn:
    rank: int
    source: int
    offset: int
    size: int


@dataclass
class _Quota:
    """Which ranks of one source are drawn: all below `border`, and `ties` of those that equal it.

    Ranks that are equal belong to copies of one row.
    """

    border: int
    ties: int

    def admits(self, rank: int) -> bool:
        if rank == self.border and self.ties:
            self.ties -= 1
            return True
        return rank < self.border


@tool(
    "mix",
    "Draw rows from several datasets in given ratios, seeded, into one shuffled dataset.",
    produces={"rows": "chat-jsonl", "dropped": "exclusions-jsonl"},
    rehearse=True,
    preflight=inputs_fit,
)
def mix(arguments: MixArguments, context: ToolContext) -> Outcome:
    """Rows stay byte for byte, and every row of every source is accounted for.

    Those left out are recorded as `not-drawn`; `measured` sets the ratios asked for beside those
    that came out.
    """
    seed = context.seed if arguments.seed is None else arguments.seed
    ranks = [_ranks(path, context, seed) for path in arguments.sources]
    recipe = Recipe(arguments.ratios, arguments.anchor, arguments.caps)
    counts = quotas(recipe, [len(each) for each in ranks])
    with Sieve("mix", context, "rows") as sieve:
        drawn: list[_Drawn] = []
        for source, path in enumerate(arguments.sources):
            quota = _quota(ranks[source], counts[source])
            for line, _ in sieve.read_chat(path):
                rank = _rank(line.raw, seed)
                if quota.admits(rank):
                    drawn.append(_Drawn(rank, source, line.offset, len(line.raw)))
                else:
                    sieve.drop(line, "not-drawn")
        _write(sorted(drawn), arguments.sources, context, sieve)
    return sieve.outcome(_measured(arguments, counts, seed), "name larger sources")


def _ranks(path: str, context: ToolContext, seed: int) -> "array[int]":
    """Rank a source's chat rows, and sort the ranks."""
    lines = (item for item in read_jsonl(context.read(path)) if isinstance(item, Line))
    return array("Q", sorted(_rank(each.raw, seed) for each in lines if messages_of(each.row)))


def _rank(raw: bytes, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(b"mix:%d:" % seed + raw).digest()[:8], "big")


def _quota(ranks: "array[int]", count: int) -> _Quota:
    if count == 0:
        return _Quota(border=-1, ties=0)
    border = ranks[count - 1]
    return _Quota(border, ties=count - ranks.index(border))


def _write(
    drawn: list[_Drawn], sources: tuple[str, ...], context: ToolContext, sieve: Sieve
) -> None:
    with ExitStack() as stack:
        files = [stack.enter_context(context.read(path).open("rb")) for path in sources]
        for each in drawn:
            sieve.keep(_row_at(files[each.source], each))


def _row_at(file: BinaryIO, drawn: _Drawn) -> bytes:
    file.seek(drawn.offset)
    return file.read(drawn.size)


def _measured(arguments: MixArguments, counts: list[int], seed: int) -> dict[str, object]:
    total = sum(counts)
    return {
        "seed": seed,
        "counts": counts,
        "asked_ratios": list(arguments.ratios),
        "got_ratios": [round(count / total, 6) if total else 0.0 for count in counts],
    }
