"""Made-up values that fit a JSON Schema: the same prompt gives the same one, another prompt another.

The words mean nothing. They differ enough for a duplicate filter to let them pass.
"""

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

_WORDS_EACH = 24
_BOUNDS = re.compile(r'"(\w+)":(\d+)')


def imagine(schema: Any, prompt: str) -> Any:
    """A value for `schema`. Bounds are read where they stand, and in the description as well, where
    clients tell those that structured outputs do not take."""
    return _value(schema or {}, Random(prompt))  # noqa: S311 - made up


def _value(schema: dict[str, Any], dice: Random) -> Any:
    told = _BOUNDS.findall(str(schema.get("description", "")))
    schema = {**{name: int(number) for name, number in told}, **schema}
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return dice.choice(schema["enum"])
    kind = schema.get("type", "object")
    return _OF_TYPE[kind[0] if isinstance(kind, list) else kind](schema, dice)


def _object(schema: dict[str, Any], dice: Random) -> dict[str, Any]:
    return {name: _value(part, dice) for name, part in schema.get("properties", {}).items()}


def _number(schema: dict[str, Any], dice: Random) -> int:
    low = int(schema.get("minimum", 0))
    return dice.randint(low, int(schema.get("maximum", low + 9)))


def _items(schema: dict[str, Any], dice: Random) -> list[Any]:
    """Messages take turns: a conversation is what such an array nearly always is."""
    count = int(schema.get("minItems", schema.get("maxItems", 2)))
    made = [_value(schema.get("items", {"type": "string"}), dice) for _ in range(count)]
    for number, each in enumerate(made):
        if isinstance(each, dict) and {"role", "content"} <= set(each):
            each["role"] = "assistant" if number % 2 else "user"
    return made


def _text(schema: dict[str, Any], dice: Random) -> str:
    least, most = int(schema.get("minLength", 1)), int(schema.get("maxLength", 10_000))
    words = dice.choices(_words(), k=_WORDS_EACH)
    while len(" ".join(words)) < least:
        words.append(dice.choice(_words()))
    return " ".join(words)[:most].strip() or "x" * least


@cache
def _words() -> list[str]:
    return files("crewboard.tools.twins.provider").joinpath("words.txt").read_text("utf-8").split()


_OF_TYPE: dict[str, Callable[[dict[str, Any], Random], Any]] = {
    "object": _object,
    "array": _items,
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": lambda _schema, dice: dice.random() < 1 / 2,
    "null": lambda _schema, _dice: None,
}
