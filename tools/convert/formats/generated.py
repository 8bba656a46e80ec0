"""`generated`: raw examples as generators leave them, before they are a conversation.

{task, context, expected_output, difficulty, agent_name, category}: the task and below it its context
are what the user says, the expected output is the answer; the rest is kept as details. A row whose
task is empty is read all the same: whether it is any good is for the audit to say.
"""

from typing import Any

from crewboard.tools.convert.columns import noted
from crewboard.tools.convert.format import CANNOT_HOLD, Format
from crewboard.tools.convert.formats.alpaca import joined, parted
from crewboard.tools.convert.model import Conversation, Row, Turn, Unfit, text_of

_COLUMNS = frozenset({"task", "context", "expected_output"})
_GAP = "\n\n"


def read(row: Row) -> Conversation:
    said = [_text(row, key) for key in ("task", "context", "expected_output")]
    turns = (joined(said[0], said[1], _GAP), Turn("assistant", said[2]))
    return Conversation(turns, **noted(row, _COLUMNS))


def write(conversation: Conversation) -> Row:
    roles = [turn.role for turn in conversation.turns]
    if roles != ["user", "assistant"] or conversation.is_preference:
        raise Unfit(CANNOT_HOLD, "a raw example is one task and one expected output")
    task, context = parted(conversation.turns[0], _GAP)
    answer = text_of(conversation.turns[1].content)
    return {"task": task, "context": context, "expected_output": answer}


def _text(row: Row, key: str) -> str:
    value: Any = row.get(key)
    if value is None and key != "context":
        raise Unfit("unknown-shape", f"there is no {key}; see --from")
    if value is None or isinstance(value, str):
        return value or ""
    raise Unfit("wrong-type", f"{key} is no text; make it one")


GENERATED = Format(
    name="generated",
    summary="raw examples: task, context, expected_output and their labels",
    spec="crewboard.tools.convert.formats.generated",
    read=read,
    write=write,
)
