"""What a rule of the board is, what it looks at, and what it says.

A rule is a pure function over one page: it sees the bytes of the board, and what somebody else has
already looked up for it (files, commits, the ledger). It yields where it found something.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from crewboard.coordination.board.card import BoardView, Column
from crewboard.coordination.board.encoding import Mended, mend
from crewboard.coordination.board.outline import Item, Outline
from crewboard.memory.markdown import Kind

_LONGEST = 4000


class Severity(StrEnum):
    ERROR = "error"
    """Somebody who trusts the board is misled, or the file is damaged."""
    WARNING = "warning"
    """Worth a look; the board can be right all the same."""


@dataclass(frozen=True)
class Finding:
    """One thing that a rule found. `line` counts from 1; `card` is an id, or empty."""

    rule: str
    severity: Severity
    line: int
    says: str
    remedy: str
    card: str = ""


@dataclass(frozen=True)
class TaskFact:
    """What the ledger says of a task: its state, who does it, and its last event. `at_rest`: nothing of
    its goal can be taken up before a human has answered or acted."""

    state: str
    role: str
    last: datetime
    at_rest: bool = False


@dataclass(frozen=True)
class LedgerFacts:
    """What the rules need of the ledger. `ids` are those that were ever given, `hashes` the artifacts'
    sha256, `decided` the decisions that were answered; `unanswerable` tells of a decision why nobody may
    answer it."""

    ids: frozenset[str] = frozenset()
    hashes: frozenset[str] = frozenset()
    tasks: Mapping[str, TaskFact] = field(default_factory=dict)
    decided: frozenset[str] = frozenset()
    unanswerable: Mapping[str, str] = field(default_factory=dict)
    last: datetime | None = None
    crew_alive: bool = True


@dataclass(frozen=True)
class LintCase:
    """A board, and what was looked up for it.

    `missing` are the paths, and `lost` the commits, that the board names and that are not there.
    `limits` is how many cards a column may hold. Without `now` nothing is stale and nothing lies ahead;
    without `facts` and `view` (no ledger) the rules that need them find nothing.
    """

    data: bytes
    now: datetime | None = None
    missing: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    facts: LedgerFacts | None = None
    view: BoardView | None = None
    limits: Mapping[Column, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Spot:
    """Where a rule found something: `at` counts lines from 0. A remedy of its own beats the rule's."""

    at: int
    says: str
    card: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Page:
    """A board as the rules read it: where it was misread, as it was meant, line by line the same."""

    case: LintCase
    outline: Outline
    misread: Mended | None

    @classmethod
    def of(cls, case: LintCase) -> "Page":
        mended = mend(case.data)
        return cls(case, Outline.of(mended.data if mended else case.data), mended)

    @property
    def items(self) -> tuple[Item, ...]:
        return self.outline.items

    def texts(self, item: Item) -> list[str]:
        return [line.text for line in self.outline.document.lines[item.start : item.end]]

    @cached_property
    def columns(self) -> Mapping[int, Column | None]:
        """{where a card starts: its column}."""
        return {item.start: self.outline.column(item) for item in self.items}

    def within(self, *columns: Column) -> Iterator[Item]:
        return (item for item in self.items if self.columns[item.start] in columns)

    def lane_of(self, item: Item) -> str:
        return self.outline.lanes[item.lane].title if item.lane >= 0 else ""

    def in_section(self, item: Item) -> bool:
        """Whether its lane is one of the crew's columns, not a theme of people's own."""
        return item.lane >= 0 and self.outline.lanes[item.lane].place is not None

    @cached_property
    def shown(self) -> tuple[tuple[int, str], ...]:
        """The lines that are shown as text, with their number: no code, comment or front matter.

        A line of many thousand characters is cut: no person wrote it.
        """
        lines = enumerate(self.outline.document.lines)
        return tuple((n, line.text[:_LONGEST]) for n, line in lines if line.kind is not Kind.OPAQUE)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(line.text for line in self.outline.document.lines)


Look = Callable[[Page], Iterable[Spot]]


@dataclass(frozen=True)
class Rule:
    """`fix` says how it is mended without loss by `--fix`; empty where only a person can know."""

    id: str
    severity: Severity
    says: str
    remedy: str
    look: Look
    fix: str = ""

    def findings(self, page: Page) -> Iterator[Finding]:
        for spot in self.look(page):
            remedy = spot.remedy or self.remedy
            yield Finding(self.id, self.severity, spot.at + 1, spot.says, remedy, spot.card)
