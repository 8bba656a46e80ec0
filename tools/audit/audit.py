"""The tool: one pass over a chat dataset, one JSON report of bounded size.

The report holds counts, shares, lines and byte offsets, and no text of any row: it may be shown to
people, and to models, that must not see the data.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import Field, field_validator

from crewboard.tools.audit.rules import SEVERITY, Severity
from crewboard.tools.audit.tally import Tally
from crewboard.tools.contract import (
    Arguments,
    InputPath,
    Made,
    Outcome,
    RowAccount,
    ToolContext,
    tool,
)
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.files.jsonl import read_jsonl
from crewboard.tools.files.sieve import PROGRESS_EVERY, inputs_fit

FORMAT = "crewboard-audit/1"
_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


class AuditArguments(Arguments):
    data: InputPath
    max_words: int = Field(default=400, ge=1)
    """Words in all messages of a row together; a row with more is over-long."""
    tolerate: Mapping[str, float] = Field(default_factory=dict)
    """The share of rows, from 0 to 1, that may break a rule: declared before, not explained after.
    A rule that is not named tolerates nothing."""

    @field_validator("tolerate")
    @classmethod
    def _known_and_shares(cls, value: Mapping[str, float]) -> Mapping[str, float]:
        unknown = sorted(set(value) - set(SEVERITY))
        if unknown:
            raise ValueError(
                f"no such rules: {', '.join(unknown)}; there are {', '.join(SEVERITY)}"
            )
        if any(not 0 <= share <= 1 for share in value.values()):
            raise ValueError("a tolerated share lies between 0 and 1")
        return value


@tool(
    "audit",
    "Count and locate what is wrong with a chat dataset, in one pass, without quoting it.",
    produces={"report": "audit-report"},
    rehearse=True,
    preflight=inputs_fit,
)
def audit(arguments: AuditArguments, context: ToolContext) -> Outcome:
    """Read every line, good or bad; the dataset itself is not changed."""
    hasher, tally = hashlib.sha256(), Tally(arguments.max_words)
    data = context.read(arguments.data)
    for item in read_jsonl(data, tap=hasher.update):
        tally.take(item)
        if tally.rows % PROGRESS_EVERY == 0:
            context.progress(tally.rows, None, "rows audited")
    findings = tally.findings(arguments.tolerate)
    report = {
        "format": FORMAT,
        "data": {"bytes": data.stat().st_size, "rows": tally.rows, "sha256": hasher.hexdigest()},
        "max_words": arguments.max_words,
        "rules": findings,
        "duplicates": tally.duplicates(),
        "words": tally.words(),
        "messages_per_row": tally.messages_per_row(),
    }
    path = context.out / "audit.json"
    write_whole(path, orjson.dumps(report, option=_OPTIONS))
    account = RowAccount(rows_in=tally.rows, rows_out=tally.rows)
    made = (Made("report", path),)
    return Outcome(made, _summary(tally.rows, findings), account, _measured(tally, findings))


def _summary(rows: int, findings: list[dict[str, Any]]) -> str:
    over = [f"{each['id']} {each['count']:,}" for each in findings if each["over"]]
    return f"{rows:,} rows audited; over what is tolerated: {', '.join(over) or 'nothing'}"


def _measured(tally: Tally, findings: list[dict[str, Any]]) -> dict[str, Any]:
    grave = [each["id"] for each in findings if each["over"] and each["severity"] == Severity.HIGH]
    return {
        "rows": tally.rows,
        "counts": {each["id"]: each["count"] for each in findings if each["count"]},
        "grave": grave,
    }
