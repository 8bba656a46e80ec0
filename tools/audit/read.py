"""Reading all files of an audit: in this process, or in parts by several."""

import gc
import hashlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

from crewboard.canonical import sha256_file
from crewboard.tools.audit.book import Book
from crewboard.tools.audit.keys import KeyFile, hash64
from crewboard.tools.audit.parallel import Workers
from crewboard.tools.audit.reading import Progress, Reading
from crewboard.tools.audit.repeats import Part
from crewboard.tools.audit.scan import Scan
from crewboard.tools.files.atomic import fits
from crewboard.tools.files.jsonl import Span, check_readable, nothing_in
from crewboard.tools.files.names import names_of
from crewboard.tools.files.parquet import is_parquet
from crewboard.tools.files.rows import read_rows
from crewboard.tools.files.unpack import Packing, packing_of
from crewboard.tools.near import GramPart, GramWriter

EVERY = 2000
WORTH_IT = 8_000_000
"""Bytes of a part below which a process of its own costs more than it saves."""


@dataclass(frozen=True)
class Source:
    """One file: `bytes` as it lies on disk, with their hash; its lines and the rows among them. `name`
    is that of the file, and its whole path where another one bears the same."""

    name: str
    bytes: int
    sha256: str
    lines: int
    rows: int


@dataclass
class Read:
    """What came of it: the added-up scan, and the parts whose keys are to be compared."""

    scan: Scan
    sources: list[Source] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    grams: list[GramPart] = field(default_factory=list)


def read_all(reading: Reading, book: Book) -> Read:
    """Scan every file; InputEmpty or InputUnreadable for one that holds no row at all."""
    sizes = [check_readable(path) for path in reading.paths]
    read = Read(Scan(reading.config, reading.looks))
    done = 0
    with fits(reading.work), _uncollected():
        for path, name, size in zip(reading.paths, names_of(reading.paths), sizes, strict=True):
            book.file = name if len(reading.paths) > 1 else ""
            told = partial(_told, reading.progress, done, sum(sizes))
            one = _File(reading, path, name, size, told)
            if reading.processes > 1 and size >= 2 * WORTH_IT and _divisible(path):
                _read_in_parts(one, read, book)
            else:
                _read_here(one, read, book)
            done += size
    book.file = ""
    return read


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the cycle collector away: rows hold no cycles, and it takes a twentieth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True)
class _File:
    reading: Reading
    path: Path
    name: str
    size: int
    told: Callable[[int], None]

    def source(self, sha256: str, lines: int, rows: int) -> Source:
        return Source(self.name, self.size, sha256, lines, rows)


def _told(progress: Progress, before: int, total: int, at: int) -> None:
    progress(before + at, total)


def _divisible(path: Path) -> bool:
    return packing_of(path) is Packing.NONE and not is_parquet(path)


def _read_here(one: _File, read: Read, book: Book) -> None:
    scan, hasher = read.scan, hashlib.sha256()
    lines, good = scan.lines, scan.good
    place = one.reading.work / f"keys-{len(read.parts)}.bin"
    packed = not _divisible(one.path)
    with ExitStack() as stack:
        scan.keys = KeyFile(stack.enter_context(place.open("wb")))
        if one.reading.looks.grams:
            beside = stack.enter_context(place.with_suffix(".grams").open("wb"))
            scan.grams = GramWriter(beside, hash64())
        for item in read_rows(one.path, tap=None if packed else hasher.update):
            scan.take(item, book)
            if scan.lines % EVERY == 0 and not packed:
                one.told(item.offset)
        scan.finish(book)
    read.parts.append(Part(place, scan.keys.rows, 0, book.file))
    if scan.grams is not None:
        read.grams.append(GramPart(place.with_suffix(".grams"), scan.grams.sizes))
    digest = sha256_file(one.path) if packed else hasher.hexdigest()
    read.sources.append(one.source(digest, scan.lines - lines, scan.good - good))


def _read_in_parts(one: _File, read: Read, book: Book) -> None:
    count = min(one.reading.processes, one.size // WORTH_IT)
    ends = [one.size * n // count for n in range(count + 1)]
    scan, fault = read.scan, None
    lines, good = scan.lines, scan.good
    with Workers(one.reading, one.path, book.writes) as workers:
        for start, stop in pairwise(ends):
            workers.begin(Span(start, stop))
        digest = sha256_file(one.path)
        for folder, state in workers.ended(one.told):
            shift = scan.lines - lines
            book.absorb(state["book"], shift)
            book.copy_findings(folder / "findings.jsonl", shift)
            read.parts.append(Part(folder / "keys.bin", state["scan"]["keys"], shift, book.file))
            if (folder / "sizes.bin").is_file():
                sizes = array("I", (folder / "sizes.bin").read_bytes())
                read.grams.append(GramPart(folder / "grams.bin", sizes))
            first = scan.absorb(state["scan"], shift)
            fault = fault or first
    read.sources.append(one.source(digest, scan.lines - lines, scan.good - good))
    if scan.good == good:
        raise nothing_in(one.path, fault)
