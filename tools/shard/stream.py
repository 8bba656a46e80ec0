"""The tokens of one source as they are written: shard after shard, each document's beginning beside it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crewboard.canonical import sha256_file
from crewboard.tools.files.growing import Growing
from crewboard.tools.shard.npy import HEADER, SIZES, begin, packed, seal

DOCUMENTS = "documents.npy"
PLACES = 3
"""Columns of `documents.npy`: the first token in the source's stream, the number of its file, its line."""


@dataclass
class Counts:
    """What a mark holds of a source. `tokens` are all that its text gave, the ends of documents included;
    `ends` how many of those they are."""

    rows_in: int = 0
    documents: int = 0
    tokens: int = 0
    ends: int = 0
    text_bytes: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def told(self) -> dict[str, Any]:
        return {**vars(self), "reasons": dict(sorted(self.reasons.items()))}

    @classmethod
    def taken_up(cls, held: Mapping[str, Any]) -> "Counts":
        return cls(**{**held, "reasons": Counter(held["reasons"])})


@dataclass(frozen=True)
class Layout:
    dtype: str
    sequence: int
    shard_tokens: int
    """Tokens of a file, a whole number of sequences."""


@dataclass(frozen=True)
class Sealed:
    """What became of the tail, and the files: each with its tokens and its hash."""

    sequences: int
    padded: int
    dropped_tokens: int
    documents_cut: int
    shards: list[dict[str, Any]]
    documents_sha256: str


class Stream:
    def __init__(self, name: str, layout: Layout, growing: Growing, counts: Counts) -> None:
        self.name, self.counts = name, counts
        self._layout, self._journal = layout, growing

    def add(self, ids: list[int], place: tuple[int, int]) -> None:
        """One document; `place` is the number of its file and its line."""
        row = [self.counts.tokens, *place]
        self._grown(f"{self.name}/{DOCUMENTS}", "<i8", row)
        self.counts.documents += 1
        self._write(ids)

    def _write(self, ids: list[int]) -> None:
        most = self._layout.shard_tokens
        while ids:
            number, filled = divmod(self.counts.tokens, most)
            piece, ids = ids[: most - filled], ids[most - filled :]
            self._grown(self._shard(number), self._layout.dtype, piece)
            self.counts.tokens += len(piece)

    def seal(self, tail: str, pad_id: int) -> Sealed:
        """Treat the tail and write the headers. The growing's files are closed by then."""
        layout, counts = self._layout, self.counts
        full, rest = divmod(counts.tokens, layout.sequence)
        padded = dropped = 0
        if rest and tail == "pad":
            padded = layout.sequence - rest
            self._grown(
                self._shard(counts.tokens // layout.shard_tokens), layout.dtype, [pad_id] * padded
            )
        self._journal.close()
        if rest and tail == "drop":
            dropped = rest
            self._cut(counts.tokens - rest)
        folder = self._journal.files
        cut = self._documents_beyond(counts.tokens - dropped) if dropped else 0
        seal(folder / self.name / DOCUMENTS, "<i8", PLACES)
        return Sealed(
            sequences=full + (1 if rest and not dropped else 0),
            padded=padded,
            dropped_tokens=dropped,
            documents_cut=cut,
            shards=[
                self._sealed(path) for path in sorted((folder / self.name).glob("tokens-*.npy"))
            ],
            documents_sha256=sha256_file(folder / self.name / DOCUMENTS),
        )

    def _sealed(self, path: Path) -> dict[str, Any]:
        tokens = seal(path, self._layout.dtype)
        return {"path": f"{self.name}/{path.name}", "tokens": tokens, "sha256": sha256_file(path)}

    def _cut(self, tokens: int) -> None:
        number, left = divmod(tokens, self._layout.shard_tokens)
        path = self._journal.files / self._shard(number)
        if left == 0:
            path.unlink()
            return
        with path.open("r+b") as file:
            file.truncate(HEADER + left * SIZES[self._layout.dtype])

    def _documents_beyond(self, tokens: int) -> int:
        """How many documents lose tokens when the stream ends here: those that end after it."""
        path = self._journal.files / self.name / DOCUMENTS
        width, size = SIZES["<i8"] * PLACES, path.stat().st_size
        cut = 0
        with path.open("rb") as file:
            for at in range(size - width, HEADER - 1, -width):
                file.seek(at)
                cut += 1
                if int.from_bytes(file.read(8), "little") <= tokens:
                    break
        return cut

    def _grown(self, name: str, dtype: str, numbers: list[int]) -> None:
        file = self._journal.file(name)
        if file.tell() == 0:
            begin(file)
        file.write(packed(dtype, numbers))

    def _shard(self, number: int) -> str:
        return f"{self.name}/tokens-{number:05}.npy"
