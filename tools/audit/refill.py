"""What a balance that is off its plan takes: the rows to leave out, or the rows to make, and their price."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from crewboard.tools.providers.prices import Usage, price_of
from crewboard.tools.providers.settings import ModelSettings
from crewboard.tools.rebalance.solve import Puzzle, largest, smallest

_PER_TOKEN = 4
_MICRO = 1_000_000


@dataclass(frozen=True)
class Refill:
    """One way: `rows` go, or `made` are new. `options` are those of `data rebalance`; none where the plan
    cannot be written on a command line."""

    why: str
    options: tuple[str, ...]
    rows: int = 0
    made: int = 0
    usd: str | None = None


def refills(report: Mapping[str, Any], axis: str, model: str | None = None) -> Iterator[Refill]:
    """Sampling, where each planned value has rows; then generating. PriceUnknown for `model`."""
    plan = report["plan"][axis]
    total = sum(bucket["rows"] for bucket in report["words"]["buckets"])
    planned = {v["value"]: v["planned"] for v in plan["values"] if v["planned"]}
    have = {v["value"]: round(v["measured"] * total) for v in plan["values"] if v["planned"]}
    options = _options(str(report["declared"]["fields"][axis]), planned, plan["tolerance"])
    about = f"{axis} ({_short(plan)}; stage {plan['stage']} diverged most)"
    if all(have.values()):
        left = largest(_puzzle(planned, have, plan["tolerance"], most=1))
        yield Refill(f"Leave rows out to bring {about} to plan", options, rows=total - left)
    puzzle = _puzzle(planned, have, plan["tolerance"], most=0)
    wanted = smallest(puzzle, max(most for _, most in puzzle.cells.values()))
    made = (wanted or 0) - sum(have.values())
    usd = _price(report, made, model)
    paid = f"; the price is that of the answers alone, by {model}" if usd else ""
    by = (*options, "--by", "generating", "--recipe", "recipe.toml") if options else ()
    yield Refill(f"Make rows by your own recipe to bring {about} to plan{paid}", by, 0, made, usd)


def _short(plan: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{each['value']} {each['measured']:.1%} of {each['planned']:.1%}"
        for each in plan["values"]
        if each["measured"] < each["planned"]
    )


def _options(field: str, planned: Mapping[str, float], tolerance: float) -> tuple[str, ...]:
    if "=" in field or "," in field or any("," in v or v != v.strip() for v in planned):
        return ()
    target = ",".join(f"{value}:{share:g}" for value, share in planned.items())
    return ("--target", f"{field}={target}", "--tolerance", f"{tolerance:g}")


def _puzzle(
    planned: Mapping[str, float], have: Mapping[str, int], tolerance: float, *, most: int
) -> Puzzle:
    """Rows that stay or go (`most` is 1), or all stay and any number comes (0)."""
    shares = [Fraction(str(share)) for share in planned.values()]
    shares = [share / sum(shares) for share in shares]
    endless = sum(ceil(rows / share) for rows, share in zip(have.values(), shares, strict=True))
    cells = {
        (at, 0): (0, rows) if most else (rows, endless + len(shares))
        for at, rows in enumerate(have.values())
    }
    seed = {(at, 0): rows for at, rows in enumerate(have.values())}
    return Puzzle((shares, [Fraction(1)]), cells, seed, Fraction(str(tolerance)))


def _price(report: Mapping[str, Any], rows: int, model: str | None) -> str | None:
    """US dollars for `rows` answers as long as the rows are: what is asked is not known yet."""
    if model is None:
        return None
    provider, _, name = model.partition("/")
    mean = (
        report["tokens"]["mean"]
        if "tokens" in report
        else report["characters"]["mean"] / _PER_TOKEN
    )
    usage = Usage(0, ceil(rows * mean))
    cost = price_of(provider, name, ModelSettings()).cost(usage)
    return f"{cost / _MICRO:.2f}"
