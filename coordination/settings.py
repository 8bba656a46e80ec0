"""crewboard.toml as values. Wrong settings stop the start with one sentence that names the place."""

import re
import tomllib
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
    field_validator,
    model_validator,
)

from crewboard.clock import stamp
from crewboard.coordination.board.limits import limits_of
from crewboard.coordination.budget import MICRO
from crewboard.coordination.deciding.caps import Caps
from crewboard.coordination.deciding.questions import HUMANS_ONLY
from crewboard.coordination.deciding.quorum import EVERY, Delegation
from crewboard.coordination.policy import Policy, Rulebook
from crewboard.coordination.reporting.schedule import Schedule
from crewboard.errors import ConfigInvalid

_HOUR = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


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
    per_goal_day: int | None = Field(default=None, ge=0)
    per_crew_day: int | None = Field(default=None, ge=0)


class CapsTable(_Table):
    """What rules and standing answers may allow in a day, whatever each of them may by itself."""

    goal_day_usd: Decimal | None = Field(default=None, ge=0)
    crew_day_usd: Decimal | None = Field(default=None, ge=0)


class ApproverTable(_Table):
    kind: str
    who: tuple[str, ...]
    needs: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.who and self.needs > len(set(self.who)):
            raise ValueError(f"needs {self.needs} of {len(set(self.who))} who may approve")
        return self


class DelegationTable(_Table):
    giver: str = Field(alias="from")
    to: str
    kinds: tuple[str, ...] = Field(min_length=1)
    until: AwareDatetime

    @model_validator(mode="after")
    def _narrows(self) -> Self:
        if EVERY in self.kinds:
            raise ValueError("name the kinds: a right is passed on for some of them, never for all")
        if self.giver == self.to:
            raise ValueError("nobody passes a right on to themselves")
        return self


class BoardTable(_Table):
    """`carries` names the kinds of decision that a tick on the board may answer; `wip` how many cards a
    column may hold, by any word for it."""

    carries: tuple[str, ...] = ()
    wip: dict[str, StrictInt] = Field(default_factory=dict)

    @field_validator("wip")
    @classmethod
    def _columns(cls, value: dict[str, int]) -> dict[str, int]:
        limits_of(value)
        return value

    @model_validator(mode="after")
    def _harmless(self) -> Self:
        if never := HUMANS_ONLY & set(self.carries):
            raise ValueError(f"no tick answers {', '.join(sorted(never))}")
        return self


class RoleTable(_Table):
    summary: str = "a role of this workspace"
    prompt: str | None = None
    tools: tuple[str, ...] = ()
    spending_cap_usd: Decimal = Field(default=Decimal(0), ge=0)
    may_sign: bool = False


class PluginTable(_Table):
    tools: tuple[str, ...] = ()


class ScheduleTable(_Table):
    """Hours of the day in `zone`; without any, nobody writes unless asked."""

    standup: tuple[str, ...] = ()
    review: str | None = None
    zone: str = "UTC"
    stale_hours: float = Field(default=24, gt=0)
    """Work of which nothing was heard for so long is named in the review."""

    @field_validator("standup", "review")
    @classmethod
    def _hours(cls, value: Any) -> Any:
        for hour in [value] if isinstance(value, str) else value or ():
            if not _HOUR.fullmatch(hour):
                raise ValueError(f"{hour!r} is no hour of the day: write it as 09:00")
        return value

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{value!r} is no time zone known here (Europe/Amsterdam); "
                             "`pip install tzdata` brings them all") from None  # fmt: skip
        return value

    def timetable(self) -> Schedule:
        hours = tuple(map(time.fromisoformat, self.standup))
        review = time.fromisoformat(self.review) if self.review else None
        return Schedule(hours, review, self.zone)


class MemoryTable(_Table):
    bytes: int = Field(default=4096, ge=512)
    """What MEMORY.md may hold, people's lines included."""


class RecallTable(_Table):
    model: str | None = None
    """A folder with a MiniLM-class BERT; without one recall goes by words alone."""


class Settings(_Table):
    """All of crewboard.toml. `models` is checked by whoever opens a model."""

    crew: CrewTable = CrewTable()
    budget: BudgetTable = BudgetTable()
    limits: LimitsTable = LimitsTable()
    policies: tuple[PolicyTable, ...] = ()
    caps: CapsTable = CapsTable()
    approvers: tuple[ApproverTable, ...] = ()
    delegations: tuple[DelegationTable, ...] = ()
    board: BoardTable = BoardTable()
    roles: dict[str, RoleTable] = Field(default_factory=dict)
    models: dict[str, Any] = Field(default_factory=dict)
    plugins: PluginTable = PluginTable()
    schedule: ScheduleTable = ScheduleTable()
    memory: MemoryTable = MemoryTable()
    recall: RecallTable = RecallTable()

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
                Policy(
                    p.name, p.kind, p.choose, micro(p.max_usd), p.reversible_only,
                    p.per_goal_day, p.per_crew_day,
                )
                for p in self.policies
            ),
            approvers=tuple((a.kind, a.who) for a in self.approvers),
            needs=tuple((a.kind, a.needs) for a in self.approvers if a.needs > 1),
            delegations=tuple(
                Delegation(d.giver, d.to, d.kinds, stamp(d.until)) for d in self.delegations
            ),
            carries=self.board.carries,
            caps=Caps(_micro(self.caps.goal_day_usd), _micro(self.caps.crew_day_usd)),
        )  # fmt: skip


def _micro(usd: Decimal | None) -> int | None:
    return None if usd is None else micro(usd)


def micro(usd: Decimal) -> int:
    """Dollars as whole millionths, rounded down: a ceiling is never rounded up."""
    return int(usd * MICRO)
