"""What rows say of themselves, against the plan and against each other."""

from pathlib import Path
from typing import Any

from unit.tools.data_rows import Row, chat, write_rows

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.checks.skew import Skew
from crewboard.tools.audit.config import AuditConfig, Balance
from crewboard.tools.audit.sight import see
from crewboard.tools.audit.work import Wanted, audit_files
from crewboard.tools.files.jsonl import Line

PLAN = {"easy": 0.30, "medium": 0.45, "hard": 0.25}


def report_on(folder: Path, rows: list[Row], **declared: Any) -> dict[str, Any]:
    write_rows(folder / "data.jsonl", rows)
    return audit_files(Wanted((folder / "data.jsonl",), AuditConfig(**declared)))


def many(count: int, **facts: Any) -> list[Row]:
    return [chat(f"{facts} {n}?", **facts) for n in range(count)]


def test_a_quota_that_was_restarted_is_off_its_plan_and_its_stage_is_named(tmp_path: Path) -> None:
    """F21: 798 easy, 535 medium and 0 hard instead of 30, 45 and 25 in a hundred."""
    first = many(60, difficulty="easy", stage="first") + many(
        90, difficulty="medium", stage="first"
    )
    first += many(50, difficulty="hard", stage="first")
    resumed = many(738, difficulty="easy", stage="resumed")
    resumed += many(445, difficulty="medium", stage="resumed")
    plan = Balance(plan=PLAN, tolerance=0.05)
    report = report_on(tmp_path, first + resumed, balance={"difficulty": plan})
    told = report["plan"]["difficulty"]
    assert told["over"]
    assert told["stage"] == "resumed"
    measured = {each["value"]: each["measured"] for each in told["values"]}
    assert measured == {"easy": 0.577007, "medium": 0.386840, "hard": 0.036153}
    assert report["verdict"]["off_plan"] == ["difficulty"]
    assert not report["verdict"]["within"]
    within = report_on(tmp_path, first, balance={"difficulty": plan})
    assert not within["plan"]["difficulty"]["over"]


def test_a_value_that_the_plan_does_not_know_is_off_it(tmp_path: Path) -> None:
    rows = many(30, difficulty="easy") + many(45, difficulty="medium") + many(25, difficulty="HARD")
    report = report_on(tmp_path, rows, balance={"difficulty": Balance(plan=PLAN)})
    assert report["plan"]["difficulty"]["over"]


def test_what_goes_with_what_is_measured(tmp_path: Path) -> None:
    tied = many(50, agent="a", category="x") + many(50, agent="b", category="y")
    assert report_on(tmp_path, tied)["bias"]["agent_by_category"] == 1.0
    free = [row for a in "ab" for c in "xy" for row in many(25, agent=a, category=c)]
    assert report_on(tmp_path, free)["bias"]["agent_by_category"] == 0.0


def test_length_is_told_by_difficulty(tmp_path: Path) -> None:
    rows = [chat("a b c", "d.", difficulty="easy"), chat("a " * 18, "b c.", difficulty="hard")]
    told = report_on(tmp_path, rows)["bias"]["length_by_difficulty"]
    assert {each["value"]: each["mean_words"] for each in told} == {"easy": 4.0, "hard": 20.0}


def test_facts_may_stand_in_metadata_and_odd_ones_are_gathered(tmp_path: Path) -> None:
    rows = [
        chat("a", metadata={"agent": "writer"}),
        chat("b", agent="writer"),
        chat("c", agent=["writer"]),
        chat("d", agent="x" * 100),
        chat("e", agent=7),
        chat("f"),
    ]
    told = {v["value"]: v["rows"] for v in report_on(tmp_path, rows)["balance"]["agent"]}
    assert told == {"writer": 2, "(other)": 2, "7": 1, "(none)": 1}


def test_a_field_of_a_million_values_does_not_fill_the_report(tmp_path: Path) -> None:
    report = report_on(tmp_path, [chat(f"{n}", category=f"c{n}") for n in range(6000)])
    values = report["balance"]["category"]
    assert len(values) == 50
    assert values[0] == {"value": "(other)", "rows": 1000, "share": 0.166667, "mean_words": 2.0}


def test_values_that_never_come_again_take_no_more_room(tmp_path: Path) -> None:
    skew, book = Skew(AuditConfig()), Book()
    for n in range(6000):
        row = chat("?", category=f"{n}" if n % 2 else "long" * 100 + str(n))
        sight = see(Line(n + 1, 0, b"", row))
        assert sight is not None
        skew.look(sight, book)
    assert len(skew._cells) <= 5001
    assert len(skew._known) <= 5000
    assert all(len(str(key)) < 100 for key in skew._known)
    assert sum(rows for rows, _ in skew._cells.values()) == 6000
