"""What two lineages differ in, place by place: a place is the chain of arguments that leads to it. F14."""

from dataclasses import dataclass
from typing import Any

from crewboard.tools.lineage.graph import Node


@dataclass(frozen=True)
class Difference:
    """`place` is empty for the two files themselves. `kind` is `changed`, `added` (in the second only) or
    `removed`; `what` maps each fact that differs to (first, second)."""

    place: tuple[str, ...]
    kind: str
    what: dict[str, tuple[Any, Any]]


def differences(first: Node, second: Node) -> list[Difference]:
    """In the order of their places. Empty for lineages of the same bytes made in the same way."""
    one, two = dict(first.walk()), dict(second.walk())
    found = []
    for place in sorted({*one, *two}):
        a, b = one.get(place), two.get(place)
        if a is None or b is None:
            kind = "added" if a is None else "removed"
            found.append(Difference(place, kind, {"sha256": _pair(a, b)}))
        elif what := _what(a, b):
            found.append(Difference(place, "changed", what))
    return found


def _pair(a: Node | None, b: Node | None) -> tuple[str | None, str | None]:
    return (a.sha256 if a else None, b.sha256 if b else None)


def _what(a: Node, b: Node) -> dict[str, tuple[Any, Any]]:
    one, two = _facts(a), _facts(b)
    return {
        name: (one.get(name), two.get(name))
        for name in sorted({*one, *two})
        if one.get(name) != two.get(name)
    }


def _facts(node: Node) -> dict[str, Any]:
    facts: dict[str, Any] = {"sha256": node.sha256, "state": str(node.state)}
    record = node.record
    if record is not None:
        facts |= {"tool": f"{record.tool} {record.tool_version}", "rows": record.rows}
        facts["seed"] = record.seed
        inputs = {role.partition(".")[0] for role in record.parents}  # those differ as nodes
        facts |= {f"parameters.{k}": v for k, v in record.parameters.items() if k not in inputs}
    return facts
