"""The tool: rows into arrays of tokens, by source, with a schedule that mixes them by weight.

The folder holds `index.json` and `schedule.npy`, and for each source its tokens, little-endian
(`<source>/tokens-00000.npy`), and where its documents begin (`<source>/documents.npy`). A sequence is a
window of the source's stream, in which documents follow one another in the order of the files.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from crewboard.canonical import digest, sha256_file
from crewboard.errors import ArgumentsInvalid, SelfCheckFailed
from crewboard.tools.contract import Made, Outcome, RowAccount, ToolContext, tool
from crewboard.tools.files.atomic import fits, write_whole
from crewboard.tools.files.growing import Growing
from crewboard.tools.files.jsonl import Line
from crewboard.tools.files.names import named
from crewboard.tools.files.passing import Passing
from crewboard.tools.files.sieve import inputs_fit
from crewboard.tools.lineage.pin import check_pin
from crewboard.tools.shard.arguments import ShardArguments
from crewboard.tools.shard.npy import header, packed
from crewboard.tools.shard.schedule import by_size, schedule
from crewboard.tools.shard.stream import Counts, Layout, Sealed, Stream
from crewboard.tools.tokenizer.corpus import Corpus
from crewboard.tools.tokenizer.load import load_tokenizer

FORMAT = "crewboard-shards/1"
VERSION = "1"
_SMALL = 1 << 16
_BATCH = 256
EVERY = 64
"""Batches between two marks: what a stopped run does again at most."""


def _preflight(arguments: ShardArguments, context: ToolContext) -> None:
    check_pin(context.read(arguments.tokenizer), arguments.tokenizer_sha256)
    _Tokens(arguments, context.read(arguments.tokenizer))
    inputs_fit(arguments, context)


@tool(
    "shard",
    "Turn rows into arrays of tokens, by source, with a schedule that mixes them by weight.",
    produces={"shards": "token-shards", "dropped": "exclusions-jsonl"},
    version=VERSION,
    preflight=_preflight,
)
def shard(arguments: ShardArguments, context: ToolContext) -> Outcome:
    """Every row is a document or is recorded with its reason, and every token is in a sequence, or counted
    as cut off with its tail. Stopped and started again on the same inputs it goes on where it was."""
    work = _Work(arguments, context)
    with (
        Growing(context.job_folder(f"shard-{work.key[:16]}", lasting=True), work.key) as growing,
        fits(context.out),
    ):
        work.read(growing)
        sealed = work.seal()
        work.write_index(growing, sealed)
        growing.hand_over(context.out / "shards")
    (context.out / "shards" / _DROPPED).rename(context.out / _DROPPED)
    return work.outcome(sealed)


_DROPPED = "dropped.jsonl"


class _Tokens:
    """A tokenizer as sharding uses it. ArgumentsInvalid when it lacks a token that was named."""

    def __init__(self, arguments: ShardArguments, path: Path) -> None:
        self._tokenizer = load_tokenizer(path)
        self.sha256 = sha256_file(path)
        self.vocabulary: int = max(self._tokenizer.get_vocab().values()) + 1
        self.end = self._id("end", arguments.end)
        self.pad = self.end if arguments.pad is None else self._id("pad", arguments.pad)
        self.dtype = "<u2" if self.vocabulary <= _SMALL else "<u4"

    def encode(self, texts: list[str]) -> Iterator[list[int]]:
        """Each text's tokens and its end. What looks like a special token in a text is text."""
        end = [] if self.end is None else [self.end]
        for each in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False):
            yield each.ids + end

    def _id(self, field: str, token: str | None) -> int | None:
        found: int | None = None if token is None else self._tokenizer.token_to_id(token)
        if token is not None and found is None:
            reason = f"{field}: the tokenizer has no token {token!r}; name one that it has"
            raise ArgumentsInvalid(tool="shard", reason=reason)
        return found


class _Work:
    def __init__(self, arguments: ShardArguments, context: ToolContext) -> None:
        self.arguments, self._context = arguments, context
        self._paths = [context.read(path) for path in arguments.sources]
        self._names = named(self._paths, arguments.sources)
        self._hashes = [sha256_file(path) for path in self._paths]
        self._tokens = _Tokens(arguments, context.read(arguments.tokenizer))
        self._seed = context.seed if arguments.seed is None else arguments.seed
        self._layout = Layout(
            self._tokens.dtype, arguments.sequence, arguments.sequence * arguments.shard_sequences
        )
        self._streams: dict[str, Stream] = {}
        told = [arguments.model_dump(), self._hashes, self._tokens.sha256, self._seed]
        self.key = digest([VERSION, *told])

    def read(self, growing: Growing) -> None:
        """Every row of every file, from where a stopped run was."""
        held = growing.held or {"file": 0, "rows": 0, "passed": [], "counts": {}}
        for name in self.arguments.labels:
            counts = held["counts"].get(name)
            taken_up = Counts.taken_up(counts) if counts else Counts()
            self._streams[name] = Stream(name, self._layout, growing, taken_up)
        passing = Passing(self._paths, self._context.progress, "sharding")
        passed: list[int] = held["passed"]
        for number, path in enumerate(self._paths):
            if number < held["file"]:
                passing.leave_out(path, passed[number])
                continue
            skip = held["rows"] if number == held["file"] else 0
            passed.append(self._read_file(number, passing, skip, (growing, passed)))

    def _read_file(
        self, number: int, passing: Passing, skip: int, books: tuple[Growing, list[int]]
    ) -> int:
        """How many rows the file has."""
        growing, passed = books
        path, stream = self._paths[number], self._streams[self.arguments.owners[number]]
        counts = stream.counts
        corpus = Corpus(
            [path], passing, growing.file(_DROPPED), self.arguments.fields,
            rows_in=skip, reasons=counts.reasons, names=self._names,
        )  # fmt: skip
        before = counts.rows_in - skip
        for n, batch in enumerate(_batches(corpus.of(path, skip)), 1):
            texts = [text for _, text in batch]
            for (line, text), ids in zip(batch, self._tokens.encode(texts), strict=True):
                stream.add(ids, (number, line.number))
                counts.ends += self._tokens.end is not None
                counts.text_bytes += len(text.encode())
            counts.rows_in = before + corpus.rows_in
            if n % EVERY == 0:
                told = {name: each.counts.told() for name, each in self._streams.items()}
                at = {"file": number, "rows": corpus.rows_in, "passed": passed}
                growing.mark({**at, "counts": told})
        counts.rows_in = before + corpus.rows_in
        return corpus.rows_in

    def seal(self) -> dict[str, Sealed]:
        for name, stream in self._streams.items():
            if not stream.counts.documents:
                told = dict(sorted(stream.counts.reasons.items()))
                raise SelfCheckFailed(tool="shard", reason=f"no row of {name} holds text ({told})")
        pad = self._tokens.pad or 0
        sealed = {n: s.seal(self.arguments.tail, pad) for n, s in self._streams.items()}
        for name, each in sealed.items():
            stored = sum(file["tokens"] for file in each.shards)
            if stored != self._streams[name].counts.tokens + each.padded - each.dropped_tokens:
                raise SelfCheckFailed(tool="shard", reason=f"{name} lost tokens on the way to disk")
        return sealed

    def write_index(self, growing: Growing, sealed: dict[str, Sealed]) -> None:
        names, sequences = tuple(sealed), [each.sequences for each in sealed.values()]
        plan = schedule(names, sequences, self.arguments.weights, self.arguments.passes, self._seed)
        flat = [number for entry in plan.entries for number in entry]
        numbers = header("<u4", len(plan.entries), 2) + packed("<u4", flat)
        write_whole(growing.files / "schedule.npy", numbers)
        self.index: dict[str, Any] = {
            "format": FORMAT,
            "tokenizer": {"sha256": self._tokens.sha256, "vocabulary": self._tokens.vocabulary},
            "dtype": self._layout.dtype,
            "sequence": self.arguments.sequence,
            "tail": self.arguments.tail,
            "end": self._tokens.end,
            "pad": self._tokens.pad,
            "sources": [self._source(n, sealed[n], plan.counts, sequences) for n in names],
            "schedule": {
                "entries": len(plan.entries),
                "seed": self._seed,
                "sha256": sha256_file(growing.files / "schedule.npy"),
            },
        }
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
        write_whole(growing.files / "index.json", orjson.dumps(self.index, option=options))
        growing.file(_DROPPED)  # it is there, even when nothing was dropped

    def _source(
        self, name: str, sealed: Sealed, entries: list[int], sequences: list[int]
    ) -> dict[str, Any]:
        at = self.arguments.labels.index(name)
        weights = self.arguments.weights or by_size(sequences)
        files = [
            {"number": n, "file": self._names[path], "sha256": self._hashes[n]}
            for n, path in enumerate(self._paths)
            if self.arguments.owners[n] == name
        ]
        return {
            "name": name,
            "files": files,
            **self._streams[name].counts.told(),
            **asdict(sealed),
            "weight": round(weights[at], 6),
            "scheduled": entries[at],
            "got_weight": round(entries[at] / max(1, sum(entries)), 6),
            "not_scheduled": max(0, sequences[at] - entries[at]),
        }

    def outcome(self, sealed: dict[str, Sealed]) -> Outcome:
        counts = [stream.counts for stream in self._streams.values()]
        reasons = sum((each.reasons for each in counts), Counter[str]())
        documents, tokens = sum(c.documents for c in counts), sum(c.tokens for c in counts)
        account = RowAccount(
            sum(c.rows_in for c in counts), documents, dict(sorted(reasons.items()))
        )
        account.check("shard")
        made = (
            Made("shards", self._context.out / "shards", documents),
            Made("dropped", self._context.out / _DROPPED, sum(reasons.values())),
        )
        cut = sum(each.dropped_tokens for each in sealed.values())
        padded = sum(each.padded for each in sealed.values())
        summary = (
            f"{account.rows_in:,} rows in, {documents:,} documents of {tokens:,} tokens in "
            f"{sum(each.sequences for each in sealed.values()):,} sequences; tails: {cut:,} tokens cut off, "
            f"{padded:,} filled up; {self.index['schedule']['entries']:,} scheduled"
        )
        return Outcome(made, summary, account, self.index)


def _batches(texts: Iterator[tuple[Line, str]]) -> Iterator[Sequence[tuple[Line, str]]]:
    while batch := list(islice(texts, _BATCH)):
        yield batch
