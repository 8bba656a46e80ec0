"""The tool: rows of any shape into rows of one, each accounted for, what they lost told by field."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import Field

from crewboard.canonical import digest, sha256_file
from crewboard.errors import ArgumentsInvalid, InputUnreadable
from crewboard.tools.contract import (
    Arguments,
    InputPath,
    Made,
    Outcome,
    RowAccount,
    ToolContext,
    tool,
)
from crewboard.tools.convert.catalogue import format_named, format_of
from crewboard.tools.convert.format import Format, fit, read
from crewboard.tools.convert.formats.chat import CHAT
from crewboard.tools.convert.formats.table import PARQUET
from crewboard.tools.convert.losses import Losses
from crewboard.tools.convert.model import Conversation, Row, Unfit
from crewboard.tools.convert.package import PART, package, package_folder
from crewboard.tools.convert.resumable import Resumable
from crewboard.tools.convert.source import read_source
from crewboard.tools.files.atomic import fits
from crewboard.tools.files.exact import INEXACT, NOTE, is_exact
from crewboard.tools.files.folder import row_files
from crewboard.tools.files.jsonl import Fault, Line
from crewboard.tools.files.names import named
from crewboard.tools.files.parquet import is_parquet
from crewboard.tools.files.passing import Passing
from crewboard.tools.files.sieve import folders_fit

VERSION = "2"
_AUTO = "auto"
_MB = 1_000_000


class ConvertArguments(Arguments):
    files: tuple[InputPath, ...] = Field(min_length=1)
    """Files, all into one; or one folder of files, each into one of its own."""
    to: str
    """The format to write; `crewboard data formats` lists them."""
    source: str = _AUTO
    """The format to read; `auto` tells each row's by its keys."""
    keep: bool = True
    """Keep what the shape has no field for beside it, where the shape leaves a field free."""
    on_loss: Literal["report", "drop"] = "report"
    """What to do with a row that loses a field: write it and count, or leave it out."""
    max_line_mb: int = Field(default=50, ge=1, le=1000)


def _preflight(arguments: ConvertArguments, context: ToolContext) -> None:
    format_named(arguments.to)
    if arguments.source != _AUTO:
        format_named(arguments.source)
    folders_fit(arguments, context)
    _files(arguments, context)


@tool(
    "convert",
    "Convert rows between chat, ADP, ATIF, ShareGPT, Alpaca, TRL, OpenAI, LLaMA-Factory and more.",
    produces={"rows": "dataset", "dropped": "exclusions-jsonl"},
    version=VERSION,
    rehearse=True,
    preflight=_preflight,
)
def convert(arguments: ConvertArguments, context: ToolContext) -> Outcome:
    """InputUnreadable for a file of which no row can be converted. Stopped and started again on the
    same inputs it goes on where it was."""
    target = format_named(arguments.to)
    paths = _files(arguments, context)
    source = context.read(arguments.files[0])
    apart = source.is_dir()
    key = digest([VERSION, arguments.model_dump(), [sha256_file(path) for path in paths]])
    passing = Passing(paths, context.progress, "rows read")
    names = named(paths, paths if apart else arguments.files)
    work = _Work(arguments, target, passing, names, apart=apart)
    folder = context.job_folder(f"convert-{key[:16]}", lasting=True)
    with fits(context.out), Resumable(folder, key, work.told) as done:
        work.take_up(done)
        rest = islice(chain.from_iterable(map(work.items, paths)), done.books.read, None)
        for path, item in rest:
            work.place(path, item, done)
        name = source.name.split(".")[0]
        dropped = context.out / f"{name}.{target.name}.dropped.jsonl"
        if work.apart:
            home = context.out / f"{name}.{target.name}"
            rows = package_folder(target, done, home, map(_stem, paths), dropped)
        else:
            rows = package(target, done, (context.out, name), dropped)
    return work.outcome(done, rows, dropped)


def _files(arguments: ConvertArguments, context: ToolContext) -> list[Path]:
    """The files to read. ArgumentsInvalid for a folder that cannot become one of the target's."""
    given = [context.read(path) for path in arguments.files]
    files = [file for path in given for file in row_files(path)]
    if not any(path.is_dir() for path in given):
        return files
    if len(given) > 1:
        raise ArgumentsInvalid(tool="convert", reason="files: a folder is converted alone")
    if format_named(arguments.to).beside is not None:
        told = f"to: {arguments.to} is a folder itself: convert the files of this one by one"
        raise ArgumentsInvalid(tool="convert", reason=told)
    if len({_stem(file) for file in files}) < len(files):
        told = (
            f"files: two files of {given[0].name} bear one name but for their endings: rename one"
        )
        raise ArgumentsInvalid(tool="convert", reason=told)
    return files


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


@dataclass
class _Work:
    arguments: ConvertArguments
    target: Format
    passing: Passing
    names: Mapping[Path, str]
    apart: bool = False
    """Each file becomes one of its own."""
    losses: Losses = field(default_factory=Losses)
    formats: Counter[str] = field(default_factory=Counter)
    unapplied: int = 0
    _converted: Counter[str] = field(default_factory=Counter)
    _first: dict[str, str] = field(default_factory=dict)
    _is_table: bool = False

    def items(self, path: Path) -> Any:
        """(path, row or fault) of a file; at its end InputUnreadable when none of it was converted."""
        self._is_table = is_parquet(path)
        rows = read_source(path, self.arguments.max_line_mb * _MB)
        for item in self.passing.over(path, rows):
            yield path, item
        if not self._converted[str(path)]:
            reason = f"no row of it can be written as {self.target.name}; {self._first[str(path)]}"
            raise InputUnreadable(path=path, where="", reason=reason)

    def place(self, path: Path, item: Line | Fault, done: Resumable) -> None:
        if isinstance(item, Fault):
            self._drop(path, item, (item.reason, item.note), done)
        else:
            try:
                done.keep(self._written(item), _stem(path) if self.apart else PART)
                self._converted[str(path)] += 1
            except Unfit as fault:
                self._drop(path, item, (fault.reason, fault.note), done)

    def _written(self, line: Line) -> bytes:
        if not is_exact(line):
            raise Unfit(INEXACT, NOTE)
        source = self._source(line.row)
        conversation = read(line.row, source)
        fitted = fit(conversation, self.target, keep=self.arguments.keep)
        if fitted.lost and self.arguments.on_loss == "drop":
            raise Unfit(
                "would-lose", f"{', '.join(fitted.lost)} have no place in {self.target.name}"
            )
        try:
            raw = orjson.dumps(fitted.row)
        except orjson.JSONEncodeError:
            raise Unfit("too-deep", "nested deeper than JSON is written here; flatten it") from None
        self.losses.add(list(fitted.lost), line.number)
        self.formats[source.name] += 1
        self.unapplied += self._is_unapplied(conversation)
        return raw

    def _source(self, row: Row) -> Format:
        """A row of a table that looks like chat may bear the marks of `formats.table`."""
        if self.arguments.source != _AUTO:
            return format_named(self.arguments.source)
        found = format_of(row)
        return PARQUET if found is CHAT and self._is_table else found

    def _is_unapplied(self, conversation: Conversation) -> bool:
        return conversation.weight not in (None, 1) and not self.target.applies_weight

    def _drop(self, path: Path, item: Line | Fault, why: tuple[str, str], done: Resumable) -> None:
        reason, note = str(why[0]), why[1]
        place: Row = {"reason": reason, "note": note, "file": self.names[path]}
        place |= {"line": item.number, "offset": item.offset}
        self._first.setdefault(str(path), f"line {item.number}: {reason}, {note or 'see there'}")
        row = place
        if isinstance(item, Line) and reason != INEXACT:  # whose number would be told rounded
            row = place | {"row": item.row}
        done.drop(reason, orjson.dumps(row))

    def told(self) -> Any:
        """What a stopped run needs of the books, as JSON."""
        tally = self.losses
        return {
            "losses": [dict(tally.counts), dict(tally.rows), tally.first],
            "formats": dict(self.formats),
            "unapplied": self.unapplied,
            "converted": dict(self._converted),
            "first": self._first,
        }

    def take_up(self, done: Resumable) -> None:
        if done.held is None:
            return
        counts, rows, first = done.held["losses"]
        self.losses = Losses(Counter(counts), Counter(rows), first)
        self.formats, self._first = Counter(done.held["formats"]), done.held["first"]
        self._converted = Counter(done.held["converted"])
        self.unapplied = done.held["unapplied"]

    def outcome(self, done: Resumable, rows: Path, dropped: Path) -> Outcome:
        books = done.books
        reasons = dict(sorted(books.dropped.items()))
        account = RowAccount(books.read, books.written, reasons)
        account.check("convert")
        lost = self.losses.told()
        measured = {
            "to": self.target.name,
            "read_as": dict(sorted(self.formats.items())),
            "dropped": reasons,
            "lost": lost,
            "rows_with_unapplied_weight": self.unapplied,
        }
        made = (
            Made("rows", rows, books.written),
            Made("dropped", dropped, sum(reasons.values())),
        )
        return Outcome(made, self._summary(account, lost), account, measured)

    def _summary(self, account: RowAccount, lost: list[dict[str, Any]]) -> str:
        out = ", ".join(f"{reason} {n:,}" for reason, n in account.dropped.items()) or "none"
        names = ", ".join(f"{each['field']} {each['count']:,}" for each in lost[:5]) or "nothing"
        text = f"{account.rows_in:,} rows in, {account.rows_out:,} as {self.target.name}, dropped: {out}; "
        text += f"lost: {names}"
        if self.unapplied:
            text += (
                f"; {self.unapplied:,} rows bear a weight that {self.target.name} does not apply"
            )
        return text
