"""Whether a folder of shards is what its index says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crewboard.canonical import sha256_file
from crewboard.tools.shard.store import Shards


@dataclass(frozen=True)
class Flaw:
    path: str
    reason: str


def flaws(shards: Shards) -> Iterator[Flaw]:
    """Files that are missing or other than recorded, tokens that the tokenizer does not have, documents
    out of order, and a schedule that names sequences that are not there."""
    index = shards.index
    for source in index["sources"]:
        for file in source["shards"]:
            yield from _file(shards.folder, file["path"], file["sha256"])
        name = f"{source['name']}/documents.npy"
        yield from _file(shards.folder, name, source["documents_sha256"])
    yield from _file(shards.folder, "schedule.npy", index["schedule"]["sha256"])


def inner_flaws(shards: Shards) -> Iterator[Flaw]:
    """What is wrong within files that are as they were written."""
    index = shards.index
    for source in index["sources"]:
        stored = 0
        for file in source["shards"]:
            array = shards.array(file["path"])
            stored += len(array)
            if len(array) and int(array.max()) >= index["tokenizer"]["vocabulary"]:
                yield Flaw(file["path"], "it holds tokens that the tokenizer does not have")
        wanted = source["tokens"] + source["padded"] - source["dropped_tokens"]
        if stored != wanted:
            yield Flaw(source["name"], f"it holds {stored:,} tokens, its index says {wanted:,}")
        starts = shards.documents(source["name"])[:, 0]
        if len(starts) != source["documents"] or bool((starts[1:] < starts[:-1]).any()):
            yield Flaw(
                f"{source['name']}/documents.npy", "its documents are not those of the index"
            )


def _file(folder: Path, name: str, sha256: Any) -> Iterator[Flaw]:
    path = folder / name
    if not path.is_file():
        yield Flaw(name, "it is missing")
    elif sha256_file(path) != sha256:
        yield Flaw(name, "its bytes are not those that were written")
