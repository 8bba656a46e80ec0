"""From a line that is no row to the rows that it meant, one fault at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import orjson

from crewboard.tools.files.jsonl import Fault, Line, Reason, parse_line
from crewboard.tools.repair.encoding import decoded, paired, with_nulls, without_bom
from crewboard.tools.repair.objects import closed, several, unpacked
from crewboard.tools.repair.offers import Action, Fix

_ROUNDS = 8


@dataclass(frozen=True)
class Step:
    """One mending: for which rule, and which way."""

    rule: str
    way: str = ""


@dataclass(frozen=True)
class Opened:
    """One of the things that a line held, and how it came to light."""

    item: Line | Fault
    steps: tuple[Step, ...] = ()


def opened(item: Line | Fault, raw: bytes, fixes: Mapping[str, Fix]) -> list[Opened]:
    """What the line holds, in order. A fault among them is one that no chosen mending takes away."""
    return list(_opened(Opened(item), raw, fixes))


def _opened(found: Opened, raw: bytes, fixes: Mapping[str, Fix]) -> Iterator[Opened]:
    fault, steps = found.item, found.steps
    mended = None
    if isinstance(fault, Fault) and len(steps) < _ROUNDS:
        mended = _mended(raw, fault, fixes)
    if mended is None:
        yield found
        return
    parts, step = mended
    for part in parts:
        item = parse_line(fault.number, fault.offset, part)
        yield from _opened(Opened(item, (*steps, step)), part, fixes)


def _mended(raw: bytes, fault: Fault, fixes: Mapping[str, Fix]) -> tuple[list[bytes], Step] | None:
    """The pieces that a line becomes, and by which step; None where no chosen way leads on."""
    fix = fixes.get(str(fault.reason))
    if fix is None or fix.action is not Action.RECONSTRUCT:
        return None
    if fault.reason is Reason.MALFORMED:
        return _well_formed(raw, fix)
    way = fix.ways[0] if fix.ways else ""
    parts: list[bytes] | None = None
    if fault.reason is Reason.BAD_UTF8:
        text = decoded(raw, way)
        parts = None if text is None else [text]
    elif fault.reason is Reason.LONE_SURROGATE:
        parts = [paired(raw, way)]
    elif fault.reason is Reason.NOT_A_NUMBER:
        parts = [with_nulls(raw)]
    elif fault.reason is Reason.NOT_AN_OBJECT:
        parts = unpacked(orjson.loads(raw))
    return (parts, Step(fix.rule, way)) if parts and parts != [raw] else None


def _well_formed(raw: bytes, fix: Fix) -> tuple[list[bytes], Step] | None:
    for way, attempt in _WAYS.items():
        parts = attempt(raw) if way in fix.ways else []
        if parts and parts != [raw]:
            return parts, Step(fix.rule, way)
    return None


def _without_bom(raw: bytes) -> list[bytes]:
    bare = without_bom(raw)
    return [] if bare is None else [bare]


def _several(raw: bytes) -> list[bytes]:
    return [part.encode() for part in several(raw.decode()) or []]


def _closed(raw: bytes) -> list[bytes]:
    text = closed(raw.decode())
    return [] if text is None else [text.encode()]


_WAYS: Mapping[str, Callable[[bytes], list[bytes]]] = {
    "bom": _without_bom,
    "several": _several,
    "truncated": _closed,
}
