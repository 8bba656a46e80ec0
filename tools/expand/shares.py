"""How many rows each source gives to a target: plain arithmetic, exact in fractions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from crewboard.errors import ArgumentsInvalid
from crewboard.tools.expand.matrix import Compatibility


class Rounding(StrEnum):
    LARGEST_REMAINDER = "largest-remainder"
    """The rows that rounding down leaves over go to the largest fractions: the total is met exactly."""
    TRUNCATE = "truncate"
    """Every share is rounded down, and the total falls short by a row or more."""


@dataclass(frozen=True)
class Ask:
    """`rows` for each target, of which at most `native_share` are its own, and never more than it has."""

    rows: int
    native_share: float
    rounding: Rounding = Rounding.LARGEST_REMAINDER


def shares(
    target: str, matrix: Compatibility, available: Mapping[str, int], ask: Ask
) -> dict[str, int]:
    """Rows from each source that has any, the target's own first. ArgumentsInvalid when none may give."""
    own = min(available.get(target, 0), int(ask.rows * Fraction(str(ask.native_share))))
    others = {
        source: Fraction(str(weight))
        for source, weight in matrix.weights[target].items()
        if source != target and available.get(source, 0) and weight
    }
    rest = ask.rows - own
    if rest and not others:
        reason = f"no source may give the {rest:,} rows that {target} lacks; raise native_share or a weight"
        raise ArgumentsInvalid(tool="expand", reason=reason)
    native = {target: own} if own else {}
    return native | _apportioned(rest, others, ask.rounding)


def _apportioned(total: int, weights: Mapping[str, Fraction], rounding: Rounding) -> dict[str, int]:
    """`total` split by weight. Equal fractions: the source that is named first comes first."""
    whole = sum(weights.values(), Fraction(0))
    exact = {source: total * weight / whole for source, weight in weights.items()}
    counts = {source: int(share) for source, share in exact.items()}
    if rounding is Rounding.LARGEST_REMAINDER:
        left = total - sum(counts.values())
        order = sorted(exact, key=lambda source: counts[source] - exact[source])
        for source in order[:left]:
            counts[source] += 1
    return counts
