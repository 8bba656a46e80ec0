"""The tool: a training set for each target agent, filled up from the agents that are close to it.

Each row tells in `expansion` for whom it is, from whom, and how close they are. Weights have become
numbers of copies by then, and the log of that is in `measured`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson
from pydantic import Field, model_validator

from crewboard.errors import ArgumentsInvalid, SelfCheckFailed
from crewboard.tools.contract import (
    Arguments,
    InputPath,
    Made,
    Outcome,
    RowAccount,
    ToolContext,
    tool,
)
from crewboard.tools.expand.matrix import Compatibility, load_matrix
from crewboard.tools.expand.pool import Books, Filling, Pool, label_of
from crewboard.tools.expand.sampling import copies, rank
from crewboard.tools.expand.shares import Ask, Rounding, shares
from crewboard.tools.files.atomic import whole
from crewboard.tools.files.passing import Passing
from crewboard.tools.files.sieve import inputs_fit

_WEIGHT = "weight"
_NOTE = "no trainer or provider applies a fraction: weights became numbers of copies, the column is gone"


class ExpandArguments(Arguments):
    sources: tuple[InputPath, ...] = Field(min_length=1)
    agents: tuple[str, ...] = ()
    """Whose rows each source holds."""
    by: str | None = None
    """Instead of `agents`: the field in which each row of the one source names its agent."""
    rows: int = Field(ge=1)
    """Rows for each target."""
    matrix: InputPath | None = None
    """How close the agents are; needed unless there is one only."""
    native_share: float = Field(default=0.067, ge=0, le=1)
    rounding: Rounding = Rounding.LARGEST_REMAINDER
    targets: tuple[str, ...] = ()
    """For whom; all agents by default."""
    seed: int | None = None
    """The run's own seed when absent."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.by is not None:
            if self.agents or len(self.sources) > 1 or self.matrix is None:
                raise ValueError("with `by` there are one source, a matrix and no `agents`")
        elif len(self.agents) != len(self.sources) or len(set(self.agents)) != len(self.agents):
            raise ValueError(f"{len(self.sources)} sources need as many agents, each named once")
        if self.matrix is None and len(self.sources) > 1:
            raise ValueError("several agents need a matrix that says how close they are")
        bad = [name for name in (*self.agents, *self.targets) if not _is_name(name)]
        if bad:
            raise ValueError("an agent's name is letters, digits, dots, dashes and underscores")
        return self


def _preflight(arguments: ExpandArguments, context: ToolContext) -> None:
    inputs_fit(arguments, context)
    _matrix(arguments, context)


@tool(
    "expand",
    "Fill up each agent's training set from agents that are close to it, by a compatibility matrix.",
    produces={"expanded": "chat-jsonl-folder", "dropped": "exclusions-jsonl"},
    preflight=_preflight,
)
def expand(arguments: ExpandArguments, context: ToolContext) -> Outcome:
    """One file for each target, shuffled; rows that no target drew are recorded as `not-drawn`."""
    matrix = _matrix(arguments, context)
    spool, dropped = context.out / ".rows.spool", context.out / "expanded.dropped.jsonl"
    try:
        with whole(dropped) as out:
            books = Books(out)
            with spool.open("wb") as file:
                pools = _pools(arguments, context, matrix, file, books)
            with spool.open("rb") as file:
                folder = _write_all(arguments, context, (matrix, pools, file), books)
            for pool in pools:
                pool.drop_unused(books)
    finally:
        spool.unlink(missing_ok=True)
    return _outcome(arguments, context, (books, pools), (folder, dropped))


def _matrix(arguments: ExpandArguments, context: ToolContext) -> Compatibility:
    if arguments.matrix is None:
        return Compatibility({arguments.agents[0]: {arguments.agents[0]: 1.0}})
    matrix = load_matrix(context.read(arguments.matrix))
    for name in (*arguments.agents, *arguments.targets):
        if name not in matrix.agents:
            known = ", ".join(matrix.agents)
            raise ArgumentsInvalid(
                tool="expand", reason=f"the matrix has no {name}; it has {known}"
            )
    return matrix


def _pools(
    arguments: ExpandArguments,
    context: ToolContext,
    matrix: Compatibility,
    spool: BinaryIO,
    books: Books,
) -> list[Pool]:
    paths = [context.read(path) for path in arguments.sources]
    filling = Filling(Passing(paths, context.progress, "rows read"), spool, books)
    if arguments.by is None:
        pools = [Pool(a, path.name) for a, path in zip(arguments.agents, paths, strict=True)]
        for pool, path in zip(pools, paths, strict=True):
            filling.fill(path, pool.of_any)
        return pools
    by, (path,) = arguments.by, paths
    named = {agent: Pool(agent, path.name) for agent in matrix.agents}
    filling.fill(path, lambda row: named.get(label_of(row, by) or ""))
    return [pool for pool in named.values() if pool.keys]


def _write_all(
    arguments: ExpandArguments,
    context: ToolContext,
    rows: tuple[Compatibility, list[Pool], BinaryIO],
    books: Books,
) -> Path:
    matrix, pools, spool = rows
    folder = context.out / "expanded"
    folder.mkdir()
    one = len(pools) == 1 and arguments.matrix is None
    if one and not pools[0].available:
        raise ArgumentsInvalid(tool="expand", reason="no row has a weight above 0")
    share = 1.0 if one else arguments.native_share
    ask = Ask(arguments.rows, share, arguments.rounding)
    available = {each.agent: each.available for each in pools}
    seed = context.seed if arguments.seed is None else arguments.seed
    for target in arguments.targets or [each.agent for each in pools]:
        counts = {target: ask.rows} if one else shares(target, matrix, available, ask)
        books.drawn[target] = counts
        with whole(folder / f"{target}.jsonl") as file:
            for source, number in _lottery(target, counts, pools, seed):
                weight = matrix.weights[target][source.agent]
                told = {"target": target, "source": source.agent, "compatibility": weight}
                file.write(_row(spool, source.places[number], told))
                source.used.add(number)
                books.histogram[f"{weight:g}"] += 1
        books.written[target] = sum(counts.values())
        context.progress(sum(books.written.values()), None, f"rows written, {target}")
    return folder


def _lottery(
    target: str, counts: Mapping[str, int], pools: list[Pool], seed: int
) -> list[tuple[Pool, int]]:
    """The rows that a target gets, each as often as it is drawn, in a seeded order."""
    drawn: list[tuple[int, int, int]] = []
    for index, source in enumerate(pools):
        where = f"{target}:{source.agent}"
        ranks = [rank(seed, where, key) for key in source.keys]
        times = copies(
            counts.get(source.agent, 0), ranks, source.weights, rank(seed, where, b"start")
        )
        for number, often in enumerate(times):
            key = source.keys[number]
            drawn += [(rank(seed, f"{where}:{n}", key), index, number) for n in range(often)]
    return [(pools[index], number) for _, index, number in sorted(drawn)]


def _row(spool: BinaryIO, place: tuple[int, int], told: Mapping[str, Any]) -> bytes:
    spool.seek(place[0])
    row = orjson.loads(spool.read(place[1]))
    earlier = {"of": row["expansion"]} if "expansion" in row else {}
    return orjson.dumps(row | {"expansion": {**told, **earlier}}) + b"\n"


def _outcome(
    arguments: ExpandArguments,
    context: ToolContext,
    rows: tuple[Books, list[Pool]],
    places: tuple[Path, Path],
) -> Outcome:
    books, pools = rows
    total = sum(books.written.values())
    if total == 0:
        raise SelfCheckFailed(tool="expand", reason="no row was drawn; name larger sources")
    used = sum(len(source.used) for source in pools)
    reasons = dict(sorted(books.dropped.items()))
    account = RowAccount(books.rows_in, total, reasons, made=total - used)
    account.check("expand")
    measured = {
        "seed": context.seed if arguments.seed is None else arguments.seed,
        "rounding": str(arguments.rounding),
        "rows_for_each": books.written,
        "drawn": books.drawn,
        "compatibility_histogram": dict(sorted(books.histogram.items(), reverse=True)),
        "native_rows": sum(counts.get(target, 0) for target, counts in books.drawn.items()),
        "row_weights": {"rows": books.weighted, "note": _NOTE},
    }
    made = (
        Made("expanded", places[0], total),
        Made("dropped", places[1], sum(reasons.values())),
    )
    told = ", ".join(f"{target} {n:,}" for target, n in books.written.items())
    summary = f"{books.rows_in:,} rows became {total:,} ({told})"
    if books.weighted:
        summary += f"; {books.weighted:,} bore a weight: {_NOTE}"
    return Outcome(made, summary, account, measured)


def _is_name(name: str) -> bool:
    return name[:1].isalnum() and all(c.isalnum() or c in "._-" for c in name)
