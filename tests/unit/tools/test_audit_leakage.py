"""Rows of a test set that stand in the training set."""

from pathlib import Path
from typing import Any

import pytest
from unit.tools.data_rows import Row, chat, write_rows
from unit.tools.test_audit import counts_of, rules_of

from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.work import Wanted, audit_files

pytest.importorskip("numpy")
WORDS = [f"word{n}" for n in range(100)]
ANSWER = " ".join(WORDS) + "."


def leaked(folder: Path, train: list[Row], test: list[Row]) -> dict[str, Any]:
    write_rows(folder / "train.jsonl", train)
    write_rows(folder / "test.jsonl", test)
    wanted = Wanted((folder / "test.jsonl",), AuditConfig(), against=folder / "train.jsonl")
    return audit_files(wanted)


def test_each_way_to_leak_has_its_rule(tmp_path: Path) -> None:
    train = [chat("First question?", ANSWER), chat("Second question?", "No.")]
    half = " ".join([*WORDS[:70], *(f"new{n}" for n in range(50))]) + "."
    test = [
        chat("First question?", ANSWER),
        chat("SECOND  question?", "Another answer."),
        chat("Changed question?", ANSWER.replace("word50", "changed")),
        chat("Mixed question?", half),
        chat("Fresh question?", "Fresh answer."),
    ]
    report = leaked(tmp_path, train, test)
    lines = {
        rule: [s["line"] for s in rules_of(report)[rule]["samples"]] for rule in rules_of(report)
    }
    assert lines["leak-exact"] == [1]
    assert lines["leak-question"] == [1, 2]
    assert lines["leak-near"] == [3]
    assert lines["leak-overlap"] == [1, 3, 4]
    told = report["leakage"]
    assert (told["training_rows"], told["rows"]) == (2, 5)
    assert told["against"]["name"] == "train.jsonl"
    assert not report["verdict"]["within"]


def test_sides_without_a_common_row_are_clean(tmp_path: Path) -> None:
    report = leaked(tmp_path, [chat("a b c d e f")], [chat("g h i j k l"), chat("m", "n.")])
    assert counts_of(report) == {}
    assert report["leakage"]["mean_overlap"] == 0.0


def test_copies_within_the_training_set_are_no_leak(tmp_path: Path) -> None:
    train = [chat("Same?", ANSWER), chat("Same?", ANSWER)]
    assert counts_of(leaked(tmp_path, train, [chat("Other?", "Fresh answer.")])) == {}
