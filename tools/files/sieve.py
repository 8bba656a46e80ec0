"""A step over rows: what passes goes into an output, what does not into `dropped` with its reason.

One call both writes a row and counts it, so the account cannot drift from the files. A step whose rows
do not depend on one another can be stopped and gone on with: see `Resume`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import orjson

from crewboard.canonical import digest, sha256_file
from crewboard.errors import SelfCheckFailed
from crewboard.tools.contract import (
    Arguments,
    Made,
    Outcome,
    RowAccount,
    ToolContext,
    input_paths,
)
from crewboard.tools.files.atomic import fits, require_space, whole
from crewboard.tools.files.chat import ChatRule, Message, messages_of
from crewboard.tools.files.folder import row_files
from crewboard.tools.files.growing import Growing
from crewboard.tools.files.jsonl import LINE_LIMIT, Fault, Line, check_readable
from crewboard.tools.files.names import names_of
from crewboard.tools.files.passing import Passing, Progress
from crewboard.tools.files.rows import read_rows

DROPPED = "dropped"
MARK_EVERY = 20_000
"""Rows between two marks of a step that resumes: what it does again at most."""


def inputs_fit(arguments: Arguments, context: ToolContext) -> None:
    """Check, before a step over rows, that its inputs hold something and its outputs fit the disk.

    A step is taken to write about as much as it reads.
    """
    paths = input_paths(arguments).values()
    require_space(context.out, sum(check_readable(context.read(path)) for path in paths))


def folders_fit(arguments: Arguments, context: ToolContext) -> None:
    """The same for a step whose inputs may be folders of rows."""
    paths = input_paths(arguments).values()
    files = [file for path in paths for file in row_files(context.read(path))]
    require_space(context.out, sum(file.stat().st_size for file in files))


@dataclass(frozen=True)
class Resume:
    """For a step that goes on where it was stopped. `arguments` and `version` are the tool's, which with
    the bytes of its inputs say what the work is; `carry` gives what else it must know then, as JSON."""

    arguments: Arguments
    version: str
    carry: Callable[[], Any] = lambda: None


class Sieve:
    """Reads inputs line by line and keeps the books of where each row went.

    Use it as a context manager; the files appear whole when the block ends, and not at all when it
    fails. `outcome` is for after the block. `beside` are files of notes, whose lines count as no rows.
    With `resume` each row must be kept or dropped before the next one is asked for, in a run of the same
    inputs in the same order; JobConflict while another process is at the same work.
    """

    def __init__(
        self,
        tool: str,
        context: ToolContext,
        *outputs: str,
        beside: Sequence[str] = (),
        resume: Resume | None = None,
    ) -> None:
        self._tool = tool
        self._context = context
        self._resume = resume
        self._outputs = outputs
        names = (*outputs, *beside, DROPPED)
        self._paths = {name: context.out / f"{name}.jsonl" for name in names}
        self._written = dict.fromkeys(self._paths, 0)
        self._reasons: Counter[str] = Counter()
        self._rows_in = 0
        self._extra = 0
        self._done = 0
        self._file = ""
        given = tuple(input_paths(resume.arguments).values()) if resume else ()
        self._names = dict(zip(given, names_of(given), strict=True))
        self._files: dict[str, BinaryIO] = {}
        self._growing: Growing | None = None
        self._stack = ExitStack()
        self.carried: Any = None
        """What `carry` gave at the mark that this run goes on from; None for a fresh one."""

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            if self._resume is None:
                for name, path in self._paths.items():
                    self._files[name] = opening.enter_context(whole(path))
            else:
                opening.enter_context(fits(self._context.out))
                self._take_up(opening.enter_context(self._work(self._resume)))
                opening.push(self._hand_out)
            self._stack = opening.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def read(self, path: str, limit: int = LINE_LIMIT) -> Iterator[Line]:
        """Yield the good lines of an input; the others are dropped under the reader's reason."""
        for item in self._items(path, lambda real: read_rows(real, limit=limit), _always):
            if isinstance(item, Fault):
                self.drop(item, item.reason)
            else:
                yield item

    def read_pieces(
        self, path: str, is_settled: Callable[[], bool]
    ) -> Iterator[tuple[Line | Fault, bytes]]:
        """Yield every line of an input, good or bad, with its bytes without the line end. Where a line may
        be held back until the next ones are known, `is_settled` says that none is."""
        first = b""  # of the pieces that an over-long line comes in

        def tapped(piece: bytes) -> None:
            nonlocal first
            first = first or piece

        def reading(real: Path) -> Iterator[Line | Fault]:
            nonlocal first
            for item in read_rows(real, tap=tapped):
                yield item
                first = b""

        for item in self._items(path, reading, is_settled):
            yield item, item.raw if isinstance(item, Line) else first.rstrip(b"\r\n")

    def read_chat(self, path: str) -> Iterator[tuple[Line, list[Message]]]:
        """Yield the lines of an input that hold messages; drop the others as `no-messages`."""
        for line in self.read(path):
            messages = messages_of(line.row)
            if messages is None:
                self.drop(line, ChatRule.NO_MESSAGES)
            else:
                yield line, messages

    @property
    def file(self) -> str:
        """What the input is called that is being read: see `names_of`."""
        return self._file

    def kept(self, output: str) -> int:
        return self._written[output]

    @property
    def reasons(self) -> Mapping[str, int]:
        """Rows dropped so far, by reason."""
        return dict(sorted(self._reasons.items()))

    def keep(self, raw: bytes, output: str = "rows") -> None:
        self._write(output, raw)

    def keep_all(self, raws: list[bytes], output: str = "rows") -> None:
        """One row that became several; every one beyond the first counts as made."""
        for raw in raws:
            self._write(output, raw)
        self._extra += len(raws) - 1

    def part(self, rows: int) -> None:
        """One row became several, or none, each of which is kept or dropped."""
        self._extra += rows - 1

    def drop(self, item: Line | Fault, reason: str, **facts: Any) -> None:
        """Record a row as left out: where it stands, why, and `facts` that help to judge it."""
        self._reasons[str(reason)] += 1  # a StrEnum is no key for orjson
        self._write(DROPPED, orjson.dumps({"reason": reason, **self._place(item), **facts}))

    def note(self, output: str, item: Line | Fault, facts: Mapping[str, Any]) -> None:
        """Write down something about a row, with its place, in one of the files `beside`."""
        self._write(output, orjson.dumps({**self._place(item), **facts}))

    def outcome(self, measured: Mapping[str, Any], hint: str) -> Outcome:
        """Sum up what the step did.

        SelfCheckFailed with `hint` when an output holds no row at all: an empty dataset is a
        failure, not a result.
        """
        for name in self._outputs:
            if self._written[name] == 0:
                told = f"no row is left for {name} of {self._rows_in} ({self._told()}); {hint}"
                raise SelfCheckFailed(tool=self._tool, reason=told)
        account = RowAccount(
            self._rows_in, sum(map(self.kept, self._outputs)), self.reasons, self._extra
        )
        account.check(self._tool)
        made = tuple(Made(name, path, self._written[name]) for name, path in self._paths.items())
        return Outcome(made, self._summary(), account, measured)

    def _summary(self) -> str:
        parts = [f"{self._rows_in:,} rows in"]
        parts += [f"{self._written[name]:,} in {name}" for name in self._outputs]
        return ", ".join([*parts, f"{self._written[DROPPED]:,} dropped ({self._told()})"])

    def _told(self) -> str:
        return ", ".join(f"{reason} {n:,}" for reason, n in self.reasons.items()) or "none"

    def _items(
        self,
        path: str,
        reading: Callable[[Path], Iterator[Line | Fault]],
        is_settled: Callable[[], bool],
    ) -> Iterator[Line | Fault]:
        """Every line that a stopped run has not done with, counted."""
        real = self._context.read(path)
        self._file = self._names.get(path, real.name)
        passing = Passing([real], self._progress(), "rows read")
        for item in passing.over(real, reading(real)):
            if self._done:
                self._done -= 1
                continue
            if is_settled():
                self._mark_now_and_then()
            self._rows_in += 1
            yield item

    def _place(self, item: Line | Fault) -> dict[str, Any]:
        return {"file": self._file, "line": item.number, "offset": item.offset}

    def _progress(self) -> Progress:
        """Told of this file's rows, it tells of all so far."""
        before = self._rows_in - self._done

        def told(done: int, total: int | None, note: str) -> None:
            self._context.progress(before + done, None if total is None else before + total, note)

        return told

    def _write(self, output: str, raw: bytes) -> None:
        self._files[output].write(raw + b"\n")
        self._written[output] += 1

    def _work(self, resume: Resume) -> Growing:
        inputs = [
            sha256_file(self._context.read(p)) for p in input_paths(resume.arguments).values()
        ]
        told = resume.arguments.model_dump(mode="json")
        key = digest([self._tool, resume.version, told, inputs, self._context.seed])
        folder = self._context.job_folder(f"{self._tool}-{key[:16]}", lasting=True)
        return Growing(folder, key)

    def _take_up(self, work: Growing) -> None:
        self._growing = work
        self._files = {name: work.file(name) for name in self._paths}
        if work.held is not None:
            self._rows_in = self._done = work.held["rows_in"]
            self._extra, self._written = work.held["extra"], work.held["written"]
            self._reasons = Counter(work.held["reasons"])
            self.carried = work.held["carried"]

    def _hand_out(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None and self._growing is not None:
            self._growing.hand_out(self._paths)

    def _mark_now_and_then(self) -> None:
        if self._growing is None or self._resume is None or not self._is_at_a_mark():
            return
        state = {"rows_in": self._rows_in, "extra": self._extra, "written": self._written}
        state |= {"reasons": self.reasons, "carried": self._resume.carry()}
        self._growing.mark(state)

    def _is_at_a_mark(self) -> bool:
        return self._rows_in > 0 and self._rows_in % MARK_EVERY == 0


def _always() -> bool:
    """No line is ever held back."""
    return True
