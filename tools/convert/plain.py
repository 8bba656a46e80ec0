"""A conversation as plain JSON and back: what is empty is left out, so that equal ones look the same."""

from typing import Any

from crewboard.tools.convert.model import Call, Conversation, Row, Turn


def plain(conversation: Conversation) -> Row:
    sides = ("turns", "chosen", "rejected")
    row: Row = {side: [_turn(turn) for turn in getattr(conversation, side)] for side in sides}
    row["tools"] = list(conversation.tools)
    row["id"] = conversation.id
    row["weight"] = conversation.weight
    row["details"] = dict(conversation.details)
    return _filled(row)


def restored(row: Row) -> Conversation:
    """The conversation that `plain` made `row` of. KeyError or TypeError for anything else."""
    return Conversation(
        turns=_turns(row.get("turns", [])),
        id=_maybe(row.get("id"), str),
        tools=tuple(_sure(row.get("tools", []), list)),
        chosen=_turns(row.get("chosen", [])),
        rejected=_turns(row.get("rejected", [])),
        weight=_maybe(row.get("weight"), int, float),
        details=_sure(row.get("details", {}), dict),
    )


def _turn(turn: Turn) -> Row:
    content = list(turn.content) if isinstance(turn.content, tuple) else turn.content
    row: Row = {
        "name": turn.name,
        "reasoning": turn.reasoning,
        "calls": [_call(call) for call in turn.calls],
        "answers": turn.answers,
        "weight": turn.weight,
        "extra": dict(turn.extra),
    }
    return {"role": turn.role, "content": content, **_filled(row)}


def _call(call: Call) -> Row:
    arguments = call.arguments if isinstance(call.arguments, str) else dict(call.arguments)
    kind = None if call.kind == "function" else call.kind
    row: Row = {"id": call.id, "kind": kind, "extra": dict(call.extra)}
    return {"name": call.name, "arguments": arguments, **_filled(row)}


def _filled(row: Row) -> Row:
    return {key: value for key, value in row.items() if value is not None and value not in ([], {})}


def _turns(rows: object) -> tuple[Turn, ...]:
    return tuple(_read_turn(_sure(row, dict)) for row in _sure(rows, list))


def _read_turn(row: Row) -> Turn:
    content = _maybe(row["content"], str, list)
    if isinstance(content, list):
        content = tuple(_sure(part, dict) for part in content)
    return Turn(
        role=_sure(row["role"], str),
        content=content,
        name=_maybe(row.get("name"), str),
        reasoning=_maybe(row.get("reasoning"), str),
        calls=tuple(_read_call(_sure(call, dict)) for call in _sure(row.get("calls", []), list)),
        answers=_maybe(row.get("answers"), str),
        weight=_maybe(row.get("weight"), int, float),
        extra=_sure(row.get("extra", {}), dict),
    )


def _read_call(row: Row) -> Call:
    return Call(
        name=_sure(row["name"], str),
        arguments=_sure(row["arguments"], dict, str),
        id=_maybe(row.get("id"), str),
        kind=_sure(row.get("kind", "function"), str),
        extra=_sure(row.get("extra", {}), dict),
    )


def _sure(value: object, *kinds: type) -> Any:
    if not isinstance(value, kinds):
        raise TypeError(f"{type(value).__name__} stands where {kinds[0].__name__} belongs")
    return value


def _maybe(value: object, *kinds: type) -> Any:
    return None if value is None else _sure(value, *kinds)
