"""The part of JSON Schema (draft 2020-12) that recipes use, checked here whatever a provider promises.

A recipe with a keyword that is not listed is refused when it is read: a rule that nobody checks would
be worse than none. Providers take less than this; `sendable` tells them the rest in words. One rule is
stricter than the draft: blanks at either end do not count towards minLength.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crewboard.canonical import canonical_json

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_STRUCTURE = {"type", "properties", "required", "items", "additionalProperties", "enum", "const"}
_NOTES = {"title", "description"}

_RULES: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "minLength": (lambda value, least: len(value.strip()) >= least, "shorter than {} characters"),
    "maxLength": (lambda value, most: len(value) <= most, "longer than {} characters"),
    "pattern": (lambda value, form: re.search(form, value) is not None, "not of the form {}"),
    "minItems": (lambda value, least: len(value) >= least, "fewer than {} items"),
    "maxItems": (lambda value, most: len(value) <= most, "more than {} items"),
    "minimum": (lambda value, least: value >= least, "less than {}"),
    "maximum": (lambda value, most: value <= most, "more than {}"),
}
_OF: dict[str, type | tuple[type, ...]] = {
    "minLength": str,
    "maxLength": str,
    "pattern": str,
    "minItems": list,
    "maxItems": list,
    "minimum": (int, float),
    "maximum": (int, float),
}
KNOWN = _STRUCTURE | _NOTES | set(_RULES)


def unknown_keywords(schema: Mapping[str, Any], where: str = "schema") -> Iterator[str]:
    """Each keyword that would go unchecked, by its place."""
    yield from (f"{where}.{key}" for key in sorted(set(schema) - KNOWN))
    if isinstance(schema.get("additionalProperties"), dict):
        yield f"{where}.additionalProperties (only true and false are known)"
    for name, part in _parts(schema):
        yield from unknown_keywords(part, f"{where}.{name}")


def faults(value: Any, schema: Mapping[str, Any], where: str = "the answer") -> Iterator[str]:
    """What is wrong with `value`, place by place; it quotes nothing of the value."""
    kind = schema.get("type")
    if kind is not None and not _is(value, kind):
        yield f"{where} is no {kind if isinstance(kind, str) else ' or '.join(kind)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is none of {canonical_json(schema['enum'])}"
    if "const" in schema and value != schema["const"]:
        yield f"{where} is not {canonical_json(schema['const'])}"
    for keyword, (holds, told) in _RULES.items():
        bounded = keyword in schema and isinstance(value, _OF[keyword])
        if bounded and not holds(value, schema[keyword]):
            yield f"{where} is {told.format(schema[keyword])}"
    if isinstance(value, dict):
        yield from _faults_of_object(value, schema, where)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value, start=1):
            yield from faults(item, schema["items"], f"{where}.{number}")


def sendable(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema` as both providers' structured outputs take it: objects closed and all of their
    properties required, bounds told in the description instead."""
    kept = {key: value for key, value in schema.items() if key not in _RULES}
    bounds = {key: value for key, value in schema.items() if key in _RULES}
    if bounds:
        told = f"{kept.get('description', '')} {canonical_json(bounds)}"
        kept["description"] = told.strip()
    if "properties" in schema:
        kept["properties"] = {name: sendable(part) for name, part in schema["properties"].items()}
        kept["required"] = list(schema["properties"])
        kept["additionalProperties"] = False
    if "items" in schema:
        kept["items"] = sendable(schema["items"])
    return kept


def _faults_of_object(
    value: dict[str, Any], schema: Mapping[str, Any], where: str
) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{where} lacks {name}"
    if schema.get("additionalProperties") is False and (extra := sorted(set(value) - set(known))):
        yield f"{where} has {len(extra)} unknown keys"
    for name, part in known.items():
        if name in value:
            yield from faults(value[name], part, f"{where}.{name}")


def _is(value: Any, kind: str | list[str]) -> bool:
    if isinstance(kind, list):
        return any(_is(value, each) for each in kind)
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, _TYPES[kind])


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from schema.get("properties", {}).items()
    if "items" in schema:
        yield "items", schema["items"]
