"""What a rebalancing is asked for."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from pydantic import Field, model_validator

from crewboard.tools.contract import Arguments, InputPath
from crewboard.tools.rebalance.targets import Targets, targets_of


class TargetArguments(Arguments):
    data: tuple[InputPath, ...] = Field(min_length=1)
    targets: Mapping[str, Mapping[str, float]]
    """By axis the share of each label: {"difficulty": {"easy": 0.3, ...}}. An axis is a field, or several
    with commas between, whose labels are then {"billing/easy": 0.1, ...}. Rows of other labels leave."""
    tolerance: float = Field(default=0.0, ge=0, lt=1)
    """By how much a share may differ; 0 means exact, up to the rounding of one row."""
    rows: int | None = Field(default=None, ge=1)
    """The rows that there are to be in the end; else the most, or the fewest, that the shares allow."""

    @model_validator(mode="after")
    def _meant(self) -> "TargetArguments":
        targets_of(self.targets)
        return self

    @property
    def plan(self) -> Targets:
        return targets_of(self.targets)

    @property
    def slack(self) -> Fraction:
        return Fraction(str(self.tolerance))


class RebalanceArguments(TargetArguments):
    by: Literal["sampling", "oversampling"] = "sampling"
    """Leave rows out, or repeat rows."""
    most_copies: int = Field(default=3, ge=1, le=1000)
    """How often a row may stand in the result, for oversampling."""
    seed: int | None = None
    """The run's own seed when absent."""


class RecipeArguments(TargetArguments):
    recipe: InputPath
    """A recipe of `data generate` whose strata have the fields of the target."""
    model: str | None = None
    """provider/model, for the estimate."""
