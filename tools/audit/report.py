"""The report: what was read, what was found, and how that stands to what was declared before.

It holds counts, shares, lines and byte offsets, and no text of any row: it may be shown to people,
and to models, that must not see the data. Labels (agents, categories, difficulties) are told as rows
give them, cut at 60 characters.
"""

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.checks.languages import Languages
from crewboard.tools.audit.checks.suspects import Suspects
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.read import Read
from crewboard.tools.audit.rules import DUPLICATE, RULES, Severity, tolerated

FORMAT = "crewboard-audit/2"


@dataclass(frozen=True)
class Compared:
    """What the comparisons after the pass told; empty where one was not asked for."""

    repeats: dict[str, Any]
    near: dict[str, Any] = field(default_factory=dict)
    leakage: dict[str, Any] = field(default_factory=dict)


def report_of(config: AuditConfig, read: Read, book: Book, compared: Compared) -> dict[str, Any]:
    """The whole report as plain JSON; the same data and declarations give the same one."""
    rows = read.scan.lines
    sections: dict[str, Any] = {}
    for check in read.scan.checks:
        sections |= check.told()
    findings = [_told(rule, book, rows, config) for rule in RULES]
    exact = next(each for each in compared.repeats["keys"] if each["rule"] == DUPLICATE)
    return {
        "format": FORMAT,
        "data": _data(read),
        "files": [
            {
                "name": s.name,
                "bytes": s.bytes,
                "sha256": s.sha256,
                "lines": s.lines,
                "rows": s.rows,
            }
            for s in read.sources
        ],
        "declared": config.model_dump(mode="json"),
        "max_words": config.max_words,
        "engines": engines(read),
        "verdict": _verdict(findings, sections["plan"], rows),
        "rules": findings,
        "duplicates": {
            "key": "messages",
            "groups": exact["groups"],
            "redundant_rows": exact["redundant_rows"],
            "share": round(exact["redundant_rows"] / rows, 6) if rows else 0.0,
        },
        "repeats": compared.repeats,
        "near_duplicates": compared.near,
        "leakage": compared.leakage,
        **sections,
    }


def engines(read: Read) -> dict[str, str]:
    """What did the work: a slower way stands in where a library of the extra `data` is missing."""
    checks = read.scan.checks
    screen = next(check.screen.engine for check in checks if isinstance(check, Suspects))
    language = next(check.detector.engine for check in checks if isinstance(check, Languages))
    return {
        "patterns": screen,
        "language": language,
        "hash": "xxh3" if find_spec("xxhash") else "blake2b",
        "words": "numpy" if find_spec("numpy") else "split",
    }


def _data(read: Read) -> dict[str, Any]:
    """One file by its hash; several by the hash of their hashes, in order."""
    from crewboard.canonical import digest

    hashes = [source.sha256 for source in read.sources]
    return {
        "bytes": sum(source.bytes for source in read.sources),
        "rows": read.scan.lines,
        "sha256": hashes[0] if len(hashes) == 1 else digest(hashes),
    }


def _told(rule: str, book: Book, rows: int, config: AuditConfig) -> dict[str, Any]:
    """A rule with its count, share of all rows, the share tolerated, and up to 20 places. For
    personal data `source_rows` counts the rows that it came from: copies count once."""
    entry = book.entries[rule]
    severity, meaning = RULES[rule]
    allowed = tolerated(rule, config.tolerate)
    told = {
        "id": rule,
        "severity": severity,
        "meaning": meaning,
        "count": entry.count,
        "share": round(entry.count / rows, 6) if rows else 0.0,
        "tolerated": allowed,
        "over": entry.count > allowed * rows,
        "samples": entry.samples,
    }
    return told | ({"source_rows": len(entry.sources)} if entry.sources else {})


def _verdict(findings: list[dict[str, Any]], plans: dict[str, Any], rows: int) -> dict[str, Any]:
    """Computed from what was measured and what was declared, and from nothing else (F19)."""
    over = [each["id"] for each in findings if each["over"]]
    grave = [each["id"] for each in findings if each["over"] and each["severity"] == Severity.HIGH]
    off = [axis for axis, plan in plans.items() if plan["over"]]
    return {
        "within": not over and not off,
        "rows": rows,
        "over": over,
        "grave": grave,
        "off_plan": off,
    }
