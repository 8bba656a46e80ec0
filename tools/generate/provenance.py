"""Where a row comes from, in the row itself: what was asked of whom, what it cost, under which recipe.

No time and no host stand here, so that the same record gives the same bytes; and no key, ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crewboard.tools.generate.requests import Mark

OFFLINE = "offline"
VERSION = "1"


@dataclass(frozen=True)
class Origin:
    """What all rows of a run have in common. `model` is `offline/...` where templates wrote them and
    no model did; `prices` is the version of the price table."""

    recipe: str
    recipe_sha256: str
    model: str
    prices: str

    @property
    def generator(self) -> str:
        return OFFLINE if self.model.startswith(f"{OFFLINE}/") else "model"


def finished_row(
    origin: Origin, mark: Mark, value: Mapping[str, Any], paid: Mapping[str, Any]
) -> dict[str, Any]:
    """The answer's fields, the labels of its stratum, and its provenance. `paid` is the answer's entry
    in the record; its `cost` covers the answers that a repair replaced."""
    provenance = {
        "by": f"crewboard generate {VERSION}",
        "generator": origin.generator,
        "recipe": origin.recipe,
        "recipe_sha256": origin.recipe_sha256,
        "stratum": mark.cell.name,
        "number": mark.number,
        "repaired": bool(mark.repair),
        "model": origin.model,
        "answered_by": paid.get("model", ""),
        "request": mark.key,
        "response": paid.get("id", ""),
        "batch": bool(paid.get("batch")),
        "input_tokens": paid.get("input_tokens"),
        "output_tokens": paid.get("output_tokens"),
        "cost_microusd": paid.get("cost", 0),
        "prices": origin.prices,
    }
    return {**value, **mark.cell.labels, "synthetic": True, "provenance": provenance}
