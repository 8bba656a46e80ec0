"""`parquet`: rows for Hugging Face `datasets`, in columns that are the same for every row.

A table wants one type for each column, and rows of conversations do not have one: arguments of calls
are JSON text here, tools too, and whatever has no column of its own lies in `crewboard` as the text
that every format keeps it in. `datasets.load_dataset("parquet", ...)` and TRL read it as it is: TRL
decodes the text of `tools`; a chat template that prints arguments as JSON prints their text quoted.
Nulls that a table puts where a row had nothing are read as nothing, and a weight of 1.0 as 1.
"""

from typing import Any

import orjson

from crewboard.tools.convert.columns import noted
from crewboard.tools.convert.format import Format, Slot
from crewboard.tools.convert.formats.chat import side
from crewboard.tools.convert.model import Conversation, Row, Turn, Unfit, text_of
from crewboard.tools.convert.spoken import Manner, hear, json_text, said
from crewboard.tools.convert.toolbox import bare, unboxed

_SIDES = ("messages", "chosen", "rejected")
_COLUMNS = frozenset({*_SIDES, "tools"})
_MESSAGE = ("role", "content", "name", "reasoning_content", "tool_calls", "tool_call_id", "weight")
_MANNER = Manner()


def read(row: Row) -> Conversation:
    full = {key: value for key, value in row.items() if value is not None}
    full |= {key: _messages(full[key]) for key in _SIDES if key in full}
    _make_whole(full)
    return Conversation(
        turns=hear(full.get("messages")),
        tools=unboxed(full.get("tools"), "tools"),
        chosen=side(full, "chosen"),
        rejected=side(full, "rejected"),
        **noted(full, _COLUMNS),
    )


def write(conversation: Conversation) -> Row:
    row: Row = {"messages": [_message(turn) for turn in conversation.turns]}
    for key in ("chosen", "rejected"):
        row[key] = [_message(turn) for turn in getattr(conversation, key)] or None
    row["tools"] = json_text(bare(conversation.tools)) if conversation.tools else None
    row["id"] = conversation.id
    row["weight"] = conversation.weight
    return row


def _message(turn: Turn) -> Row:
    """`content` is text in every row; one of several parts lies whole in `parts`."""
    full = said(turn, _MANNER)
    message: Row = {key: full.get(key) for key in _MESSAGE}
    message["parts"] = None
    if isinstance(turn.content, tuple):
        message |= {"content": text_of(turn.content), "parts": json_text(list(turn.content))}
    calls = message["tool_calls"] or []
    message["tool_calls"] = [_call(call) for call in calls] or None
    return message


def _call(call: Row) -> Row:
    function = {key: call["function"][key] for key in ("name", "arguments")}
    return {"id": call.get("id"), "type": "function", "function": function}


def _messages(value: Any) -> Any:
    found = without_nulls(value)
    for message in found if isinstance(found, list) else []:
        if isinstance(message, dict):
            _make_whole(message)
            if isinstance(message.get("parts"), str):
                message["content"] = _parts(message.pop("parts"))
    return found


def _make_whole(row: Row) -> None:
    """A column of numbers has fractions in every row."""
    weight = row.get("weight")
    if isinstance(weight, float) and weight.is_integer():
        row["weight"] = int(weight)


def _parts(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Unfit(
            "wrong-type", "parts of a message is no JSON text; write its content alone"
        ) from None


def without_nulls(value: Any) -> Any:
    """A value without the nulls that a table fills its gaps with, however deep they lie."""
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


PARQUET = Format(
    name="parquet",
    summary="columns for Hugging Face datasets, written as a parquet file",
    spec="https://huggingface.co/docs/datasets",
    read=read,
    write=write,
    slot=Slot(),
)
