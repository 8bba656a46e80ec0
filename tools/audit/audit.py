"""The tool: one pass over a chat dataset, one JSON report of bounded size."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import Field, field_validator

from crewboard.tools.audit.config import AuditConfig, load_config
from crewboard.tools.audit.work import Wanted, audit_files
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
from crewboard.tools.files.folder import row_files
from crewboard.tools.files.jsonl import check_readable

OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


class AuditArguments(Arguments):
    data: InputPath
    """A file, or a folder of files that are one dataset."""
    max_words: int | None = Field(default=None, ge=1)
    """Words in all messages of a row together; a row with more is over-long. 400 by default."""
    tolerate: Mapping[str, float] = Field(default_factory=dict)
    """The share of rows, from 0 to 1, that may break a rule: declared before, not explained after.
    A rule that is not named tolerates nothing, or everything where its severity is low."""
    config: InputPath | None = None
    """An `audit.toml` with thresholds, fields and plans; `max_words` and `tolerate` go before it."""
    near: bool = False
    against: InputPath | None = None
    """A training set in which none of the rows may stand."""
    processes: int = Field(default=1, ge=1, le=64)

    @field_validator("tolerate")
    @classmethod
    def _known_and_shares(cls, value: Mapping[str, float]) -> Mapping[str, float]:
        return AuditConfig(tolerate=value).tolerate


def _preflight(arguments: AuditArguments, context: ToolContext) -> None:
    """It writes a report alone; what waits on disk meanwhile is a small part of the rows."""
    _declared(arguments, context)
    row_files(context.read(arguments.data))
    if arguments.against is not None:
        check_readable(context.read(arguments.against))


@tool(
    "audit",
    "Count and locate what is wrong with a chat dataset, in one pass, without quoting it.",
    produces={"report": "audit-report"},
    version="3",
    rehearse=True,
    preflight=_preflight,
)
def audit(arguments: AuditArguments, context: ToolContext) -> Outcome:
    """Read every line, good or bad; the dataset itself is not changed."""
    wanted = Wanted(
        paths=row_files(context.read(arguments.data)),
        config=_declared(arguments, context),
        folder=context.out,
        near=arguments.near,
        against=context.read(arguments.against) if arguments.against else None,
        processes=arguments.processes,
    )
    report = audit_files(wanted, lambda done, total: context.progress(done, total, "bytes audited"))
    path = context.out / "audit.json"
    write_whole(path, orjson.dumps(report, option=OPTIONS))
    rows = report["data"]["rows"]
    return Outcome(
        (Made("report", path),), summary_of(report), RowAccount(rows, rows), _measured(report)
    )


def summary_of(report: Mapping[str, Any]) -> str:
    """One line for people."""
    verdict, rows = report["verdict"], report["data"]["rows"]
    counts = {each["id"]: each["count"] for each in report["rules"]}
    told = [f"{rule} {counts[rule]:,}" for rule in verdict["over"]]
    told += [f"{axis} is off its plan" for axis in verdict["off_plan"]]
    return f"{rows:,} rows audited; over what is tolerated: {', '.join(told) or 'nothing'}"


def _declared(arguments: AuditArguments, context: ToolContext) -> AuditConfig:
    config = load_config(context.read(arguments.config)) if arguments.config else AuditConfig()
    given: dict[str, Any] = {"tolerate": {**config.tolerate, **arguments.tolerate}}
    if arguments.max_words is not None:
        given["max_words"] = arguments.max_words
    return config.model_copy(update=given)


def _measured(report: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "rows": report["data"]["rows"],
        "counts": {each["id"]: each["count"] for each in report["rules"] if each["count"]},
        "grave": report["verdict"]["grave"],
        "within": report["verdict"]["within"],
    }
