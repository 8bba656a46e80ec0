"""Of rows with the same messages, the first stays."""

from crewboard.tools.dedup.dedup import DedupArguments, dedup

__all__ = ["DedupArguments", "dedup"]
