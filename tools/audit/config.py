"""What was declared before the run: thresholds, fields and plans, from `audit.toml`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from crewboard.tools.audit.rules import SEVERITY
from crewboard.tools.files.document import read_toml

Share = Annotated[float, Field(ge=0, le=1)]
AXES = ("stage", "agent", "category", "difficulty")
"""What rows are counted by, and may be planned by."""


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fields(_Declared):
    """Where a row says something about itself: a key of the row, else of its `metadata`."""

    agent: str = "agent"
    category: str = "category"
    difficulty: str = "difficulty"
    stage: str = "stage"
    weight: str = "weight"


class Balance(_Declared):
    """The planned share of each value of a field, and by how much the measured one may differ."""

    plan: Mapping[str, Share]
    tolerance: Share = 0.05


class AuditConfig(_Declared):
    """`tolerate` names the share of rows that may break a rule; one that is not named tolerates
    nothing, or everything where its severity is low. `near` is the Jaccard index from which rows are
    near duplicates, `overlap` the share of a row's word 5-grams that may stand in a training set."""

    max_words: int = Field(default=400, ge=1)
    model_limit: int | None = Field(default=None, ge=1)
    weight_min: float = 0.0
    weight_max: float = 1.0
    languages: tuple[str, ...] = ("en",)
    near: Share = 0.7
    overlap: Share = 0.5
    fields: Fields = Fields()
    tolerate: Mapping[str, Share] = Field(default_factory=dict)
    balance: Mapping[str, Balance] = Field(default_factory=dict)

    @field_validator("tolerate")
    @classmethod
    def _known(cls, value: Mapping[str, float]) -> Mapping[str, float]:
        unknown = sorted(set(value) - set(SEVERITY))
        if unknown:
            raise ValueError(
                f"no such rules: {', '.join(unknown)}; there are {', '.join(SEVERITY)}"
            )
        return value

    @field_validator("balance")
    @classmethod
    def _whole(cls, value: Mapping[str, Balance]) -> Mapping[str, Balance]:
        for name, balance in value.items():
            if name not in AXES:
                raise ValueError(f"no such field: {name}; there are {', '.join(AXES)}")
            if abs(sum(balance.plan.values()) - 1) > 0.001:  # noqa: PLR2004 - rounding of thirds
                raise ValueError(
                    f"the plan of {name} adds up to {sum(balance.plan.values()):g}, not 1"
                )
        return value


def load_config(path: Path) -> AuditConfig:
    """The declarations in `path`; ConfigInvalid tells the first fault by its place."""
    return read_toml(path, AuditConfig)
