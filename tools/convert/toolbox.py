"""The tools that a row offers to its agent, in OpenAI's shape: {"type": "function", "function": {...}}.

Other formats leave the wrapper out, or hold the list as JSON text.
"""

from typing import Any

import orjson

from crewboard.tools.convert.model import Row, Unfit


def unboxed(value: object, where: str) -> tuple[Any, ...]:
    """A list of tools, or the JSON text of one, each in its wrapper; () for none. Unfit."""
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise Unfit("wrong-type", f"{where} is no JSON text; write the list itself") from None
    if not isinstance(value, list) or not all(isinstance(tool, dict) for tool in value):
        raise Unfit("wrong-type", f"{where} is no list of objects; a tool is one")
    return tuple(_boxed(tool) for tool in value)


def boxes(tools: tuple[Any, ...]) -> list[Row]:
    return list(tools)


def bare(tools: tuple[Any, ...]) -> list[Row]:
    """The functions without their wrapper, where that is all there is to it."""
    return [
        t["function"] if set(t) == {"type", "function"} and _is_function(t) else t for t in tools
    ]


def _boxed(tool: Row) -> Row:
    return {"type": "function", "function": tool} if "name" in tool and "type" not in tool else tool


def _is_function(tool: Row) -> bool:
    return (
        tool["type"] == "function"
        and isinstance(tool["function"], dict)
        and "name" in tool["function"]
    )
