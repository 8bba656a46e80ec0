"""Why target shares cannot be met: which labels are short, and by how many rows."""

from collections.abc import Iterator, Mapping
from math import ceil

from crewboard.errors import SharesOutOfReach
from crewboard.tools.rebalance.census import along
from crewboard.tools.rebalance.solve import Puzzle, bounds, largest
from crewboard.tools.rebalance.targets import Cell, Targets


def check_nothing_is_missing(targets: Targets, rows: Mapping[Cell, int], by: str) -> None:
    """SharesOutOfReach where a label of the plan has no row at all: no other can stand in for it."""
    missing = [
        f"there is no row of {axis.name} {label}, which is to have {float(share):.1%}"
        for at, axis in enumerate(targets.axes)
        for label, share in axis.shares.items()
        if not along(axis, at, rows)[label]
    ]
    if missing:
        raise SharesOutOfReach(by=by, reason="; ".join(missing))


def out_of_reach(
    targets: Targets, rows: Mapping[Cell, int], puzzle: Puzzle, asked: tuple[str, int, int]
) -> SharesOutOfReach:
    """The error for `asked`: the way, the rows that there are to be, and how often each may stand."""
    by, total, copies = asked
    short = list(_short(targets, rows, puzzle, (total, copies)))
    if not short:
        most = largest(puzzle) if copies == 1 else 0
        fewer = f"; {most:,} are the most that meet them" if most else ""
        short = [f"the cells that both axes share do not allow {total:,} rows{fewer}"]
    return SharesOutOfReach(by=by, reason="; ".join(short))


def least_rows(puzzle: Puzzle) -> int:
    """The fewest rows of which no label has more than its share, with all that must stay."""
    most = [1, sum(low for low, _ in puzzle.cells.values())]
    for side, shares in enumerate(puzzle.shares):
        for at, share in enumerate(shares):
            kept = sum(low for place, (low, _) in puzzle.cells.items() if place[side] == at)
            most.append(ceil(kept / (share + puzzle.tolerance)))
    return max(most)


def _short(
    targets: Targets, rows: Mapping[Cell, int], puzzle: Puzzle, asked: tuple[int, int]
) -> Iterator[str]:
    total, copies = asked
    for at, axis in enumerate(targets.axes):
        have = along(axis, at, rows)
        for label, share in axis.shares.items():
            needed = ceil(bounds(share, total, puzzle.tolerance)[0] / copies)
            if have[label] < needed:
                yield (
                    f"{axis.name} {label} is short by {needed - have[label]:,} rows for {total:,} "
                    f"(it needs {needed:,} and has {have[label]:,})"
                )
