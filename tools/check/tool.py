"""The tool: every row of a file against a contract, and the file against its limits.

The first breach is an error that names line, byte and key; with `all_of_them` the whole file is read,
and the report counts each rule with the first places where it was broken.
"""

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field

from crewboard.errors import ArgumentsInvalid
from crewboard.tools.check.contract import Contract, contract_named, load
from crewboard.tools.check.errors import ContractBroken
from crewboard.tools.check.rules import images_in
from crewboard.tools.check.shape import Breach
from crewboard.tools.contract import Arguments, InputPath, Made, Outcome, ToolContext, tool
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.files.folder import row_files
from crewboard.tools.files.jsonl import Fault, Line
from crewboard.tools.files.passing import Passing

_SAMPLES = 5
_MB = 1_000_000


class CheckArguments(Arguments):
    data: InputPath
    """A file, or a folder of files each of which would be sent."""
    contract: str = ""
    """The name of a contract that comes with crewboard."""
    contract_file: InputPath | None = None
    """A contract of one's own, in the same form."""
    all_of_them: bool = False
    max_line_mb: int = Field(default=50, ge=1, le=1000)


@dataclass(frozen=True, slots=True)
class _Found:
    """A breach at its place; line 0 is the file as a whole."""

    line: int
    offset: int
    breach: Breach


@dataclass
class _Report:
    rows: int = 0
    broken: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, found: _Found, file: str) -> None:
        rule = found.breach.rule
        self.counts[rule] += 1
        samples = self.samples.setdefault(rule, [])
        if len(samples) < _SAMPLES:
            place = {"file": file, "line": found.line, "offset": found.offset}
            samples.append(place | {"where": found.breach.where, "reason": found.breach.reason})


def _preflight(arguments: CheckArguments, context: ToolContext) -> None:
    _contract(arguments, context)
    row_files(context.read(arguments.data))


@tool(
    "check",
    "Check a file against what a provider or trainer takes, before anything is sent.",
    produces={"report": "contract-report"},
    rehearse=True,
    preflight=_preflight,
)
def check(arguments: CheckArguments, context: ToolContext) -> Outcome:
    """F15: ContractBroken at the first key that the target would refuse, or a report of all."""
    contract = _contract(arguments, context)
    given, report = context.read(arguments.data), _Report()
    files = row_files(given)
    passing = Passing(files, context.progress, "rows read")
    for path in files:
        for found in _findings(path, contract, arguments, (passing, report)):
            if not arguments.all_of_them:
                named = Path(arguments.data)  # as the caller wrote it, for the remedy
                raise _broken(named / path.name if given.is_dir() else named, contract, found)
            report.add(found, path.name)
    told = {
        "contract": contract.name,
        "title": contract.title,
        "source": contract.source,
        "read": contract.read,
        "files": len(files),
        "rows": report.rows,
        "rows_broken": report.broken,
        "breaches": dict(report.counts.most_common()),
    }
    out = context.out / "report.json"
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    write_whole(out, orjson.dumps(told | {"samples": report.samples}, option=options))
    return Outcome((Made("report", out),), _summary(contract, report), measured=told)


def _contract(arguments: CheckArguments, context: ToolContext) -> Contract:
    if arguments.contract_file is not None:
        return load(context.read(arguments.contract_file))
    if not arguments.contract:
        raise ArgumentsInvalid(tool="check", reason="name a contract, or a file that holds one")
    return contract_named(arguments.contract)


def _findings(
    path: Path,
    contract: Contract,
    arguments: CheckArguments,
    books: tuple[Passing, _Report],
) -> Iterator[_Found]:
    """What is wrong with the file before its rows, with each row, and with their number."""
    passing, report = books
    before = report.rows
    yield from (_Found(0, 0, breach) for breach in _of_file(path, contract))
    first: dict[str, bool] = {}
    for item in passing.rows(path, arguments.max_line_mb * _MB):
        report.rows += 1
        breaches = [_of_fault(item)] if isinstance(item, Fault) else _of_row(item, contract, first)
        report.broken += bool(breaches)
        yield from (_Found(item.number, item.offset, breach) for breach in breaches)
    yield from (_Found(0, 0, breach) for breach in _of_number(report.rows - before, contract))


def _of_fault(fault: Fault) -> Breach:
    return Breach("data_type", "the line", f"it is no row ({fault.reason})")


def _of_row(line: Line, contract: Contract, first: dict[str, bool]) -> list[Breach]:
    breaches = list(contract.breaches(line.row))
    breaches += [
        Breach("not-in-all", key, "it must stand in every row or in none")
        for key in contract.same_in_all
        if first.setdefault(key, key in line.row) != (key in line.row)
    ]
    most = contract.limits.max_row_bytes
    if most is not None and len(line.raw) > most:
        breaches.append(Breach("row-too-long", "the row", f"it has more than {most} bytes"))
    images = contract.limits.max_row_images
    if images is not None and images_in(line.row) > images:
        breaches.append(Breach("too-many-images", "the row", f"it has more than {images} images"))
    return breaches


def _of_file(path: Path, contract: Contract) -> Iterator[Breach]:
    limits = contract.limits
    if limits.suffixes and path.suffix not in limits.suffixes:
        wanted = " or ".join(limits.suffixes)
        yield Breach("file-name", "the file", f"its name must end in {wanted}")
    size = path.stat().st_size
    if limits.max_bytes is not None and size > limits.max_bytes:
        yield Breach("file-too-large", "the file", f"it has {size:,} bytes of {limits.max_bytes:,}")


def _of_number(rows: int, contract: Contract) -> Iterator[Breach]:
    limits = contract.limits
    if rows < limits.min_rows:
        yield Breach(
            "too-few-rows", "the file", f"it has {rows:,} rows, and {limits.min_rows:,} are needed"
        )
    if limits.max_rows is not None and rows > limits.max_rows:
        yield Breach("too-many-rows", "the file", f"it has {rows:,} rows of {limits.max_rows:,}")


def _broken(path: Path, contract: Contract, found: _Found) -> ContractBroken:
    where = found.breach.where or "the row"
    return ContractBroken(
        path=path,
        contract=contract.title,
        place=f"line {found.line} (byte {found.offset}), {where}" if found.line else where,
        reason=found.breach.reason,
        remedy=_remedy(path, contract, found.line),
    )


def _remedy(path: Path, contract: Contract, line: int) -> str:
    if not contract.convert_to or not line:
        return "Correct that."
    file = shlex.quote(str(path))
    return f"Correct it, or convert: `crewboard data convert {file} --to {contract.convert_to}`."


def _summary(contract: Contract, report: _Report) -> str:
    if not report.counts:
        told = f"{report.rows:,} rows, all as {contract.title} takes them"
    else:
        rules = ", ".join(f"{rule} {n:,}" for rule, n in report.counts.most_common(5))
        told = f"{report.broken:,} of {report.rows:,} rows break the contract of {contract.title}: {rules}"
    return f"{told}. {contract.warning}".strip()
