"""Only a look: how far the shares of some files are from the target."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from crewboard.tools.rebalance.arguments import TargetArguments
from crewboard.tools.rebalance.census import Census, along, told
from crewboard.tools.rebalance.solve import bounds


def shares_of(
    arguments: TargetArguments, progress: Callable[[int, int | None, str], None]
) -> dict[str, Any]:
    """Rows and shares by axis. `within` tells whether each label has its share of all readable rows, to
    the tolerance, or else to the rounding of one row."""
    plan = arguments.plan
    census = Census(plan).take([Path(path) for path in arguments.data], progress)
    rows = census.rows
    total = sum(rows.values()) + census.elsewhere
    within = total > 0
    for at, axis in enumerate(plan.axes):
        found: Mapping[str, int] = along(axis, at, rows)
        for label, share in axis.shares.items():
            low, high = bounds(share, total, arguments.slack)
            within = within and low <= found[label] <= high
    return {
        "within": within,
        "rows": total,
        "not_in_plan": census.elsewhere,
        "tolerance": arguments.tolerance,
        "axes": told(plan, rows, rows),
    }
