"""`adp`: the Agent Data Protocol as released with its paper (2ce5353, 29 October 2025).

{"id", "content": [action or observation], "details": {text: text}}, each item named by its `class_`.
An environment's text before any action is the system's turn, after one it answers a tool. `details`
holds text alone, a weight too. Observations of web pages and images become parts of a tool's or
user's turn as they are.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from crewboard.tools.convert.format import CANNOT_HOLD, Format, Slot
from crewboard.tools.convert.model import (
    Call,
    Content,
    Conversation,
    Row,
    Turn,
    Unfit,
    is_text,
    text_of,
)
from crewboard.tools.convert.spoken import text_or_none

_ROOT = frozenset({"id", "content", "details"})
_ACTIONS = frozenset({"api_action", "code_action", "message_action"})
_SIGHTS = frozenset({"image_observation", "web_observation"})
_SOURCES = {"user": "user", "environment": "tool", "agent": "tool"}


def read(row: Row) -> Conversation:
    items, details = row.get("content"), row.get("details", {})
    if not isinstance(items, list) or not isinstance(details, dict):
        raise Unfit("wrong-type", "content is no list, or details no object; ADP has both")
    turns: list[Turn] = []
    name, acted = text_or_none(row, "id", "row"), False
    for i, item in enumerate(items):
        turns.append(_turn(item, f"content[{i}]", acted=acted))
        acted = acted or item["class_"] in _ACTIONS
    return Conversation(
        tuple(turns),
        id=None
        if name is not None and name.startswith("row-") and name == _named_by(items)
        else name,
        weight=_weight(details),
        details=_flat(row, details),
    )


def write(conversation: Conversation) -> Row:
    if conversation.is_preference:
        raise Unfit("preference", "a trajectory goes one way; convert to a preference format")
    items = [item for turn in conversation.turns for item in _items(turn)]
    texts = {k: v for k, v in conversation.details.items() if isinstance(v, str) and k != "weight"}
    if conversation.weight is not None:
        texts["weight"] = repr(conversation.weight)
    name = _named_by(items) if conversation.id is None else conversation.id
    return {"id": name, "content": items, "details": texts}


def _named_by(items: list[Any]) -> str:
    """ADP wants a name, and a conversation without one takes it of its content."""
    return f"row-{hashlib.sha256(orjson.dumps(items)).hexdigest()[:16]}"


def _weight(details: Row) -> float | None:
    """A weight is text there; one that is no plain number stays a detail."""
    text = details.get("weight")
    for number in (int, float):
        try:
            value = number(text) if isinstance(text, str) else None
        except ValueError:
            continue
        if value is not None and repr(value) == text and text not in {"nan", "inf", "-inf"}:
            return value
    return None


def _flat(row: Row, details: Row) -> Row:
    """The details, and what stands at the root of the row beside its three keys."""
    kept = {k: v for k, v in details.items() if k != "weight" or _weight(details) is None}
    beside = {key: value for key, value in row.items() if key not in _ROOT}
    if both := sorted(kept.keys() & beside.keys()):
        raise Unfit(
            "stands-twice", f"{len(both)} of its keys stand at the root and in details; rename"
        )
    return kept | beside


# ── from ADP ───────────────────────────────────────────────────────────────────────────────────


def _turn(item: object, where: str, *, acted: bool) -> Turn:
    kind = item.get("class_") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(kind, str):
        raise Unfit("no-class", f"{where} has no `class_`; name what it is")
    if kind in _SIGHTS:
        part = {"type": kind, "item": _others(item)}
        role = _SOURCES.get(str(item.get("source")), "tool")
        return Turn(role, (part,))
    if kind == "text_observation":
        return _text(item, where, acted=acted)
    if kind not in _READERS:
        known = ", ".join(sorted({*_READERS, *_SIGHTS, "text_observation"}))
        raise Unfit("unknown-class", f"{where}.class_ is none of {known}; rename it")
    return _READERS[kind](item, where)


def _api(item: Row, where: str) -> Turn:
    arguments = item.get("kwargs")
    if not isinstance(arguments, dict):
        raise Unfit("wrong-type", f"{where}.kwargs is no object; a call has one, be it empty")
    call = Call(_required(item, "function", where), arguments)
    return Turn(
        "assistant",
        text_or_none(item, "description", where),
        calls=(call,),
        extra=_others(item, "function", "kwargs", "description"),
    )


def _code(item: Row, where: str) -> Turn:
    code = {"code": _required(item, "content", where)}
    return Turn(
        "assistant",
        text_or_none(item, "description", where),
        calls=(Call(_required(item, "language", where), code, kind="code"),),
        extra=_others(item, "language", "content", "description"),
    )


def _message(item: Row, where: str) -> Turn:
    return Turn(
        "assistant",
        _required(item, "content", where),
        reasoning=text_or_none(item, "description", where),
        extra=_others(item, "content", "description"),
    )


def _text(item: Row, where: str, *, acted: bool) -> Turn:
    source = item.get("source")
    if not isinstance(source, str) or source not in _SOURCES:
        raise Unfit("unknown-source", f"{where}.source is none of {', '.join(_SOURCES)}; rename it")
    extra = _others(item, "content", "source", "name")
    if source == "agent":
        extra["source"] = source
    role = "system" if source == "environment" and not acted else _SOURCES[source]
    return Turn(
        role, _required(item, "content", where), name=text_or_none(item, "name", where), extra=extra
    )


def _required(item: Row, key: str, where: str) -> str:
    value: Any = item.get(key)
    if not isinstance(value, str):
        raise Unfit("wrong-type", f"{where}.{key} is no text; it must be")
    return value


def _others(item: Row, *keys: str) -> Row:
    return {key: value for key, value in item.items() if key not in {"class_", *keys}}


_READERS: dict[str, Callable[[Row, str], Turn]] = {
    "api_action": _api,
    "code_action": _code,
    "message_action": _message,
}


# ── to ADP ─────────────────────────────────────────────────────────────────────────────────────


def _items(turn: Turn) -> Iterator[Row]:
    if turn.role == "assistant":
        yield from _actions(turn)
        return
    spoken = turn.role == "tool" and turn.extra.get("source") == "agent"
    source = "user" if turn.role == "user" else "agent" if spoken else "environment"
    for part in _sights(turn.content):
        yield {"class_": part["type"], **part["item"]}
    text = text_of(turn.content)
    if text or not isinstance(turn.content, tuple):
        item: Row = {"class_": "text_observation", "content": text, "source": source}
        yield item if turn.name is None else {**item, "name": turn.name}


def _actions(turn: Turn) -> Iterator[Row]:
    text = text_of(turn.content)
    if _sights(turn.content):
        raise Unfit(CANNOT_HOLD, "ADP has no picture among what an agent says")
    if not turn.calls:
        yield _described({"class_": "message_action", "content": text}, turn.reasoning)
    for i, call in enumerate(turn.calls):
        yield _described(_action(call), text if i == 0 and text else None)


def _action(call: Call) -> Row:
    if isinstance(call.arguments, str):
        raise Unfit(
            CANNOT_HOLD, "the arguments of a call are no JSON object, and ADP holds only those"
        )
    if call.kind == "code" and isinstance(call.arguments.get("code"), str):
        return {"class_": "code_action", "language": call.name, "content": call.arguments["code"]}
    return {"class_": "api_action", "function": call.name, "kwargs": dict(call.arguments)}


def _described(item: Row, description: str | None) -> Row:
    return item if description is None else {**item, "description": description}


def _sights(content: Content) -> list[Row]:
    parts = content if isinstance(content, tuple) else ()
    sights = [dict(part) for part in parts if not is_text(part)]
    if any(p.get("type") not in _SIGHTS or not isinstance(p.get("item"), dict) for p in sights):
        raise Unfit(
            CANNOT_HOLD, "ADP holds text, web pages and pictures of its own kind, nothing else"
        )
    return sights


ADP = Format(
    name="adp",
    summary="Agent Data Protocol, paper release: content[] with class_",
    spec="https://arxiv.org/abs/2510.24702 (schema/ at 2ce5353)",
    read=read,
    write=write,
    slot=Slot("details"),
)
