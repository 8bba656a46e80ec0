"""`trl` and `trl-prompt-completion`: what TRL (and Unsloth, which takes its datasets) trains on.

Source: TRL 1.16, docs/source/dataset_formats. `trl` writes `messages`, or `prompt`, `chosen` and
`rejected` for a preference row; arguments of calls are objects, for chat templates print them. No
trainer of TRL applies a weight of a row or a turn: such a column is read by nobody.
A plain text under `prompt` and `completion` is read as a user's and an assistant's turn.
"""

from typing import Any

from crewboard.tools.convert.columns import noted
from crewboard.tools.convert.format import Format
from crewboard.tools.convert.model import Conversation, Row, Turn, Unfit
from crewboard.tools.convert.spoken import Manner, hear, say
from crewboard.tools.convert.toolbox import boxes, unboxed

_SIDES = frozenset({"messages", "prompt", "completion", "chosen", "rejected"})
_COLUMNS = _SIDES | {"tools"}
_MANNER = Manner(arguments_as_text=False)


def read(row: Row) -> Conversation:
    """Any of the three; `completion` goes on where `prompt` ends."""
    if "messages" in row:
        return _conversation(row, hear(row["messages"]))
    if "prompt" not in row:
        raise Unfit("unknown-shape", "there is neither `messages` nor `prompt`; see --from")
    prompt = _spoken(row, "prompt", "user")
    if "completion" in row:
        return _conversation(row, prompt + _spoken(row, "completion", "assistant"))
    better, worse = (_spoken(row, key, "assistant") for key in ("chosen", "rejected"))
    return _conversation(row, prompt, better, worse)


def write(conversation: Conversation) -> Row:
    if not conversation.is_preference:
        return _beside(conversation, {"messages": say(conversation.turns, _MANNER)})
    if not conversation.chosen or not conversation.rejected:
        raise Unfit("no-preference", "a preference row needs a better and a worse answer")
    sides = {
        "prompt": say(conversation.turns, _MANNER),
        "chosen": say(conversation.chosen, _MANNER),
        "rejected": say(conversation.rejected, _MANNER),
    }
    return _beside(conversation, sides)


def write_completion(conversation: Conversation) -> Row:
    """The last run of assistant turns is the completion."""
    turns, end = conversation.turns, len(conversation.turns)
    while end and turns[end - 1].role == "assistant":
        end -= 1
    if conversation.is_preference or end in (0, len(turns)):
        raise Unfit("no-completion", "it needs a prompt, and one assistant's turn at its end")
    sides = {"prompt": say(turns[:end], _MANNER), "completion": say(turns[end:], _MANNER)}
    return _beside(conversation, sides)


def _conversation(
    row: Row, turns: tuple[Turn, ...], better: tuple[Turn, ...] = (), worse: tuple[Turn, ...] = ()
) -> Conversation:
    return Conversation(
        turns=turns,
        tools=unboxed(row.get("tools"), "tools"),
        chosen=better,
        rejected=worse,
        **noted(row, _COLUMNS),
    )


def _spoken(row: Row, key: str, role: str) -> tuple[Turn, ...]:
    value: Any = row.get(key)
    return (Turn(role, value),) if isinstance(value, str) else hear(value, key)


def _beside(conversation: Conversation, sides: Row) -> Row:
    row: Row = dict(sides)
    if conversation.tools:
        row["tools"] = boxes(conversation.tools)
    return row


_SPEC = "https://huggingface.co/docs/trl/dataset_formats"
TRL = Format("trl", "TRL and Unsloth: messages, or preference pairs", _SPEC, read, write)
TRL_COMPLETION = Format(
    "trl-prompt-completion",
    "TRL: prompt and completion, so that only the end is trained",
    _SPEC,
    read,
    write_completion,
)
