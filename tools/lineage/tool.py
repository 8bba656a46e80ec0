"""The tool: the lineage of one artifact as a report, for a crew that must prove where data comes from."""

from collections import Counter
from typing import Any

import orjson

from crewboard.tools.contract import Arguments, InputPath, Made, Outcome, ToolContext, tool
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.lineage.diff import differences
from crewboard.tools.lineage.graph import Node, State, lineage_of
from crewboard.tools.lineage.shelf import Shelf
from crewboard.tools.lineage.written import document


class LineageArguments(Arguments):
    data: InputPath
    """An artifact."""
    against: InputPath | None = None
    """Another, to tell the difference of the two."""
    within: str = "."
    """The folder whose manifests and files count."""


@tool(
    "lineage",
    "Walk from an artifact to everything that it was made from, and mark what is stale or missing.",
    produces={"lineage": "lineage-json"},
)
def lineage(arguments: LineageArguments, context: ToolContext) -> Outcome:
    shelf = Shelf(context.read(arguments.within))
    node = lineage_of(context.read(arguments.data), shelf)
    told: dict[str, Any] = {
        "lineage": document(node),
        "unreadable": [str(each) for each in shelf.unreadable],
    }
    if arguments.against is not None:
        other = lineage_of(context.read(arguments.against), shelf)
        found = differences(node, other)
        told["differences"] = [
            {"place": list(each.place), "kind": each.kind, "what": each.what} for each in found
        ]
    path = context.out / "lineage.json"
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    write_whole(path, orjson.dumps(told, option=options))
    states = count_states(node)
    summary = ", ".join(f"{state} {n}" for state, n in states.items())
    measured = {"states": states, "sound": set(states) == {str(State.SOUND)}}
    return Outcome((Made("lineage", path),), f"{node.path.name}: {summary}", None, measured)


def count_states(node: Node) -> dict[str, int]:
    """How many files of a lineage are in each state; a file that is met twice counts once."""
    states = {(each.path, each.sha256): str(each.state) for _, each in node.walk()}
    return dict(sorted(Counter(states.values()).items()))
