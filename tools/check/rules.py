"""What no shape can say: the order of turns, and what answers what. A contract names the rules it has."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crewboard.tools.check.shape import Breach

Rule = Callable[[Mapping[str, Any]], Iterator[Breach]]


def _messages(row: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The conversation of a row and where it stands, whatever of the shapes it is."""
    given = row.get("input")
    if isinstance(given, dict):
        return "input.messages", _list(given.get("messages"))
    for key in ("messages", "prompt"):
        if isinstance(row.get(key), list):
            return key, row[key]
    return "messages", []


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _roles(messages: list[Any]) -> list[Any]:
    return [message.get("role") if isinstance(message, dict) else None for message in messages]


def some_messages(row: Mapping[str, Any]) -> Iterator[Breach]:
    where, messages = _messages(row)
    if not messages:
        yield Breach("missing-messages-list", where, "it holds no message")


def an_assistant(row: Mapping[str, Any]) -> Iterator[Breach]:
    where, messages = _messages(row)
    if "assistant" not in _roles(messages):
        yield Breach(
            "example-missing-assistant-message", where, "no assistant speaks, so nothing is trained"
        )


def ends_with_assistant(row: Mapping[str, Any]) -> Iterator[Breach]:
    """F13: rows that end otherwise were skipped by the trainer, in silence."""
    where, messages = _messages(row)
    if messages and _roles(messages)[-1] != "assistant":
        place = f"{where}[{len(messages) - 1}]"
        yield Breach("ends-without-assistant", place, "the last message is not the assistant's")


def alternates(row: Mapping[str, Any]) -> Iterator[Breach]:
    """After an optional system message, user and assistant by turns; a tool's turns stand aside."""
    where, messages = _messages(row)
    expected = "user"
    for i, role in enumerate(_roles(messages)):
        if (role == "system" and i == 0) or role in {"tool", "function"}:
            expected = "assistant" if role in {"tool", "function"} else expected
            continue
        if role != expected:
            yield Breach("role-alternation", f"{where}[{i}]", f"here {expected} must speak")
            return
        expected = "assistant" if role == "user" else "user"


def system_first(row: Mapping[str, Any]) -> Iterator[Breach]:
    where, messages = _messages(row)
    for i, role in enumerate(_roles(messages)):
        if role == "system" and i > 0:
            yield Breach(
                "system-placement", f"{where}[{i}]", "a system message stands first or nowhere"
            )
            return


def something_said(row: Mapping[str, Any]) -> Iterator[Breach]:
    """An assistant says something or calls something."""
    where, messages = _messages(row)
    for i, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") != "assistant":
            continue
        if not (
            message.get("content") or message.get("tool_calls") or message.get("function_call")
        ):
            yield Breach(
                "missing-content", f"{where}[{i}].content", "the assistant says and calls nothing"
            )
            return


def calls_answered(row: Mapping[str, Any]) -> Iterator[Breach]:
    """Each tool message answers an earlier call by its id."""
    where, messages = _messages(row)
    open_ids: set[Any] = set()
    for i, message in enumerate(messages):
        if not isinstance(message, dict):
            continue
        open_ids |= {
            str(c.get("id")) for c in _list(message.get("tool_calls")) if isinstance(c, dict)
        }
        if message.get("role") == "tool" and str(message.get("tool_call_id")) not in open_ids:
            place = f"{where}[{i}].tool_call_id"
            yield Breach("unknown-call-id", place, "no earlier call bears this id")
            return


def images_in(row: Mapping[str, Any]) -> int:
    """Images in all messages of a row."""
    _, messages = _messages(row)
    contents = [_list(m.get("content")) for m in messages if isinstance(m, dict)]
    parts = [part for content in contents for part in content if isinstance(part, dict)]
    return sum(part.get("type") == "image_url" for part in parts)


def one_format(row: Mapping[str, Any]) -> Iterator[Breach]:
    """Together refuses a row that could be of two formats."""
    found = [key for key in ("messages", "prompt", "text", "input") if key in row]
    if len(found) > 1:
        yield Breach(
            "two-formats", found[1], f"the row also has {found[0]}, and may be of one format only"
        )


def in_places(row: Mapping[str, Any]) -> Iterator[Breach]:
    """LLaMA-Factory: human and observation at odd places, gpt and function_call at even ones."""
    turns = _list(row.get("conversations"))
    speakers = [turn.get("from") if isinstance(turn, dict) else None for turn in turns]
    if speakers[:1] == ["system"]:
        speakers = speakers[1:]
    for i, speaker in enumerate(speakers):
        if (speaker in {"human", "observation"}) == bool(i % 2):
            yield Breach(
                "role-alternation", f"conversations[{i}]", "it stands at the other side's place"
            )
            return
    if len(speakers) % 2 != ("chosen" in row):
        yield Breach("ends-without-assistant", "conversations", "the last question has no answer")


def steps_in_order(row: Mapping[str, Any]) -> Iterator[Breach]:
    """ATIF: steps count from 1, results name calls of their own step, agents alone call and reason."""
    for i, step in enumerate(_list(row.get("steps"))):
        if not isinstance(step, dict):
            continue
        where = f"steps[{i}]"
        if step.get("step_id") != i + 1:
            yield Breach("step-order", f"{where}.step_id", f"it must be {i + 1}")
        yield from _step(step, where)


def _step(step: Mapping[str, Any], where: str) -> Iterator[Breach]:
    agents_own = ("model_name", "reasoning_effort", "reasoning_content", "tool_calls", "metrics")
    for key in agents_own if step.get("source") != "agent" else ():
        if step.get(key) is not None:
            yield Breach("agent-only", f"{where}.{key}", "only an agent's step may have it")
    calls = [call for call in _list(step.get("tool_calls")) if isinstance(call, dict)]
    ids = {str(call.get("tool_call_id")) for call in calls}
    observed = step.get("observation")
    results = _list(observed.get("results")) if isinstance(observed, dict) else []
    for j, result in enumerate(results):
        source = result.get("source_call_id") if isinstance(result, dict) else None
        if source is not None and str(source) not in ids:
            place = f"{where}.observation.results[{j}].source_call_id"
            yield Breach("unknown-call-id", place, "no call of this step bears this id")


RULES: dict[str, Rule] = {
    "some-messages": some_messages,
    "an-assistant": an_assistant,
    "ends-with-assistant": ends_with_assistant,
    "alternates": alternates,
    "system-first": system_first,
    "something-said": something_said,
    "calls-answered": calls_answered,
    "one-format": one_format,
    "in-places": in_places,
    "steps-in-order": steps_in_order,
}
