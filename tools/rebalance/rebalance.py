"""The tool: rows left out, or repeated, until the values of a field have their target shares.

Which rows stay is decided by a lottery over their bytes and the seed, not by their order. Rows stay in order
and byte for byte; a copy stands beside its row and says `rebalance_copy`.
"""

from collections import Counter
from typing import Any

import orjson

from crewboard.errors import SelfCheckFailed
from crewboard.tools.contract import Outcome, ToolContext, tool
from crewboard.tools.files.jsonl import Line
from crewboard.tools.files.sieve import Resume, Sieve, inputs_fit
from crewboard.tools.mix.keys import Lowest
from crewboard.tools.mix.shuffle import rank
from crewboard.tools.rebalance.arguments import RebalanceArguments
from crewboard.tools.rebalance.census import Census, told
from crewboard.tools.rebalance.shortage import check_nothing_is_missing, least_rows, out_of_reach
from crewboard.tools.rebalance.solve import Puzzle, largest, smallest, solved
from crewboard.tools.rebalance.targets import Cell

NOT_DRAWN, NOT_IN_PLAN = "not-drawn", "not-in-plan"
COPY = "rebalance_copy"


@tool(
    "rebalance",
    "Bring the values of a field to target shares, by leaving rows out or by repeating rows.",
    produces={"rows": "chat-jsonl", "dropped": "exclusions-jsonl"},
    rehearse=True,
    preflight=inputs_fit,
)
def rebalance(arguments: RebalanceArguments, context: ToolContext) -> Outcome:
    """SharesOutOfReach, with what is short by how much, where the target cannot be met."""
    seed = context.seed if arguments.seed is None else arguments.seed
    paths = [context.read(path) for path in arguments.data]
    census = Census(arguments.plan, seed).take(paths, context.progress)
    wanted = wanted_rows(arguments, census)
    draw = _Draw(census, wanted, seed)
    resume = Resume(arguments, rebalance.version, draw.state)
    with Sieve("rebalance", context, "rows", resume=resume) as sieve:
        draw.restore(sieve.carried)
        for path in arguments.data:
            for line in sieve.read(path):
                draw.settle(line, sieve)
    draw.check()
    hint = "widen the tolerance, or name the labels that there are"
    return sieve.outcome(_measured(arguments, census, wanted, seed), hint)


def wanted_rows(arguments: RebalanceArguments, census: Census) -> dict[Cell, int]:
    """The rows that each cell gives."""
    plan, by = arguments.plan, str(arguments.by)
    check_nothing_is_missing(plan, census.rows, by)
    copies = 1 if by == "sampling" else arguments.most_copies
    puzzle = census.puzzle(
        lambda rows: (0 if copies == 1 else rows, copies * rows), arguments.slack, new=False
    )
    total = arguments.rows or (largest(puzzle) if by == "sampling" else _fewest(puzzle, copies))
    found = solved(puzzle, total) if total else None
    if found is None or not _is_meant(puzzle, total):
        asked = (by, arguments.rows or least_rows(puzzle), copies)
        raise out_of_reach(plan, census.rows, puzzle, asked)
    return {cell: found[census.place(cell)] for cell in census.rows}


def _fewest(puzzle: Puzzle, copies: int) -> int:
    return smallest(puzzle, copies * sum(puzzle.seed.values())) or 0


def _is_meant(puzzle: Puzzle, total: int) -> bool:
    """Whether each label has a row by right: with fewer, rounding alone would decide the shares."""
    return all(share * total >= 1 for side in puzzle.shares for share in side)


class _Draw:
    """Who stays. Of rows of equal bytes the first ones do."""

    def __init__(self, census: Census, wanted: dict[Cell, int], seed: int) -> None:
        self._plan, self._seed, self._wanted = census.plan, seed, wanted
        self._each: dict[Cell, int] = {}
        self._lotteries: dict[Cell, Lowest] = {}
        self._written: Counter[Cell] = Counter()
        for cell, rows in wanted.items():
            self._each[cell], once_more = divmod(rows, len(census.ranks[cell]))
            self._lotteries[cell] = census.ranks[cell].lowest(once_more)

    def settle(self, line: Line, sieve: Sieve) -> None:
        cell = self._plan.cell(line.row)
        if cell is None or cell not in self._lotteries:
            sieve.drop(line, NOT_IN_PLAN)
            return
        times = self._each[cell] + self._lotteries[cell].takes(rank(self._seed, line.raw))
        if times == 0:
            sieve.drop(line, NOT_DRAWN)
            return
        self._written[cell] += times
        sieve.keep_all([line.raw, *(copy_of(line, n) for n in range(1, times))])

    def state(self) -> Any:
        return [
            [list(cell), lottery.ties, self._written[cell]]
            for cell, lottery in self._lotteries.items()
        ]

    def restore(self, state: Any) -> None:
        for cell, ties, written in state or []:
            self._lotteries[tuple(cell)].ties = ties
            self._written[tuple(cell)] = written

    def check(self) -> None:
        """F25: the rows that were counted are the rows that were drawn."""
        if any(self._written[cell] != rows for cell, rows in self._wanted.items()):
            raise SelfCheckFailed(tool="rebalance", reason="the data changed while it was read")


def copy_of(line: Line, number: int) -> bytes:
    """The row with its number among its copies, from 1; the row itself has none."""
    if COPY in line.row or not line.row:
        return orjson.dumps({**line.row, COPY: number})
    return line.raw.rstrip()[:-1] + b',"%s":%d}' % (COPY.encode(), number)


def _measured(
    arguments: RebalanceArguments, census: Census, wanted: dict[Cell, int], seed: int
) -> dict[str, Any]:
    have = census.rows
    return {
        "by": arguments.by,
        "seed": seed,
        "tolerance": arguments.tolerance,
        "rows": sum(wanted.values()),
        "copies_made": sum(max(0, wanted[cell] - have[cell]) for cell in have),
        "not_in_plan": census.elsewhere,
        "axes": told(arguments.plan, have, wanted),
    }
