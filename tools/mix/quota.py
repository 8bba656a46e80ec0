"""How many rows each source gives to a mix: plain arithmetic, exact in fractions."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Recipe:
    """The proportions of a mix: `ratios` sum to 1, and a cap bounds what a source may give.

    The `anchor` (an index from 0) is used whole and sets the size of the mix; without one the
    scarcest source that has no cap does.
    """

    ratios: tuple[float, ...]
    anchor: int | None = None
    caps: tuple[int | None, ...] = ()

    def cap(self, index: int) -> int | None:
        return self.caps[index] if self.caps else None


def quotas(recipe: Recipe, available: Sequence[int]) -> list[int]:
    """Count the rows to draw from each source: its ratio of the total, rounded down.

    Never more than its cap or what it has; what one source cannot give, no other makes up for.
    """
    ratios = [Fraction(str(ratio)) for ratio in recipe.ratios]
    total = _total(recipe, ratios, available)
    wanted = (int(total * ratio) for ratio in ratios)
    return [
        min(want, have, have if (cap := recipe.cap(i)) is None else cap)
        for i, (want, have) in enumerate(zip(wanted, available, strict=True))
    ]


def _total(recipe: Recipe, ratios: list[Fraction], available: Sequence[int]) -> Fraction:
    if recipe.anchor is not None:
        return available[recipe.anchor] / ratios[recipe.anchor]
    uncapped = [i for i in range(len(ratios)) if recipe.cap(i) is None] or range(len(ratios))
    return min(available[i] / ratios[i] for i in uncapped)
