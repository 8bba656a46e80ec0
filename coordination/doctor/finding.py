"""What the doctor looks at, and what it says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from crewboard.coordination.ledger import Ledger
from crewboard.coordination.workspace import Workspace


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `remedy` is what to do next, empty where nothing needs doing."""

    level: Level
    check: str
    says: str
    remedy: str = ""


@dataclass(frozen=True)
class Case:
    """A workspace and its opened ledger; `variables` are what the configured models need from the
    environment."""

    workspace: Workspace
    ledger: Ledger
    variables: tuple[str, ...] = ()


Look = Callable[[Case], Iterable[Finding]]
"""One check: it yields what is wrong, and nothing when all is well."""
