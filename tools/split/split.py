"""Which side a row falls on depends on the seed and on what it asks, and on nothing else.

So neither the order of the file nor rows added later move a row across, and rows that ask the same
(up to letter case and spacing) stay together. Reworded questions are not recognised as the same.
"""

import hashlib

from pydantic import Field

from crewboard.errors import InputUnreadable
from crewboard.tools.contract import Arguments, InputPath, Outcome, ToolContext, tool
from crewboard.tools.files.chat import Message, messages_of, question_key
from crewboard.tools.files.jsonl import Line
from crewboard.tools.files.rows import read_rows
from crewboard.tools.files.sieve import Resume, Sieve, inputs_fit

_SPAN = 1 << 64


class SplitArguments(Arguments):
    data: InputPath
    test_share: float = Field(default=0.1, gt=0, lt=1)
    seed: int | None = None
    """The run's own seed when absent."""


@tool(
    "split",
    "Part rows into train and test; no question stands on both sides.",
    produces={"train": "chat-jsonl", "test": "chat-jsonl", "dropped": "exclusions-jsonl"},
    rehearse=True,
    preflight=inputs_fit,
)
def split(arguments: SplitArguments, context: ToolContext) -> Outcome:
    """Part rows, each byte for byte and in order. Stopped and started again it goes on where it was.

    InputUnreadable when all rows ask the same question, so that there is nothing to part.
    """
    seed = context.seed if arguments.seed is None else arguments.seed
    border = _border(arguments, context, seed)
    resume = Resume(arguments, split.version)
    with Sieve("split", context, "train", "test", resume=resume) as sieve:
        for line, messages in sieve.read_chat(arguments.data):
            sieve.keep(line.raw, "test" if _rank(messages, seed) < border else "train")
    train, test = sieve.kept("train"), sieve.kept("test")
    measured = {
        "seed": seed,
        "asked_test_share": arguments.test_share,
        "got_test_share": round(test / (train + test), 6),
    }
    return sieve.outcome(measured, "name more data")


def _border(arguments: SplitArguments, context: ToolContext, seed: int) -> int:
    """Find the rank below which rows are test.

    It is the share asked for, moved just far enough that the lowest rank is test and the highest
    is train.
    """
    lowest, highest = _SPAN, -1
    real = context.read(arguments.data)
    for line in read_rows(real):
        messages = messages_of(line.row) if isinstance(line, Line) else None
        if messages is not None:
            rank = _rank(messages, seed)
            lowest, highest = min(lowest, rank), max(highest, rank)
    if lowest >= highest:
        reason = "fewer than two different questions stand in it, so it cannot be parted"
        raise InputUnreadable(path=arguments.data, where="", reason=reason)
    return min(max(int(arguments.test_share * _SPAN), lowest + 1), highest)


def _rank(messages: list[Message], seed: int) -> int:
    salted = hashlib.sha256(b"split:%d:" % seed + question_key(messages))
    return int.from_bytes(salted.digest()[:8], "big")
