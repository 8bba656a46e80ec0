"""The tool that acts on findings: leave out the rows that break some rules, by their lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field, field_validator

from crewboard.canonical import sha256_file
from crewboard.errors import InputUnreadable
from crewboard.tools.audit.rules import SEVERITY
from crewboard.tools.contract import Arguments, InputPath, Outcome, ToolContext, tool
from crewboard.tools.files.jsonl import Fault, read_jsonl
from crewboard.tools.files.sieve import Resume, Sieve, inputs_fit


class DropArguments(Arguments):
    data: InputPath
    findings: InputPath
    """What `crewboard data audit --findings` wrote of this very file."""
    rules: tuple[str, ...] = Field(min_length=1)

    @field_validator("rules")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(value) - set(SEVERITY))
        if unknown:
            raise ValueError(
                f"no such rules: {', '.join(unknown)}; there are {', '.join(SEVERITY)}"
            )
        return value


@tool(
    "drop",
    "Leave out the rows that an audit found to break some rules.",
    produces={"rows": "chat-jsonl", "dropped": "exclusions-jsonl"},
    preflight=inputs_fit,
)
def drop(arguments: DropArguments, context: ToolContext) -> Outcome:
    """Keep the other rows byte for byte and in order. Lines that are no rows are dropped anyway."""
    wanted = frozenset(arguments.rules)
    path = context.read(arguments.findings)
    broken = lines_that_break(path, wanted, sha256_file(context.read(arguments.data)))
    with Sieve("drop", context, "rows", resume=Resume(arguments, drop.version)) as sieve:
        for line in sieve.read(arguments.data):
            rule = broken.get(line.number)
            if rule is None:
                sieve.keep(line.raw)
            else:
                sieve.drop(line, rule)
    return sieve.outcome({"rules": sorted(wanted)}, "name fewer rules")


def lines_that_break(path: Path, wanted: frozenset[str], sha256: str) -> dict[int, str]:
    """The first wanted rule that each line breaks. Findings of other bytes are refused (F25)."""
    found: dict[int, str] = {}
    audited = None
    for row in _rows(path):
        audited = row.get("audited", audited)
        if row.get("rule") in wanted:
            found.setdefault(row["line"], row["rule"])
    if audited != sha256:
        reason = "it tells of other bytes than this data, or was cut off: audit the data again"
        raise InputUnreadable(path=path, where="", reason=reason)
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for item in read_jsonl(path):
        if isinstance(item, Fault):
            raise InputUnreadable(path=path, where=f" at line {item.number}", reason=item.reason)
        yield item.row


def seal(sha256: str) -> bytes:
    """The last line of findings: of which bytes they are, so that a file that was cut is known."""
    return orjson.dumps({"audited": sha256}) + b"\n"
