"""The pages say what the report says, and nothing that a row says acts in them."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from unit.tools.data_rows import Row, chat, write_rows

from crewboard.tools.audit.config import AuditConfig, Balance
from crewboard.tools.audit.work import Wanted, audit_files
from crewboard.tools.audit.written import html, markdown

EVIL = '<script>alert(1)</script> [x](javascript:1) | `a` "'


def report_on(
    folder: Path, rows: list[Row], *, near: bool = False, **declared: Any
) -> dict[str, Any]:
    write_rows(folder / "data.jsonl", rows)
    return audit_files(Wanted((folder / "data.jsonl",), AuditConfig(**declared), near=near))


def evil_report(folder: Path) -> dict[str, Any]:
    rows = [chat(f"{n}?", "", agent=EVIL, category="x", difficulty="easy") for n in range(3)]
    rows += [chat(f"{n}?", agent="b", category=EVIL, difficulty="hard") for n in range(9)]
    plan = Balance(plan={"easy": 0.5, "hard": 0.5})
    return report_on(folder, rows, balance={"difficulty": plan})


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_a_label_of_a_row_acts_nowhere(tmp_path: Path) -> None:
    report = evil_report(tmp_path)
    page = html(report)
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.seen
    assert "&lt;script&gt;" in page
    assert tags.links == []
    text = markdown(report)
    assert "<script>" not in text
    assert "[x](" not in text


def test_the_page_is_whole_by_itself_and_has_its_plots(tmp_path: Path) -> None:
    page = html(evil_report(tmp_path))
    assert page.count("<svg") >= 6
    assert "://" not in page
    for title in ("Rows by words", "Balance of difficulty", "Redundant rows by key", "Findings"):
        assert title in page
    for chart in page.split("<svg")[1:]:
        ET.fromstring("<svg" + chart.split("</svg>")[0] + "</svg>")


def test_both_pages_tell_the_verdict(tmp_path: Path) -> None:
    """F19: it is computed; no word of it is written before."""
    beyond = evil_report(tmp_path)
    for page in (html(beyond), markdown(beyond).replace("\\", "")):
        assert "Beyond what was declared" in page
        assert "empty-content, balance of difficulty" in page
    sound = report_on(tmp_path, [chat("a")])
    assert "Within what was declared: 1 rows." in html(sound)


def test_near_duplicates_and_leakage_have_their_sections(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    long = " ".join(f"w{n}" for n in range(50))
    write_rows(tmp_path / "train.jsonl", [chat("q", f"{long}.")])
    write_rows(tmp_path / "test.jsonl", [chat("Q", f"{long} x."), chat("new", "other.")])
    wanted = Wanted(
        (tmp_path / "test.jsonl",), AuditConfig(), near=True, against=tmp_path / "train.jsonl"
    )
    page = html(audit_files(wanted))
    assert "Near duplicates by likeness" in page
    assert "against train.jsonl of 1 rows" in page


def test_a_file_name_acts_nowhere_either(tmp_path: Path) -> None:
    write_rows(tmp_path / "<b>x`|.jsonl", [chat("a")])
    report = audit_files(Wanted((tmp_path / "<b>x`|.jsonl",), AuditConfig()))
    assert "<b>" not in html(report)
    assert "<b>" not in markdown(report)
