"""What is known of a step's call before what it refers to exists."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from crewboard.tools.contract import Arguments, Tool


def foresee(tool: Tool, arguments: Mapping[str, Any]) -> list[Arguments]:
    """The arguments as they may turn out, one for each way in which its questions may be answered; an
    artifact stands there by its reference. ArgumentsInvalid when they cannot fit."""
    asked: dict[str, list[str]] = {}
    for step, options in _choices(arguments):
        asked.setdefault(step, []).extend(options)
    ways = product(
        *([(step, option) for option in dict.fromkeys(of)] for step, of in asked.items())
    )
    return [tool.parse(_stand_in(arguments, dict(way))) for way in ways]


def most(tool: Tool, arguments: Mapping[str, Any]) -> int:
    """The most that the call may cost, in millionths of a US dollar."""
    if tool.estimate is None:
        return 0
    return max(tool.estimate(known) for known in foresee(tool, arguments))


def _choices(value: Any) -> Iterator[tuple[str, list[str]]]:
    if isinstance(value, Mapping):
        if "$choice" in value:
            yield str(value["$choice"]), list(value["of"])
        else:
            for part in value.values():
                yield from _choices(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _choices(part)


def _stand_in(value: Any, answers: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        for reference in ("$artifact", "$manifest"):
            if reference in value:
                return str(value[reference])
        if "$choice" in value:
            return value["of"].get(answers[str(value["$choice"])])
        return {key: _stand_in(part, answers) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_stand_in(part, answers) for part in value]
    return value
