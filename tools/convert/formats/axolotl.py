"""`axolotl`: messages with a `train` mark on each, and the block of configuration that names them.

Source: Axolotl, docs/dataset-formats/conversation.qmd (`type: chat_template`). Its mask is by turn:
`message_field_training: train` is true or false, and a turn without the mark falls back to
`roles_to_train`; so the weights 0 and 1 of the hub live on, and no other does.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from crewboard.tools.convert.columns import noted
from crewboard.tools.convert.format import Format
from crewboard.tools.convert.model import Conversation, Row, Turn, Unfit
from crewboard.tools.convert.spoken import Manner, hear, say
from crewboard.tools.convert.toolbox import boxes, unboxed

_COLUMNS = frozenset({"messages", "tools"})
_MANNER = Manner(arguments_as_text=False)
_TRAIN = "train"
_MASKS = frozenset({_TRAIN, "train_detail"})
"""What another source calls so is no mask of Axolotl's, and lies in the residue."""


def read(row: Row) -> Conversation:
    turns = tuple(_weighted(turn) for turn in hear(row.get("messages")))
    return Conversation(turns, tools=unboxed(row.get("tools"), "tools"), **noted(row, _COLUMNS))


def write(conversation: Conversation) -> Row:
    if conversation.is_preference:
        raise Unfit("preference", "it has two answers; convert to trl, which Axolotl's DPO reads")
    row: Row = {"messages": say(tuple(_marked(turn) for turn in conversation.turns), _MANNER)}
    if conversation.tools:
        row["tools"] = boxes(conversation.tools)
    return row


def configuration(rows_file: str, _row: Row) -> Mapping[str, bytes]:
    template = Path(__file__).with_name("axolotl.yaml").read_text(encoding="utf-8")
    return {"axolotl.yaml": template.replace("ROWS_FILE", rows_file).encode()}


def _marked(turn: Turn) -> Turn:
    extra = {key: value for key, value in turn.extra.items() if key not in _MASKS}
    if turn.weight not in (0, 1):
        return replace(turn, extra=extra)
    return replace(turn, weight=None, extra={**extra, _TRAIN: turn.weight == 1})


def _weighted(turn: Turn) -> Turn:
    mark = turn.extra.get(_TRAIN)
    if not isinstance(mark, bool) or turn.weight is not None:
        return turn
    extra = {key: value for key, value in turn.extra.items() if key != _TRAIN}
    return replace(turn, weight=int(mark), extra=extra)


AXOLOTL = Format(
    name="axolotl",
    summary="messages with a train mark for each turn, with axolotl.yaml",
    spec="https://docs.axolotl.ai/docs/dataset-formats/conversation.html",
    read=read,
    write=write,
    beside=configuration,
)
