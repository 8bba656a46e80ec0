"""`atif`: Agent Trajectory Interchange Format, written as v1.7, read from v1.0 to v1.8.

Source: Harbor, RFC 0001. A step is what the system, a user or an agent says; an agent's step holds its
calls, and in `observation` what came back. In the hub each result is a tool's turn after it. What only
ATIF knows of a step (timestamp, metrics, ...) is in the turn's `extra`, and goes back where it was
when the row names its agent, as every trajectory does that was ATIF before.
"""

from collections.abc import Iterator
from typing import Any

from crewboard.tools.convert.format import CANNOT_HOLD, Format, Slot
from crewboard.tools.convert.model import Call, Content, Conversation, Row, Turn, Unfit, is_text
from crewboard.tools.convert.spoken import text_or_none
from crewboard.tools.convert.toolbox import boxes, unboxed

VERSION = "ATIF-v1.7"
_ROOT = frozenset({"steps", "schema_version", "trajectory_id", "agent"})
_NATIVE = [
    "session_id",
    "notes",
    "final_metrics",
    "continued_trajectory_ref",
    "subagent_trajectories",
    "extra",
]
_STEP = frozenset(
    {"step_id", "source", "message", "reasoning_content", "tool_calls", "observation"}
)
_STEP_ANYBODY = ("timestamp", "is_copied_context", "llm_call_count", "extra")
_STEP_AGENT = ("model_name", "reasoning_effort", "metrics", *_STEP_ANYBODY)
_RESULT = frozenset({"source_call_id", "content"})
_RESULT_NATIVE = ("subagent_trajectory_ref", "extra")
_CALL = frozenset({"tool_call_id", "function_name", "arguments"})
_NOBODY = {"name": "unknown", "version": "unknown"}
_ROLES = {"user": "user", "agent": "assistant", "system": "system"}
_SOURCES = {"user": "user", "assistant": "agent", "system": "system", "developer": "system"}
_PICTURES = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "gif": "gif", "webp": "webp"}


# ── from ATIF ──────────────────────────────────────────────────────────────────────────────────


def read(row: Row) -> Conversation:
    steps, version = row.get("steps"), row.get("schema_version")
    if not isinstance(steps, list) or not steps:
        raise Unfit("no-messages", "steps is no list of steps; a trajectory has one at least")
    if not isinstance(version, str) or not version.startswith("ATIF-v1."):
        raise Unfit("unknown-version", "schema_version is no ATIF-v1.x; see --from")
    details = {k: v for k, v in row.items() if k not in _ROOT and not (k == "extra" and not v)}
    agent, tools = _agent(row)
    details |= {"agent": agent} if agent != _NOBODY else {}
    details |= {"schema_version": version} if version != VERSION else {}
    return Conversation(
        tuple(turn for i, step in enumerate(steps) for turn in _turns(step, f"steps[{i}]")),
        id=text_or_none(row, "trajectory_id", "row"),
        tools=tools,
        details=details,
    )


def _agent(row: Row) -> tuple[Row, tuple[Any, ...]]:
    agent = row.get("agent")
    if not isinstance(agent, dict):
        raise Unfit("wrong-type", "agent is no object; it has a name and a version")
    tools = unboxed(agent.get("tool_definitions"), "agent.tool_definitions")
    return {key: value for key, value in agent.items() if key != "tool_definitions"}, tools


def _turns(step: object, where: str) -> Iterator[Turn]:
    if not isinstance(step, dict):
        raise Unfit("wrong-type", f"{where} is no object; a step has a source and a message")
    source = step.get("source")
    if not isinstance(source, str) or source not in _ROLES:
        raise Unfit("unknown-role", f"{where}.source is none of {', '.join(_ROLES)}; rename it")
    calls = tuple(_calls(step.get("tool_calls"), where))
    content = _content(step.get("message"), f"{where}.message")
    yield Turn(
        _ROLES[source],
        None if content == "" and calls else content,
        reasoning=text_or_none(step, "reasoning_content", where),
        calls=calls,
        extra={key: value for key, value in step.items() if key not in _STEP},
    )
    yield from _results(step.get("observation"), f"{where}.observation")


def _calls(value: object, where: str) -> Iterator[Call]:
    if not isinstance(value or [], list):
        raise Unfit("wrong-type", f"{where}.tool_calls is no list; make it one")
    for i, call in enumerate(value if isinstance(value, list) else []):
        place = f"{where}.tool_calls[{i}]"
        name = call.get("function_name") if isinstance(call, dict) else None
        if not isinstance(call, dict) or not isinstance(name, str):
            raise Unfit(
                "wrong-type", f"{place}.function_name is no text; a call names its function"
            )
        if not isinstance(call.get("arguments"), dict):
            raise Unfit(
                "wrong-type", f"{place}.arguments is no object; ATIF takes no JSON text there"
            )
        extra = {key: each for key, each in call.items() if key not in _CALL}
        yield Call(name, call["arguments"], text_or_none(call, "tool_call_id", place), extra=extra)


def _results(value: object, where: str) -> Iterator[Turn]:
    if value is None:
        return
    results = value.get("results") if isinstance(value, dict) else None
    if not isinstance(results, list) or not all(isinstance(r, dict) for r in results):
        raise Unfit("wrong-type", f"{where}.results is no list of objects; make it one")
    for i, result in enumerate(results):
        place = f"{where}.results[{i}]"
        yield Turn(
            "tool",
            _content(result.get("content"), f"{place}.content"),
            answers=text_or_none(result, "source_call_id", place),
            extra={key: each for key, each in result.items() if key not in _RESULT},
        )


def _content(value: object, where: str) -> Content:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, dict) for part in value):
        return tuple(_part_of_hub(part) for part in value)
    raise Unfit("wrong-type", f"{where} is neither text nor a list of parts; make it one")


def _part_of_hub(part: Row) -> Row:
    """A picture in OpenAI's shape, when its type is what its path's ending says."""
    source = part.get("source")
    path = source.get("path") if isinstance(source, dict) else None
    if isinstance(path, str) and part == _picture(path):
        return {"type": "image_url", "image_url": {"url": path}}
    return part


def _picture(path: str) -> Row | None:
    head = path.split(";", maxsplit=1)[0]
    ending = head.rpartition("/")[2] if head.startswith("data:image/") else path.rpartition(".")[2]
    kind = _PICTURES.get(ending.lower())
    if kind is None:
        return None
    return {"type": "image", "source": {"media_type": f"image/{kind}", "path": path}}


# ── to ATIF ────────────────────────────────────────────────────────────────────────────────────


def write(conversation: Conversation) -> Row:
    if conversation.is_preference:
        raise Unfit("preference", "a trajectory goes one way; convert to a preference format")
    agent, details = conversation.details.get("agent"), conversation.details
    native = isinstance(agent, dict) and all(isinstance(agent.get(key), str) for key in _NOBODY)
    row: Row = {"schema_version": VERSION}
    if conversation.id is not None:
        row["trajectory_id"] = conversation.id
    row["agent"] = dict(agent) if native and isinstance(agent, dict) else dict(_NOBODY)
    if conversation.tools:
        row["agent"]["tool_definitions"] = boxes(conversation.tools)
    row["steps"] = _steps(conversation.turns, native=native)
    return row | ({key: details[key] for key in _NATIVE if key in details} if native else {})


def _steps(turns: tuple[Turn, ...], *, native: bool) -> list[Row]:
    steps: list[Row] = []
    ids: list[str] = []
    for turn in turns:
        if turn.role not in {"tool", "function"}:
            steps.append(_step(turn, len(steps) + 1, native=native))
            ids = [call["tool_call_id"] for call in steps[-1].get("tool_calls", [])]
        elif not steps:
            raise Unfit(CANNOT_HOLD, "a tool speaks before anybody else; ATIF ties it to a step")
        else:
            results = steps[-1].setdefault("observation", {"results": []})["results"]
            results.append(_result(turn, ids, native=native))
    return steps


def _step(turn: Turn, number: int, *, native: bool) -> Row:
    step: Row = {
        "step_id": number,
        "source": _SOURCES[turn.role],
        "message": _message(turn.content),
    }
    if turn.role == "assistant":
        if turn.reasoning is not None:
            step["reasoning_content"] = turn.reasoning
        if turn.calls:
            step["tool_calls"] = [
                _call(c, f"call_{number}_{i}", native) for i, c in enumerate(turn.calls)
            ]
    elif turn.calls:
        raise Unfit(CANNOT_HOLD, "only an agent calls tools in ATIF")
    names = _STEP_AGENT if turn.role == "assistant" else _STEP_ANYBODY
    return step | ({key: turn.extra[key] for key in names if key in turn.extra} if native else {})


def _call(call: Call, fallback: str, native: bool) -> Row:  # noqa: FBT001 - as the others, told by name
    if isinstance(call.arguments, str):
        raise Unfit(
            CANNOT_HOLD, "the arguments of a call are no JSON object, and ATIF holds only those"
        )
    row: Row = {"tool_call_id": fallback if call.id is None else call.id}
    row |= {"function_name": call.name, "arguments": dict(call.arguments)}
    return row | ({"extra": call.extra["extra"]} if native and "extra" in call.extra else {})


def _result(turn: Turn, ids: list[str], *, native: bool) -> Row:
    """An answer to a call of another step stays unnamed: ATIF refuses an id that its step lacks."""
    row: Row = {"source_call_id": turn.answers} if turn.answers in ids else {}
    row["content"] = None if turn.content is None else _message(turn.content)
    kept = {key: turn.extra[key] for key in _RESULT_NATIVE if key in turn.extra} if native else {}
    return row | kept


def _message(content: Content) -> str | list[Row]:
    if not isinstance(content, tuple):
        return content or ""
    return [_part_of_atif(part) for part in content]


def _part_of_atif(part: Any) -> Row:
    if is_text(part):
        return {"type": "text", "text": part["text"]}
    if part.get("type") == "image_url":
        held = part.get("image_url")
        url = held.get("url") if isinstance(held, dict) else None
        picture = _picture(url) if isinstance(url, str) else None
        if picture is not None:
            return picture
    if part.get("type") in {"image", "audio"} and isinstance(part.get("source"), dict):
        return dict(part)
    raise Unfit(
        CANNOT_HOLD, "a part is neither text nor a jpeg, png, gif or webp; ATIF holds no other"
    )


ATIF = Format(
    name="atif",
    summary="Agent Trajectory Interchange Format v1.7 (Harbor)",
    spec="https://github.com/laude-institute/harbor (RFC 0001)",
    read=read,
    write=write,
    slot=Slot("extra"),
)
