"""Whether tool calls and their answers belong together, and arguments fit the tool's schema."""

from collections.abc import Iterator
from typing import Any

import orjson

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.checks.contract import Silent
from crewboard.tools.audit.rules import (
    TOOL_ARGUMENTS,
    TOOL_STRAY_ANSWER,
    TOOL_UNANSWERED,
    Finding,
)
from crewboard.tools.audit.schema import fault_against
from crewboard.tools.audit.sight import Sight


class ToolCalls(Silent):
    """Each rule once a row, at its first place. Calls in the last turn may stay unanswered: the row
    teaches to make them."""

    name = "toolcalls"

    def look(self, sight: Sight, book: Book) -> None:
        if sight.plain and "tool" not in sight.roles:
            return
        seen: set[str] = set()
        for finding in (*_unmatched(sight), *_misfits(sight)):
            if finding.rule not in seen:
                seen.add(finding.rule)
                book.note(finding.rule, sight.number, sight.offset, finding.note)


def _unmatched(sight: Sight) -> Iterator[Finding]:
    asked: dict[Any, int] = {}
    answered: set[Any] = set()
    for at, message in enumerate(sight.messages, 1):
        for call in _calls(message):
            asked[_id(call)] = at
        if message.get("role") == "tool":
            name = message.get("tool_call_id")
            if not isinstance(name, str) or name not in asked or name in answered:
                yield Finding(TOOL_STRAY_ANSWER, f"message {at}")
            else:
                answered.add(name)
    last = len(sight.messages)
    for name, at in asked.items():
        if name not in answered and at != last:
            yield Finding(TOOL_UNANSWERED, f"message {at}")


def _misfits(sight: Sight) -> Iterator[Finding]:
    offered = _offered(sight.row.get("tools"))
    for at, message in enumerate(sight.messages, 1):
        for call in _calls(message):
            fault = _fault_of(call, offered)
            if fault:
                yield Finding(TOOL_ARGUMENTS, f"message {at}: {fault}")


def _fault_of(call: Any, offered: dict[str, Any] | None) -> str:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return "no function is named"
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        try:
            arguments = orjson.loads(arguments)
        except orjson.JSONDecodeError:
            return "no JSON"
    if not isinstance(arguments, dict):
        return "no JSON object"
    if offered is None:
        return ""
    if function["name"] not in offered:
        return "the tool is not offered"
    return fault_against(offered[function["name"]], arguments)


def _offered(tools: Any) -> dict[str, Any] | None:
    """Schemas by tool name; None where the row offers no tools."""
    if not isinstance(tools, list):
        return None
    found: dict[str, Any] = {}
    for tool in tools:
        function = tool.get("function", tool) if isinstance(tool, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            found[function["name"]] = function.get("parameters", {})
    return found


def _calls(message: dict[str, Any]) -> list[Any]:
    calls = message.get("tool_calls")
    return calls if isinstance(calls, list) else []


def _id(call: Any) -> Any:
    name = call.get("id") if isinstance(call, dict) else None
    return name if isinstance(name, str) else None
