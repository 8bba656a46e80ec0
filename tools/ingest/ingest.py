"""The tool: recognise each row's shape, convert it, account for it.

Only the conversation is carried over, with `tools` and `synthetic` where a row has them; every
other column stays in the source, where `source` points.
"""

from typing import Any

import orjson
from pydantic import Field

from crewboard.errors import InputUnreadable
from crewboard.tools.contract import Arguments, InputPath, Outcome, ToolContext, tool
from crewboard.tools.files.exact import INEXACT, is_exact
from crewboard.tools.files.jsonl import Line
from crewboard.tools.files.sieve import Resume, Sieve, inputs_fit
from crewboard.tools.ingest.shapes import SHAPES, Conversation, Unconvertible, conversations_in

_MB = 1_000_000
_CARRIED = ("tools", "synthetic")


class IngestArguments(Arguments):
    files: tuple[InputPath, ...] = Field(min_length=1)
    max_line_mb: int = Field(default=50, ge=1, le=1000)


@tool(
    "ingest",
    "Convert question/answer, prompt/completion, Alpaca, ShareGPT and chat rows to chat rows.",
    produces={"rows": "chat-jsonl", "dropped": "exclusions-jsonl"},
    rehearse=True,
    preflight=inputs_fit,
)
def ingest(arguments: IngestArguments, context: ToolContext) -> Outcome:
    """Convert what can be; drop the rest with its reason, and keep it in `dropped` as it was.

    InputUnreadable for a file of which no row can be converted. Stopped and started again on the same
    inputs it goes on where it was.
    """
    begun: dict[str, int] = {}
    resume = Resume(arguments, ingest.version, lambda: begun)
    with Sieve("ingest", context, "rows", resume=resume) as sieve:
        begun.update(sieve.carried or {})
        for path in arguments.files:
            before = begun.setdefault(path, sieve.kept("rows"))
            _take(path, arguments.max_line_mb * _MB, sieve, before)
    measured = {"files": len(arguments.files), "dropped": sieve.reasons}
    return sieve.outcome(measured, "look into the source")


def _take(path: str, limit: int, sieve: Sieve, before: int) -> None:
    for line in sieve.read(path, limit):
        if not is_exact(line):
            sieve.drop(line, INEXACT)
            continue
        try:
            found = conversations_in(line.row)
        except Unconvertible as fault:
            sieve.drop(line, fault.reason, row=line.row)
        else:
            sieve.keep_all([_chat_row(messages, line, sieve.file) for messages in found])
    if sieve.kept("rows") == before:
        shapes = ", ".join(shape.name for shape in SHAPES)
        told = ", ".join(f"{reason} {n}" for reason, n in sieve.reasons.items())
        reason = f"no row of it can be converted ({told}); known shapes are {shapes}"
        raise InputUnreadable(path=path, where="", reason=reason)


def _chat_row(messages: Conversation, line: Line, file: str) -> bytes:
    row: dict[str, Any] = {"messages": messages, "source": {"file": file, "line": line.number}}
    return orjson.dumps(row | {key: line.row[key] for key in _CARRIED if key in line.row})
