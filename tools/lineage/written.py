"""A lineage as text: a tree for people, a document for programs, a graph for Graphviz."""

from collections.abc import Iterator
from typing import Any

from crewboard.tools.lineage.diff import Difference
from crewboard.tools.lineage.graph import Node, State

_SHORT = 8
_COLORS = {State.SOUND: "black", State.STALE: "orange"}


def tree(node: Node) -> Iterator[str]:
    """One line for each node; what was drawn above already is not drawn again."""
    yield from _branch(node, "", "", set())


def document(node: Node) -> dict[str, Any]:
    """Nested; the parents of what stands there already are None."""
    return _document(node, set())


def _document(node: Node, seen: set[tuple[str, str, str]]) -> dict[str, Any]:
    again = bool(node.parents) and node.key in seen
    seen.add(node.key)
    record = node.record
    made = {
        "tool": record.tool,
        "tool_version": record.tool_version,
        "rows": record.rows,
        "seed": record.seed,
        "parameters": dict(record.parameters),
    } if record else None  # fmt: skip
    return {
        "role": node.role,
        "path": str(node.path),
        "sha256": node.sha256,
        "state": str(node.state),
        "made_by": made,
        "parents": None if again else [_document(parent, seen) for parent in node.parents],
    }


def dot(node: Node) -> Iterator[str]:
    """Graphviz; arrows point from what went in to what came out."""
    yield "digraph lineage {"
    yield "  rankdir=LR; node [shape=box];"
    yield from dict.fromkeys(line for _, each in node.walk() for line in _dot_lines(each))
    yield "}"


def difference_lines(found: list[Difference]) -> Iterator[str]:
    marks = {"changed": "~", "added": "+", "removed": "-"}
    for each in found:
        yield f"{marks[each.kind]} {' < '.join(each.place) or 'the files themselves'}"
        for name, (a, b) in each.what.items():
            yield f"    {name}: {_shown(name, a)} -> {_shown(name, b)}"


def _branch(node: Node, lead: str, below: str, drawn: set[tuple[str, ...]]) -> Iterator[str]:
    again = bool(node.parents) and node.key[1:] in drawn
    drawn.add(node.key[1:])
    yield lead + _told(node) + (" (its inputs: see above)" if again else "")
    if again:
        return
    for n, parent in enumerate(node.parents, 1):
        last = n == len(node.parents)
        step = ("└── ", "    ") if last else ("├── ", "│   ")
        yield from _branch(parent, below + step[0], below + step[1], drawn)


def _told(node: Node) -> str:
    parts = [f"{node.role}: " if node.role else "", str(node.path), f"  {node.sha256[:_SHORT]}"]
    if node.record is not None:
        record = node.record
        rows = f", {record.rows:,} rows" if record.rows is not None else ""
        parts.append(f"  by {record.tool} {record.tool_version}, seed {record.seed}{rows}")
    if node.state is not State.SOUND:
        parts.append(f"  {node.state.upper()}")
    return "".join(parts)


def _dot_lines(node: Node) -> Iterator[str]:
    label = f"{node.path}\\n{node.sha256[:_SHORT]}"
    if node.state is not State.SOUND:
        label += f"\\n{node.state}"
    color = _COLORS.get(node.state, "red")
    yield f"  {_quoted(_id(node))} [label={_quoted(label)}, color={color}];"
    for parent in node.parents:
        edge = f"{_quoted(_id(parent))} -> {_quoted(_id(node))}"
        yield f"  {edge} [label={_quoted(parent.role)}];"


def _id(node: Node) -> str:
    return f"{node.sha256[:_SHORT]} {node.path}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _shown(name: str, value: Any) -> str:
    return str(value)[:_SHORT] if name == "sha256" and value else str(value)
