"""Exact duplicates under the key named `messages`, within one dataset.

Memory: some 150 bytes for each distinct row. Near duplicates are not looked for.
"""

from typing import Literal

from crewboard.tools.contract import Arguments, InputPath, Outcome, ToolContext, tool
from crewboard.tools.files.chat import messages_key
from crewboard.tools.files.sieve import Sieve, inputs_fit


class DedupArguments(Arguments):
    data: InputPath
    policy: Literal["drop", "keep"] = "drop"
    """`keep` leaves the copies in, where repetition is meant as weight, and still counts them."""


@tool(
    "dedup",
    "Keep the first of rows with the same messages; drop or count the copies.",
    produces={"rows": "chat-jsonl", "dropped": "exclusions-jsonl"},
    rehearse=True,
    preflight=inputs_fit,
)
def dedup(arguments: DedupArguments, context: ToolContext) -> Outcome:
    """Keep rows byte for byte and in order; a dropped one names the line of the one kept."""
    first: dict[bytes, int] = {}
    repeated: set[bytes] = set()
    redundant = 0
    with Sieve("dedup", context, "rows") as sieve:
        for line, messages in sieve.read_chat(arguments.data):
            key = messages_key(messages)
            kept = first.setdefault(key, line.number)
            is_copy = kept != line.number
            if is_copy:
                redundant += 1
                repeated.add(key)
            if is_copy and arguments.policy == "drop":
                sieve.drop(line, "duplicate", first=kept)
            else:
                sieve.keep(line.raw)
    measured = {
        "key": "messages",
        "policy": arguments.policy,
        "groups": len(repeated),
        "redundant": redundant,
    }
    return sieve.outcome(measured, "check that the data is chat rows")
