"""`sharegpt` and `llama-factory`: turns named by who speaks.

Source: LLaMA-Factory, data/README.md. {"conversations": [{"from", "value"}], "system", "tools"}:
human and observation stand at odd places, gpt and function_call at even ones; a call is the JSON text
of {"name", "arguments"}, several are a list of such; `tools` is the JSON text of the bare functions.
`llama-factory` keeps to those places, because the trainer leaves out a row that does not, and writes
`system` and `tools` into every row, because it names columns; `dataset_info.json` lies beside it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from crewboard.tools.convert.columns import noted
from crewboard.tools.convert.format import CANNOT_HOLD, Format
from crewboard.tools.convert.model import Call, Conversation, Row, Turn, Unfit, text_of
from crewboard.tools.convert.spoken import called, json_text
from crewboard.tools.convert.toolbox import bare, unboxed

_COLUMNS = frozenset({"conversations", "system", "tools", "chosen", "rejected"})
_TURN = frozenset({"from", "value"})
_ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "assistant": "assistant",
    "system": "system",
    "function_call": "assistant",
    "observation": "tool",
    "tool": "tool",
}
_NAMES = {"user": "human", "assistant": "gpt", "system": "system", "developer": "system"}
_NAMES |= {"tool": "observation", "function": "observation"}
_KNOWN = ", ".join(_ROLES)
_ODD, _EVEN = {"human", "observation"}, {"gpt", "function_call"}


def read(row: Row) -> Conversation:
    turns = row.get("conversations")
    if not isinstance(turns, list) or not turns:
        raise Unfit("no-messages", "conversations is no list of turns; give it one turn at least")
    opening = [Turn("system", _text(row["system"], "system"))] if row.get("system") else []
    heard = [_turn(turn, f"conversations[{i}]") for i, turn in enumerate(turns)]
    return Conversation(
        turns=(*opening, *heard),
        tools=unboxed(row.get("tools"), "tools"),
        chosen=_side(row, "chosen"),
        rejected=_side(row, "rejected"),
        **noted(row, _COLUMNS),
    )


def write(conversation: Conversation) -> Row:
    turns = list(conversation.turns)
    row: Row = {"conversations": []}
    if len(turns) > 1 and turns[0].role in {"system", "developer"} and text_of(turns[0].content):
        row["system"] = text_of(turns.pop(0).content)
    row["conversations"] = [said for turn in turns for said in _said(turn)]
    if conversation.tools:
        row["tools"] = json_text(bare(conversation.tools))
    for key in ("chosen", "rejected"):
        side = [said for turn in getattr(conversation, key) for said in _said(turn)]
        if side:
            row[key] = side[0] if len(side) == 1 else side
    return row


def write_in_place(conversation: Conversation) -> Row:
    """As `write`, for a trainer that counts places. Unfit where the places do not fit."""
    row = {"system": "", "tools": "", **write(conversation)}
    speakers = [turn["from"] for turn in row["conversations"]]
    for i, speaker in enumerate(speakers):
        if speaker not in (_EVEN if i % 2 else _ODD):
            raise Unfit(
                CANNOT_HOLD, f"LLaMA-Factory takes no {speaker} at place {i + 1}: it skips the row"
            )
    answered = len(speakers) % 2 == (1 if conversation.is_preference else 0)
    if not answered:
        raise Unfit(
            CANNOT_HOLD, "LLaMA-Factory wants an answer to the last question: it skips the row"
        )
    return row


def dataset_info(rows_file: str, row: Row) -> Mapping[str, bytes]:
    """The file that tells LLaMA-Factory where each column is; the data set bears the file's name."""
    columns = {"messages": "conversations", "system": "system", "tools": "tools"}
    entry: Row = {"file_name": rows_file, "formatting": "sharegpt", "columns": columns}
    if "chosen" in row:
        entry |= {
            "ranking": True,
            "columns": {**columns, "chosen": "chosen", "rejected": "rejected"},
        }
    name = rows_file.split(".", maxsplit=1)[0]
    text = orjson.dumps({name: entry}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return {"dataset_info.json": text}


def _side(row: Row, key: str) -> tuple[Turn, ...]:
    value = row.get(key)
    turns = [value] if isinstance(value, dict) else value or []
    if not isinstance(turns, list):
        raise Unfit("wrong-type", f"{key} is no turn; it has `from` and `value`")
    return tuple(_turn(turn, key) for turn in turns)


def _turn(turn: object, where: str) -> Turn:
    if not isinstance(turn, dict):
        raise Unfit("wrong-type", f"{where} is no object; a turn has `from` and `value`")
    speaker = turn.get("from")
    if not isinstance(speaker, str) or speaker not in _ROLES:
        raise Unfit("unknown-role", f"{where}.from is none of {_KNOWN}; rename it")
    extra = {key: value for key, value in turn.items() if key not in _TURN}
    if speaker == "function_call":
        return Turn("assistant", calls=tuple(_calls(turn.get("value"), where)), extra=extra)
    return Turn(_ROLES[speaker], _text(turn.get("value"), f"{where}.value"), extra=extra)


def _calls(value: object, where: str) -> Iterator[Call]:
    try:
        found: Any = orjson.loads(_text(value, f"{where}.value") or "")
    except orjson.JSONDecodeError:
        raise Unfit("wrong-type", f"{where}.value is no JSON text; a call is one") from None
    for call in found if isinstance(found, list) else [found]:
        yield called(call, f"{where}.value")


def _said(turn: Turn) -> Iterator[Row]:
    text = text_of(turn.content)
    if text or not turn.calls:
        yield {"from": _NAMES[turn.role], "value": text}
    if turn.calls:
        calls = [{"name": c.name, "arguments": c.arguments} for c in turn.calls]
        yield {"from": "function_call", "value": json_text(calls[0] if len(calls) == 1 else calls)}


def _text(value: object, where: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise Unfit("wrong-type", f"{where} is no text; ShareGPT holds text alone")


_SPEC = "https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md"
SHAREGPT = Format("sharegpt", "conversations of from and value", _SPEC, read, write)
LLAMA_FACTORY = Format(
    name="llama-factory",
    summary="ShareGPT rows in LLaMA-Factory's order, with dataset_info.json",
    spec=_SPEC,
    read=read,
    write=write_in_place,
    beside=dataset_info,
)
