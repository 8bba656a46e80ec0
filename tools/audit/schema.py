"""JSON Schema, as far as tools use it: type, enum, const, required, properties,
additionalProperties, items, anyOf, minimum, maximum. Other keywords are not looked at, and accept."""

from collections.abc import Iterator
from typing import Any

_DEPTH = 12
_TYPES: dict[Any, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def fault_against(schema: Any, value: Any) -> str:
    """Where and how `value` breaks `schema` first, quoting nothing of it; empty where it does not."""
    return next(_faults(schema, value, "arguments", 0), "")


def _faults(schema: Any, value: Any, place: str, depth: int) -> Iterator[str]:
    if not isinstance(schema, dict) or depth > _DEPTH:
        return
    types = schema.get("type")
    names = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    if names and not any(_is(value, name) for name in names):
        yield f"{place} is no {' or '.join(map(str, names))}"
        return
    if isinstance(schema.get("enum"), list) and value not in schema["enum"]:
        yield f"{place} is none of the allowed values"
    if "const" in schema and value != schema["const"]:
        yield f"{place} is not the allowed value"
    if isinstance(schema.get("anyOf"), list) and all(
        next(_faults(each, value, place, depth + 1), "") for each in schema["anyOf"]
    ):
        yield f"{place} fits no alternative"
    yield from _of_number(schema, value, place)
    if isinstance(value, dict):
        yield from _of_object(schema, value, place, depth)
    if isinstance(value, list):
        for each in value:
            yield from _faults(schema.get("items"), each, f"an item of {place}", depth + 1)


def _of_object(
    schema: dict[str, Any], value: dict[str, Any], place: str, depth: int
) -> Iterator[str]:
    known = schema.get("properties")
    properties: dict[str, Any] = known if isinstance(known, dict) else {}
    required = schema.get("required")
    for name in required if isinstance(required, list) else []:
        if name not in value:
            yield f"{place} lacks {name}"
    for name, each in value.items():
        if name in properties:
            yield from _faults(properties[name], each, f"{place}.{name}", depth + 1)
        elif schema.get("additionalProperties") is False:
            yield f"{place} has a key that the schema does not know"


def _of_number(schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(low, int | float) and value < low:
        yield f"{place} is under the minimum"
    if isinstance(high, int | float) and value > high:
        yield f"{place} is over the maximum"


def _is(value: Any, name: Any) -> bool:
    if name not in _TYPES:
        return True
    if isinstance(value, bool):
        return bool(name == "boolean")
    if name == "integer" and isinstance(value, float):
        return bool(value.is_integer())
    return any(isinstance(value, each) for each in _TYPES[name])
