"""How many rows each source gives to a mix: plain arithmetic, exact in fractions."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Recipe:
    """The proportions of a mix: `ratios` sum to 1, and a cap bounds what a source may give.

    `rows` is the size of the mix. Without it the `anchor` (an index from 0) is used whole and sets the
    size; without one the scarcest source that has no cap does. A source gives each of its rows
    `oversample` times at most, on the average.
    """

    ratios: tuple[float, ...]
    anchor: int | None = None
    caps: tuple[int | None, ...] = ()
    rows: int | None = None
    oversample: tuple[float, ...] = ()

    def cap(self, index: int) -> int | None:
        return self.caps[index] if self.caps else None

    def able(self, index: int, available: int) -> int:
        """What a source of `available` rows could give, were it not capped."""
        times = Fraction(str(self.oversample[index])) if self.oversample else 1
        return int(available * times)


def quotas(recipe: Recipe, available: Sequence[int]) -> list[int]:
    """Count the rows to draw from each source: its ratio of the total, rounded down.

    Where `rows` sets the total, what rounding leaves over goes to the largest fractions. Never more than
    its cap or what it has; what one source cannot give, no other makes up for.
    """
    able = [recipe.able(i, have) for i, have in enumerate(available)]
    caps = [have if (cap := recipe.cap(i)) is None else cap for i, have in enumerate(able)]
    return [min(three) for three in zip(asked(recipe, available), able, caps, strict=True)]


def asked(recipe: Recipe, available: Sequence[int]) -> list[int]:
    """What the ratios ask of each source, whether or not it can give that."""
    ratios = [Fraction(str(ratio)) for ratio in recipe.ratios]
    exact = [_total(recipe, ratios, available) * ratio for ratio in ratios]
    wanted = [int(share) for share in exact]
    if recipe.rows is not None:
        order = sorted(range(len(exact)), key=lambda i: wanted[i] - exact[i])
        for i in order[: recipe.rows - sum(wanted)]:
            wanted[i] += 1
    return wanted


def _total(recipe: Recipe, ratios: list[Fraction], available: Sequence[int]) -> Fraction:
    if recipe.rows is not None:
        return Fraction(recipe.rows) / sum(ratios)
    if recipe.anchor is not None:
        return available[recipe.anchor] / ratios[recipe.anchor]
    uncapped = [i for i in range(len(ratios)) if recipe.cap(i) is None] or range(len(ratios))
    return min(recipe.able(i, available[i]) / ratios[i] for i in uncapped)
