"""`alpaca`: instruction, input, output, system, history. Text alone, user and assistant by turns.

Source: LLaMA-Factory, data/README.md: the prompt is the instruction, a line end and the input; the
answers of `history` are trained like the last one. `input_at` on a turn is where its second field
began, so that the two part again.
"""

from typing import Any

from crewboard.tools.convert.columns import noted
from crewboard.tools.convert.format import CANNOT_HOLD, Format
from crewboard.tools.convert.model import Conversation, Row, Turn, Unfit, text_of

_COLUMNS = frozenset({"instruction", "input", "output", "system", "history", "chosen", "rejected"})
_PAIR = 2
SPLIT = "input_at"


def read(row: Row) -> Conversation:
    opening = (Turn("system", _text(row, "system")),) if row.get("system") else ()
    prompt = joined(_text(row, "instruction"), _text(row, "input"), "\n")
    turns = (*opening, *_history(row.get("history")), prompt)
    beside = noted(row, _COLUMNS)
    if "output" not in row and "chosen" in row:
        better, worse = ((Turn("assistant", _text(row, k)),) for k in ("chosen", "rejected"))
        return Conversation(turns, chosen=better, rejected=worse, **beside)
    answer = Turn("assistant", _text(row, "output"))
    beside["details"] |= {key: row[key] for key in ("chosen", "rejected") if key in row}
    return Conversation((*turns, answer), **beside)


def write(conversation: Conversation) -> Row:
    turns = list(conversation.turns)
    row: Row = {"instruction": "", "input": "", "output": ""}
    if turns and turns[0].role in {"system", "developer"}:
        row["system"] = text_of(turns.pop(0).content)
    if conversation.is_preference:
        row |= {"chosen": _answer(conversation.chosen), "rejected": _answer(conversation.rejected)}
        del row["output"]
    elif turns:
        row["output"] = text_of(turns.pop().content)
    if len(turns) % _PAIR == 0:
        raise Unfit(CANNOT_HOLD, "Alpaca holds user and assistant by turns, one question last")
    row["instruction"], row["input"] = parted(turns.pop(), "\n")
    said = [text_of(turn.content) for turn in turns]
    if said:
        row["history"] = [said[i : i + _PAIR] for i in range(0, len(said), _PAIR)]
    return row


def joined(first: str, second: str, by: str) -> Turn:
    """Two fields as one user's turn that remembers where the second began."""
    if not second:
        return Turn("user", first)
    return Turn("user", f"{first}{by}{second}", extra={SPLIT: len(first) + len(by)})


def parted(turn: Turn, by: str) -> tuple[str, str]:
    """A user's turn as the two fields that it came from, or as one."""
    text, at = text_of(turn.content), turn.extra.get(SPLIT)
    if isinstance(at, int) and len(by) <= at < len(text) and text[at - len(by) : at] == by:
        return text[: at - len(by)], text[at:]
    return text, ""


def _text(row: Row, key: str) -> str:
    value: Any = row.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    raise Unfit("wrong-type", f"{key} is no text; Alpaca's columns are")


def _history(value: object) -> list[Turn]:
    pairs = value or []
    if not isinstance(pairs, list) or not all(_is_exchange(pair) for pair in pairs):
        raise Unfit("wrong-type", "history is no list of [question, answer]; make it one")
    return [
        Turn(r, text) for pair in pairs for r, text in zip(("user", "assistant"), pair, strict=True)
    ]


def _is_exchange(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == _PAIR and all(isinstance(p, str) for p in pair)


def _answer(side: tuple[Turn, ...]) -> str:
    if len(side) != 1:
        raise Unfit("no-preference", "a pair is one better and one worse answer")
    return text_of(side[0].content)


ALPACA = Format(
    name="alpaca",
    summary="instruction, input, output, system, history",
    spec="https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md",
    read=read,
    write=write,
)
