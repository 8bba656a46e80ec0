"""What the tests of dedup look at: which rows stayed, and which one each other was left to."""

from pathlib import Path
from typing import Any

from unit.tools.data_rows import Row, made, read_rows, run, write_rows

from crewboard.tools.contract import Outcome
from crewboard.tools.dedup import dedup


def deduped(folder: Path, rows: list[Row], out: str = "out", **arguments: Any) -> Outcome:
    """Dedup rows as one file."""
    name = write_rows(folder / f"{out}.jsonl", rows)
    return run(dedup, folder, out, data=name, **arguments)


def stayed(outcome: Outcome) -> list[Row]:
    return read_rows(made(outcome, "rows"))


def left_to(outcome: Outcome) -> dict[int, int]:
    """The lines of rows that went, and of those that stay for them."""
    return {row["line"]: row["kept"]["line"] for row in read_rows(made(outcome, "dropped"))}


def clusters(outcome: Outcome) -> list[Row]:
    return read_rows(made(outcome, "clusters"))
