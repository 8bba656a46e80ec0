"""The tool: whether a mixture's files are whole, and its sources share no content."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Self

import orjson
from pydantic import Field, model_validator

from crewboard.errors import SelfCheckFailed
from crewboard.tools.contract import (
    Arguments,
    InputPath,
    Made,
    Outcome,
    RowAccount,
    ToolContext,
    tool,
)
from crewboard.tools.files.atomic import whole, write_whole
from crewboard.tools.files.names import named
from crewboard.tools.files.passing import Passing
from crewboard.tools.shard.overlap import Overlap, overlaps
from crewboard.tools.shard.passages import Sketch, TokenPassages, WordPassages, words_of
from crewboard.tools.shard.soundness import Flaw, flaws, inner_flaws
from crewboard.tools.shard.store import Shards
from crewboard.tools.tokenizer.corpus import Corpus

FORMAT = "crewboard-mixture/1"
_BATCH = 64


class ValidateArguments(Arguments):
    sources: tuple[InputPath, ...] = Field(min_length=1)
    """Files of rows, or one folder of shards."""
    names: tuple[str, ...] = ()
    """The source that each file belongs to; every file is one of its own when empty."""
    threshold: float = Field(default=0.05, ge=0, le=1)
    """The share of one source's documents, or passages, that may stand in another."""
    fields: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.names and len(self.names) != len(self.sources):
            raise ValueError(f"{len(self.sources)} files need as many names, or none at all")
        return self


@tool(
    "validate-mixture",
    "Check that a mixture's files are whole and that its sources do not share content.",
    produces={"report": "mixture-report-json", "dropped": "exclusions-jsonl"},
)
def validate_mixture(arguments: ValidateArguments, context: ToolContext) -> Outcome:
    """`measured` says `within`: no flaw, and no overlap beyond the threshold."""
    first = context.read(arguments.sources[0])
    left_out = context.out / _DROPPED
    with whole(left_out) as dropped:
        if first.is_dir():
            found = _of_shards(first)
        else:
            paths = [context.read(path) for path in arguments.sources]
            passing = Passing(paths, context.progress, "comparing sources")
            corpus = Corpus(
                paths, passing, dropped, arguments.fields, names=named(paths, arguments.sources)
            )
            found = _of_rows(corpus, arguments.names or arguments.sources)
    sketches, flawed, account = found
    pairs = overlaps(sketches) if sketches else []
    told = _told(arguments, sketches, flawed, pairs)
    place = context.out / "mixture.json"
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    write_whole(place, orjson.dumps(told, option=options))
    made = (Made("report", place), Made("dropped", left_out, sum(account.dropped.values())))
    return Outcome(made, _summary(told, pairs), account, told)


_DROPPED = "dropped.jsonl"
_Found = tuple[dict[str, Sketch], list[Flaw], RowAccount]


def _of_rows(corpus: Corpus, names: tuple[str, ...]) -> _Found:
    sketches = {name: Sketch() for name in names}
    passages = WordPassages()
    for name, path in zip(names, corpus.paths, strict=True):
        texts = (text for _, text in corpus.of(path))
        while batch := list(islice(texts, _BATCH)):
            sketches[name].add([words_of(text) for text in batch], passages.of(batch))
    empty = [name for name, sketch in sketches.items() if not len(sketch.documents)]
    if empty:
        raise SelfCheckFailed(
            tool="validate-mixture", reason=f"no row of {empty[0]} holds text ({corpus.told})"
        )
    used = corpus.rows_in - corpus.reasons.total()
    return sketches, [], RowAccount(corpus.rows_in, used, corpus.told)


def _of_shards(folder: Path) -> _Found:
    """A folder with a flaw in its files is not compared: what it holds is not what it says."""
    shards = Shards(folder)
    documents = sum(source["documents"] for source in shards.index["sources"])
    account = RowAccount(documents, documents)
    found = list(flaws(shards)) or list(inner_flaws(shards))
    if found:
        return {}, found, account
    passages, sketches = TokenPassages(), {}
    for name in shards.sources:
        sketch = sketches[name] = Sketch()
        for batch in _documents(shards, name):
            sketch.add([each.tobytes() for each in batch], passages.of(batch))
    return sketches, [], account


def _documents(shards: Shards, name: str) -> Iterator[list[Any]]:
    """In batches; without those that a tail's cut left nothing of."""
    every = (shards.document(name, n) for n in range(len(shards.documents(name))))
    left = (each for each in every if len(each))
    while batch := list(islice(left, _BATCH)):
        yield batch


def _told(
    arguments: ValidateArguments,
    sketches: Mapping[str, Sketch],
    flawed: list[Flaw],
    pairs: list[Overlap],
) -> dict[str, Any]:
    over = [each for each in pairs if each.most > arguments.threshold]
    return {
        "format": FORMAT,
        "within": not flawed and not over,
        "threshold": arguments.threshold,
        "sources": [
            {
                "name": name,
                "documents": len(sketch.documents),
                "duplicates": len(sketch.documents) - sketch.documents.distinct(),
            }
            for name, sketch in sketches.items()
        ],
        "flaws": [asdict(flaw) for flaw in flawed],
        "overlaps": [asdict(pair) | {"over": pair in over} for pair in pairs],
    }


def _summary(told: dict[str, Any], pairs: list[Overlap]) -> str:
    if told["flaws"]:
        first = told["flaws"][0]
        more = f" and {len(told['flaws']) - 1} more" if len(told["flaws"]) > 1 else ""
        return f"not whole: {first['path']}: {first['reason']}{more}; sources were not compared"
    if not pairs:
        return "whole; one source has nothing to be compared with"
    most = pairs[0]
    verdict = "within" if told["within"] else "OVER"
    return (
        f"{verdict} the threshold of {told['threshold']:.1%}: {most.first} and {most.second} share most, "
        f"{most.documents:,} documents and {most.first_share:.1%} / {most.second_share:.1%} of passages"
    )
