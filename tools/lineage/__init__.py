"""Where a file comes from: its parents by their hashes, and whether their bytes are still the same."""

from crewboard.tools.lineage.diff import Difference, differences
from crewboard.tools.lineage.graph import Node, State, lineage_of
from crewboard.tools.lineage.shelf import Record, Shelf
from crewboard.tools.lineage.tool import LineageArguments, lineage

__all__ = [
    "Difference",
    "LineageArguments",
    "Node",
    "Record",
    "Shelf",
    "State",
    "differences",
    "lineage",
    "lineage_of",
]
