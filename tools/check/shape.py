"""The small language in which a contract says what a row may be, and the walk that finds where it is not.

A shape is a table of keys: `key = "type"`, and `"key?"` for one that may be missing. A type is one of
the words below, a shape's name, `list X`, a quoted text ('user') or a number, and several with `|`
between them. A shape with `by = "role"` is one of several, told apart by that key's value; one with
`every = "text"` has any keys with values of that type; one with `open = true` lets other keys stand.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from crewboard.errors import ConfigInvalid

Shapes = Mapping[str, Mapping[str, Any]]
_LONGEST = 1000
"""Characters of a type: no sound one has as many, and a type may nest as deep as it is long."""
_FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # OpenAPI of OpenAI, FunctionObject.name
_LITERAL = re.compile(r"'([^']*)'|(-?\d+)")


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a row is not what it should be: `rule` is counted, `where` and `reason` name keys
    of the row and never its text."""

    rule: str
    where: str
    reason: str


Check = Callable[[Any, str], Iterator[Breach]]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_json(value: Any) -> bool:
    try:
        return isinstance(value, str) and orjson.loads(value) is not None
    except orjson.JSONDecodeError:
        return False


_WORDS: dict[str, Callable[[Any], bool]] = {
    "text": lambda v: isinstance(v, str),
    "some-text": lambda v: isinstance(v, str) and bool(v.strip()),
    "json-text": _is_json,
    "function-name": lambda v: isinstance(v, str) and bool(_FUNCTION_NAME.fullmatch(v)),
    "null": lambda v: v is None,
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": _is_number,
    "object": lambda v: isinstance(v, dict),
    "any": lambda _: True,
}


def compiled(shapes: Shapes, root: str, path: str) -> Check:
    """The check of the shape `root`. ConfigInvalid for a word that means nothing, told with `path`."""
    checks: dict[str, Check] = {}

    def named(name: str) -> Check:
        return partial(_later, checks, name)

    for name, table in shapes.items():
        checks[name] = _shape(name, table, lambda text: _type(text, shapes, named, path))
    if root not in checks:
        raise ConfigInvalid(path=path, where="root", reason=f"there is no shape {root!r}")
    return checks[root]


def _later(checks: Mapping[str, Check], name: str, value: Any, where: str) -> Iterator[Breach]:
    """Looked up when it is needed: a shape may hold itself."""
    return checks[name](value, where)


def _shape(name: str, table: Mapping[str, Any], make: Callable[[str], Check]) -> Check:
    if "every" in table:
        return partial(_every, make(table["every"]))
    keys = {k: v for k, v in table.items() if k not in {"by", "open"}}
    inner = {key.removesuffix("?"): make(text) for key, text in keys.items()}
    if "by" in table:
        return partial(_one_of, table["by"], inner)
    needed = tuple(key for key in keys if not key.endswith("?"))
    return partial(_object, (name, bool(table.get("open"))), needed, inner)


def _one_of(key: str, cases: Mapping[str, Check], value: Any, where: str) -> Iterator[Breach]:
    if not isinstance(value, dict):
        yield Breach("wrong-type", where, f"it is {_kind(value)}, not an object")
        return
    case = value.get(key)
    if not isinstance(case, str) or case not in cases:
        known = ", ".join(cases)
        yield Breach(f"unrecognized-{key}", _below(where, key), f"it is none of {known}")
    else:
        yield from cases[case](value, where)


def _every(check: Check, value: Any, where: str) -> Iterator[Breach]:
    if not isinstance(value, dict):
        yield Breach("wrong-type", where, f"it is {_kind(value)}, not an object")
        return
    for key, each in value.items():
        yield from check(each, _below(where, key))


def _object(
    told: tuple[str, bool],
    needed: tuple[str, ...],
    inner: Mapping[str, Check],
    value: Any,
    where: str,
) -> Iterator[Breach]:
    name, is_open = told
    if not isinstance(value, dict):
        yield Breach("wrong-type", where, f"it is {_kind(value)}, not an object ({name})")
        return
    if not is_open:
        for key in value:
            if key not in inner:
                reason = f"the key is not allowed in a {name}; allowed are {', '.join(inner)}"
                yield Breach("unrecognized-key", _below(where, key), reason)
    for key in needed:
        if key not in value:
            yield Breach("missing-key", _below(where, key), f"a {name} must have it")
    for key, check in inner.items():
        if key in value:
            yield from check(value[key], _below(where, key))


def _type(text: str, shapes: Shapes, named: Callable[[str], Check], path: str) -> Check:
    if len(text) > _LONGEST:
        raise ConfigInvalid(path=path, where=f"{text[:40]}...", reason="it is too long for a type")
    parts = [_atom(part.strip(), shapes, named, path) for part in text.split("|")]
    if len(parts) == 1:
        return parts[0]
    return partial(_any_of, text, parts)


def _any_of(text: str, parts: list[Check], value: Any, where: str) -> Iterator[Breach]:
    """No breach when one alternative fits; else that of the one that came nearest, or the choice."""
    found = []
    for part in parts:
        breaches = list(part(value, where))
        if not breaches:
            return
        found.append(breaches)
    deep = [breaches for breaches in found if breaches[0].where != where]
    yield from (
        deep[0] if deep else [Breach("wrong-type", where, f"it is {_kind(value)}, not {text}")]
    )


def _atom(text: str, shapes: Shapes, named: Callable[[str], Check], path: str) -> Check:
    if text.startswith("list "):
        return partial(_list, _atom(text.removeprefix("list ").strip(), shapes, named, path))
    if text in _WORDS:
        return partial(_word, text, _WORDS[text])
    if literal := _LITERAL.fullmatch(text):
        value = literal[1] if literal[2] is None else int(literal[2])
        return partial(_word, text, partial(_is_exactly, value))
    if text not in shapes:
        raise ConfigInvalid(path=path, where=text, reason="it is no type and no shape")
    return named(text)


def _list(item: Check, value: Any, where: str) -> Iterator[Breach]:
    if not isinstance(value, list):
        yield Breach("wrong-type", where, f"it is {_kind(value)}, not a list")
        return
    for i, each in enumerate(value):
        yield from item(each, f"{where}[{i}]")


def _word(text: str, fits: Callable[[Any], bool], value: Any, where: str) -> Iterator[Breach]:
    if not fits(value):
        yield Breach("wrong-type", where, f"it is {_kind(value)}, not {text}")


def _is_exactly(expected: Any, value: Any) -> bool:
    return type(value) is type(expected) and bool(value == expected)


def _kind(value: Any) -> str:
    names: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "true or false",
        type(None): "null",
        int: "an integer",
        float: "a fraction",
    }
    return "empty text" if value == "" else names.get(type(value), "something else")


def _below(where: str, key: str) -> str:
    """The place of a key; only what looks like a name is told, for a key may be a row's text."""
    name = key if re.fullmatch(r"[\w.-]{1,40}", key) else "(a key)"
    return f"{where}.{name}" if where else name
