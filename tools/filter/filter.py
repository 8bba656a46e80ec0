"""Leave out rows that are too long, or that break a rule of `files.chat`."""

from pydantic import Field

from crewboard.tools.contract import Arguments, InputPath, Outcome, ToolContext, tool
from crewboard.tools.files.chat import Message, faults_of, words_in
from crewboard.tools.files.sieve import Sieve, inputs_fit


class FilterArguments(Arguments):
    data: InputPath
    max_words: int | None = Field(default=None, ge=1)
    """Words in all messages of a row together; no limit when absent."""
    drop_faulty: bool = True
    """Empty content, wrong order of roles, unknown roles, no assistant turn at the end."""


@tool(
    "filter",
    "Leave out over-long rows and rows with empty, missing or misplaced turns.",
    produces={"rows": "chat-jsonl", "dropped": "exclusions-jsonl"},
    rehearse=True,
    preflight=inputs_fit,
)
def filter_rows(arguments: FilterArguments, context: ToolContext) -> Outcome:
    """Keep rows byte for byte and in order.

    A row that breaks several rules counts under the first of them; over-length comes last.
    """
    with Sieve("filter", context, "rows") as sieve:
        for line, messages in sieve.read_chat(arguments.data):
            reason = _reason_against(messages, arguments)
            if reason is None:
                sieve.keep(line.raw)
            else:
                sieve.drop(line, reason, row=line.row)
    return sieve.outcome({"dropped": sieve.reasons}, "loosen the limits or mend the source")


def _reason_against(messages: list[Message], arguments: FilterArguments) -> str | None:
    fault = next(faults_of(messages), None) if arguments.drop_faulty else None
    if fault is not None:
        return fault.rule
    too_long = arguments.max_words is not None and words_in(messages) > arguments.max_words
    return "over-long" if too_long else None
