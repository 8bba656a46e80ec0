"""What a format has no place for, kept beside what it has: a patch, as JSON text in one free field.

`patch(back, whole)` says how the conversation that a reader finds in the written row differs from the
one that was to be written. Reading applies it again, but only to the row that it was made for: where
someone has changed the row since, the patch stays in `details` as the text that it is.
"""

import hashlib
from typing import Any

import orjson

from crewboard.tools.convert.model import Conversation, Row
from crewboard.tools.convert.plain import plain, restored

FIELD = "crewboard"
_GONE = "-"
_SET = "="
_WITHIN = ">"
_NOT_OURS = (KeyError, TypeError, IndexError, AttributeError, ValueError)
"""What a text that only looks like a residue may lead to."""


def residue(back: Conversation, whole: Conversation) -> str:
    """The text to keep, so that `revive(back, text)` is `whole`."""
    found = plain(back)
    return orjson.dumps({"of": _mark(found), "patch": _patch(found, plain(whole))}).decode()


def revive(back: Conversation, text: object) -> Conversation:
    """`back` with its residue; a text that is none, or none of this row, becomes a detail of it."""
    found = plain(back)
    try:
        whole = _whole(found, text)
    except (orjson.JSONDecodeError, *_NOT_OURS):
        whole = None
    if whole is not None:
        return whole
    return restored(found | {"details": {**found.get("details", {}), FIELD: text}})


def _whole(found: Row, text: object) -> Conversation | None:
    kept = orjson.loads(text) if isinstance(text, str) else None
    if not isinstance(kept, dict) or kept.get("of") != _mark(found):
        return None
    return restored(_patched(found, kept["patch"]))


def _mark(found: Row) -> str:
    told = orjson.dumps(found, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(told).hexdigest()[:16]


def _patch(old: Any, new: Any) -> list[Any]:
    """[">", {key: patch}] within an object or list of equal length, ["=", value] or ["-"]."""
    if isinstance(old, dict) and isinstance(new, dict):
        inner = {key: [_GONE] for key in old if key not in new}
        for key, value in new.items():
            if key not in old:
                inner[key] = [_SET, value]
            elif old[key] != value:
                inner[key] = _patch(old[key], value)
        return [_WITHIN, inner]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [_WITHIN, {str(i): _patch(a, b) for i, (a, b) in pairs if a != b}]
    return [_SET, new]


def _patched(old: Any, patch: list[Any]) -> Any:
    if patch[0] == _SET:
        return patch[1]
    inner = patch[1]
    if isinstance(old, list):
        return [_patched(v, inner[str(i)]) if str(i) in inner else v for i, v in enumerate(old)]
    kept = {key: value for key, value in old.items() if inner.get(key) != [_GONE]}
    for key, change in inner.items():
        if change != [_GONE]:
            kept[key] = _patched(kept.get(key), change)
    return kept
