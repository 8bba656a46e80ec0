"""`openai` and `openai-dpo`: chat fine-tuning files, and those of providers who took the shape over.

Source: OpenAPI description 2.3.0, FineTuneChatRequestInput and FineTunePreferenceRequestInput. The
keys are closed: nothing can be kept beside. `together` and `mistral` are the same shape without its
options (docs.together.ai, docs.mistral.ai), `fireworks` likewise with a weight of the row
(docs.fireworks.ai, weighted training).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crewboard.tools.convert.format import CANNOT_HOLD, Format
from crewboard.tools.convert.model import Call, Conversation, Row, Turn, Unfit
from crewboard.tools.convert.spoken import Manner, hear, number_or_none, say
from crewboard.tools.convert.toolbox import boxes, unboxed

_MANNER = Manner(strict=True)
_ROOT = frozenset({"messages", "tools"})
_OF_CALLS: dict[str, type] = {"parallel_tool_calls": bool}
_OPTIONS: dict[str, type] = {**_OF_CALLS, "functions": list}


def read(row: Row) -> Conversation:
    details = {key: value for key, value in row.items() if key not in _ROOT}
    return Conversation(
        hear(row.get("messages")), tools=unboxed(row.get("tools"), "tools"), details=details
    )


def write(conversation: Conversation) -> Row:
    return _single(conversation, _OPTIONS)


def write_bare(conversation: Conversation) -> Row:
    return _single(conversation, {})


def read_weighted(row: Row) -> Conversation:
    found = read({key: value for key, value in row.items() if key != "weight"})
    return _weighted(found, number_or_none(row, "weight", "row"))


def write_weighted(conversation: Conversation) -> Row:
    row = write_bare(conversation)
    return row if conversation.weight is None else row | {"weight": conversation.weight}


def read_preference(row: Row) -> Conversation:
    given = row.get("input")
    if not isinstance(given, dict):
        raise Unfit("no-messages", "input is no object; it holds the messages of the prompt")
    prompt = read(given)
    details: dict[str, Any] = dict(prompt.details)
    details |= {k: v for k, v in row.items() if k not in {"input", *_ANSWERS}}
    better, worse = (hear(row.get(key), key) for key in _ANSWERS)
    return Conversation(
        prompt.turns, tools=prompt.tools, chosen=better, rejected=worse, details=details
    )


def write_preference(conversation: Conversation) -> Row:
    if not (len(conversation.chosen) == len(conversation.rejected) == 1):
        raise Unfit("no-preference", "a pair is one better and one worse assistant message")
    better, worse = (say(s, _MANNER) for s in (conversation.chosen, conversation.rejected))
    prompt = _prompt(conversation, _OF_CALLS)
    return {"input": prompt, **dict(zip(_ANSWERS, (better, worse), strict=True))}


def _single(conversation: Conversation, options: Mapping[str, type]) -> Row:
    if conversation.is_preference:
        raise Unfit("preference", "it has two answers; convert to a preference format")
    return _prompt(conversation, options)


def _prompt(conversation: Conversation, options: Mapping[str, type]) -> Row:
    """`options` tells the type of each that the provider takes; what else bears its name is no option."""
    row: Row = {"messages": say(_numbered(conversation.turns), _MANNER)}
    if conversation.tools:
        row["tools"] = boxes(conversation.tools)
    said = conversation.details
    return row | {
        key: said[key] for key, kind in options.items() if isinstance(said.get(key), kind)
    }


def _numbered(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """The turns with an id for each call and each answer, which the schema wants. An answer without one
    is to the first call that has none yet. Unfit for an answer to nothing."""
    numbered: list[Turn] = []
    waiting: list[str] = []
    for i, turn in enumerate(turns):
        if turn.role == "tool":
            answers = turn.answers if turn.answers is not None else next(iter(waiting), None)
            if answers is None:
                raise Unfit(
                    CANNOT_HOLD, f"turns[{i}] is a tool's answer, and no call waits for one"
                )
            waiting = [each for each in waiting if each != answers]
            numbered.append(
                replace(turn, answers=answers, name=None)
            )  # the schema has no name there
        else:
            calls = [_with_id(call, f"call_{i}_{n}") for n, call in enumerate(turn.calls)]
            waiting += [call.id for call in calls if call.id is not None]
            numbered.append(replace(turn, calls=tuple(calls)) if turn.calls else turn)
    return tuple(numbered)


def _with_id(call: Call, fallback: str) -> Call:
    named = call.id is not None or call.kind == "function_call"
    return call if named else replace(call, id=fallback)


def _weighted(found: Conversation, weight: float | None) -> Conversation:
    return Conversation(found.turns, tools=found.tools, weight=weight, details=found.details)


_ANSWERS = ("preferred_output", "non_preferred_output")

OPENAI = Format(
    name="openai",
    summary="OpenAI chat fine-tuning, also Azure",
    spec="https://github.com/openai/openai-openapi (FineTuneChatRequestInput)",
    read=read,
    write=write,
    slot=None,
)
TOGETHER = Format(
    name="together",
    summary="the same without OpenAI's options",
    spec="docs.together.ai (fine-tuning, data preparation)",
    read=read,
    write=write_bare,
    slot=None,
)
MISTRAL = Format(
    name="mistral",
    summary="the same without OpenAI's options",
    spec="docs.mistral.ai (text fine-tuning, dataset format)",
    read=read,
    write=write_bare,
    slot=None,
)
FIREWORKS = Format(
    name="fireworks",
    summary="the same without them, with a weight of the row",
    spec="https://docs.fireworks.ai/fine-tuning/weighted-training",
    read=read_weighted,
    write=write_weighted,
    slot=None,
    applies_weight=True,
)
OPENAI_DPO = Format(
    name="openai-dpo",
    summary="OpenAI preference fine-tuning (DPO), also Together, Fireworks",
    spec="https://github.com/openai/openai-openapi (FineTunePreferenceRequestInput)",
    read=read_preference,
    write=write_preference,
    slot=None,
)
