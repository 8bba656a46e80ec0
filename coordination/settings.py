"""crewboard.toml as values. Wrong settings stop the start with one sentence that names the place."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crewboard.coordination.budget import MICRO
from crewboard.coordination.policy import Policy, Rulebook
from crewboard.errors import ConfigInvalid


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CrewTable(_Table):
    name: str = "crew"
    owner: str = "human"
    model: str = "rules"
    concurrency: int = Field(default=2, ge=1, le=64)
    seed: int = 42


class BudgetTable(_Table):
    goal_usd: Decimal = Field(default=Decimal(0), ge=0)
    day_usd: Decimal = Field(default=Decimal(10), ge=0)


class LimitsTable(_Table):
    """Every loop of the crew is bounded: by these."""

    replans: int = Field(default=2, ge=0)
    reworks: int = Field(default=2, ge=0)
    retries: int = Field(default=5, ge=0)
    recoveries: int = Field(default=100, ge=1)
    steps: int = Field(default=40, ge=1)
    """Model calls of one task that thinks for itself."""
    task_hours: float = Field(default=24, gt=0)
    decision_hours: float = Field(default=24, gt=0)
    """After this a decision is reported as overdue. It is held all the same."""


class PolicyTable(_Table):
    name: str
    kind: str
    choose: str
    max_usd: Decimal = Field(default=Decimal(0), ge=0)
    reversible_only: bool = False


class ApproverTable(_Table):
    kind: str
    who: tuple[str, ...]


class RoleTable(_Table):
    summary: str = "a role of this workspace"
    prompt: str | None = None
    tools: tuple[str, ...] = ()
    spending_cap_usd: Decimal = Field(default=Decimal(0), ge=0)
    may_sign: bool = False


class PluginTable(_Table):
    tools: tuple[str, ...] = ()


class Settings(_Table):
    """All of crewboard.toml. `models` is checked by whoever opens a model."""

    crew: CrewTable = CrewTable()
    budget: BudgetTable = BudgetTable()
    limits: LimitsTable = LimitsTable()
    policies: tuple[PolicyTable, ...] = ()
    approvers: tuple[ApproverTable, ...] = ()
    roles: dict[str, RoleTable] = Field(default_factory=dict)
    models: dict[str, Any] = Field(default_factory=dict)
    plugins: PluginTable = PluginTable()

    @classmethod
    def load(cls, path: Path) -> "Settings":
        """ConfigInvalid names the first fault by its place."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigInvalid(path=path, where="its syntax", reason=error) from None
        except OSError as error:
            raise ConfigInvalid(path=path, where="opening it", reason=error.strerror) from None
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(str(part) for part in fault["loc"])
            raise ConfigInvalid(path=path, where=where, reason=fault["msg"]) from None

    def rulebook(self) -> Rulebook:
        return Rulebook(
            owner=self.crew.owner,
            hours=self.limits.decision_hours,
            policies=tuple(
                Policy(p.name, p.kind, p.choose, micro(p.max_usd), p.reversible_only)
                for p in self.policies
            ),
            approvers=tuple((a.kind, a.who) for a in self.approvers),
        )


def micro(usd: Decimal) -> int:
    """Dollars as whole millionths, rounded down: a ceiling is never rounded up."""
    return int(usd * MICRO)
