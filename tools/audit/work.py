"""An audit from files to report: read, compare, judge."""

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.compare import leakage, near_duplicates
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.drop import seal
from crewboard.tools.audit.read import Read, read_all
from crewboard.tools.audit.reading import Looks, Progress, Reading
from crewboard.tools.audit.repeats import Table, exact_copies, settle
from crewboard.tools.audit.report import Compared, report_of
from crewboard.tools.files.atomic import fits
from crewboard.tools.near import Grams


@dataclass(frozen=True)
class Wanted:
    """`against` is a training set in which none of the rows may stand; `folder` is where what waits
    on disk lies until the audit is over, some 60 bytes a row and more for near duplicates."""

    paths: tuple[Path, ...]
    config: AuditConfig
    folder: Path | None = None
    near: bool = False
    against: Path | None = None
    tokenizer: Path | None = None
    processes: int = 1


def audit_files(
    wanted: Wanted, progress: Progress | None = None, sink: BinaryIO | None = None
) -> dict[str, Any]:
    """The report. `sink` takes every finding as a line of JSON, in the order in which they are made, and
    then `drop.seal`.

    InputMissing, InputEmpty, InputUnreadable, InputExpands; DiskFull; ExtraMissing for `near` and
    `against` without numpy.
    """
    book = Book(sink)
    with TemporaryDirectory(prefix=".audit-", dir=wanted.folder) as work:
        folder = Path(work)
        reading = _reading(wanted, folder / "data", progress)
        read = read_all(reading, book)
        with fits(folder):
            compared = _compared(wanted, read, book, folder)
        report = report_of(wanted.config, read, book, compared)
        if sink is not None:
            sink.write(seal(report["data"]["sha256"]))
        return report


def _reading(wanted: Wanted, folder: Path, progress: Progress | None) -> Reading:
    folder.mkdir()
    looks = Looks(
        grams=wanted.near or wanted.against is not None,
        questions=wanted.against is not None,
        tokenizer=str(wanted.tokenizer.resolve()) if wanted.tokenizer else None,
    )
    reading = Reading(wanted.paths, wanted.config, folder, looks, wanted.processes)
    return reading if progress is None else replace(reading, progress=progress)


def _compared(wanted: Wanted, read: Read, book: Book, folder: Path) -> Compared:
    table, near, leaked = Table(read.parts), {}, {}
    exact = exact_copies(table)
    repeats = settle(table, exact, book)
    if wanted.near:
        near = near_duplicates(table, read.grams, exact, wanted.config, book)
    if wanted.against is not None:
        looks = Looks(keys_only=True, grams=True, questions=True)
        (folder / "training").mkdir()
        training = read_all(
            Reading((wanted.against,), wanted.config, folder / "training", looks), Book()
        )
        both = Table([*training.parts, *read.parts])
        grams = Grams([*training.grams, *read.grams])
        split = both.rows - table.rows
        leaked = leakage(both, grams, split, wanted.config, book)
        leaked["against"] = {"name": wanted.against.name, "sha256": training.sources[0].sha256}
    return Compared(repeats, near, leaked)
