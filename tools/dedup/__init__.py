"""Of rows that are the same, or nearly, one stays: which, by what key and rule, is written down."""

from crewboard.tools.dedup.arguments import DedupArguments
from crewboard.tools.dedup.dedup import dedup

__all__ = ["DedupArguments", "dedup"]
