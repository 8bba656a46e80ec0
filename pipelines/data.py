"""Clean chat rows from raw ones, and nothing after that.

ingest ─ audit ─ decide ─ dedup ─ filter ─ split
"""

from collections.abc import Sequence

from crewboard.pipelines.plan import Plan
from crewboard.pipelines.sft import SftWanted, sft

_STEPS = ("ingest", "audit", "decide", "dedup", "filter", "split")


def data(sources: Sequence[str], wanted: SftWanted) -> Plan:
    """The first part of `sft`, with the same question and the same gates."""
    whole = sft(sources, wanted)
    kept = tuple(each for each in whole.steps if each.name in _STEPS)
    return Plan(f"{len(sources)} source(s) to clean, split chat rows", kept)
