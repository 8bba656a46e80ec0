"""What an audit found can be left out, by its very lines."""

from pathlib import Path
from typing import Any

import pytest
from unit.tools.data_rows import chat, dropped, made, read_rows, run, write_rows

from crewboard.errors import ArgumentsInvalid, InputUnreadable
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.drop import drop
from crewboard.tools.audit.work import Wanted, audit_files


def audited(folder: Path, rows: list[dict[str, Any]], extra: bytes = b"") -> bytes:
    write_rows(folder / "data.jsonl", rows)
    with (folder / "data.jsonl").open("ab") as file:
        file.write(extra)
    with (folder / "found.jsonl").open("wb") as sink:
        audit_files(Wanted((folder / "data.jsonl",), AuditConfig()), sink=sink)
    return (folder / "found.jsonl").read_bytes()


def test_the_rows_that_break_the_named_rules_go_and_the_others_stay(tmp_path: Path) -> None:
    """F13: each that goes is accounted for."""
    rows = [chat("a"), chat("b", ""), chat("a"), chat("ann@quay-post.net"), chat("c")]
    audited(tmp_path, rows, b"{cut\n")
    outcome = run(
        drop, tmp_path, data="data.jsonl", findings="found.jsonl", rules=["duplicate", "email"]
    )
    assert read_rows(made(outcome, "rows")) == [rows[0], rows[1], rows[4]]
    assert dropped(outcome) == {"duplicate": 1, "email": 1, "malformed-json": 1}


def test_findings_of_other_bytes_are_refused(tmp_path: Path) -> None:
    """F25: a file was made anew under its name."""
    found = audited(tmp_path, [chat("a"), chat("a"), chat("b")])
    (tmp_path / "found.jsonl").write_bytes(found)
    write_rows(tmp_path / "data.jsonl", [chat("x"), chat("a"), chat("b")])
    with pytest.raises(InputUnreadable, match="audit the data again"):
        run(drop, tmp_path, data="data.jsonl", findings="found.jsonl", rules=["duplicate"])


def test_findings_that_were_cut_off_are_refused(tmp_path: Path) -> None:
    found = audited(tmp_path, [chat("a"), chat("a"), chat("b")])
    (tmp_path / "found.jsonl").write_bytes(found[: found.rindex(b"{")])
    with pytest.raises(InputUnreadable, match="cut off"):
        run(drop, tmp_path, data="data.jsonl", findings="found.jsonl", rules=["duplicate"])


def test_findings_that_were_damaged_are_refused(tmp_path: Path) -> None:
    """A line that cannot be read may be a row that had to go."""
    found = audited(tmp_path, [chat("a"), chat("a"), chat("b")])
    (tmp_path / "found.jsonl").write_bytes(b"{dup" + found[4:])
    with pytest.raises(InputUnreadable, match="at line 1"):
        run(drop, tmp_path, data="data.jsonl", findings="found.jsonl", rules=["duplicate"])


def test_a_rule_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentsInvalid, match="no such rules: dupes"):
        run(drop, tmp_path, data="x", findings="x", rules=["dupes"])
