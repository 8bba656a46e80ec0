"""What the board shows, as values. Their text may come from models: it is escaped later."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

ID = re.compile(r"[tdg][0-9a-hjkmnp-tv-z]{4,5}\Z")
"""Task, decision or goal, and Crockford base32 as `canonical.short_id` makes it."""


class Column(Enum):
    """Where a card stands; the value is the heading, in the order in which columns are created."""

    DONE = "✅ Done"
    IN_PROGRESS = "🔨 In Progress"
    BACKLOG = "📋 Backlog"
    BLOCKED = "🚫 Blocked"
    DECIDED = "🧭 Decided"
    NOTES = "📝 Notes"
    WITHDRAWN = ""
    """A tombstone: the card goes, or stays struck through where people wrote beneath it."""


@dataclass(frozen=True)
class Evidence:
    """What proves a claim.

    `path` is relative to the workspace; `note` is counts of our own making ("43,170 rows");
    `verdict` is QA's, empty while there is none.
    """

    path: str
    sha256: str = ""
    note: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class Blocker:
    """Why a card cannot move. `since` is its first event, from which its age counts."""

    cause: str
    owner: str
    tried: str
    needed: str
    since: datetime


@dataclass(frozen=True)
class Card:
    """A task or goal. `status` stands beside the title, each of `details` on a line beneath it.

    `adopts` is the line that a person wrote to give this goal: it becomes the card's headline, and
    stays in their words. `says` answers whoever moved the card last. `lane` is a section of people's
    own that they moved it to, where it stays.
    """

    id: str
    title: str
    column: Column
    owner: str = ""
    status: str = ""
    details: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    blocker: Blocker | None = None
    adopts: str = ""
    says: str = ""
    lane: str = ""

    def __post_init__(self) -> None:
        _check_id(self.id, "tg")


@dataclass(frozen=True)
class Choice:
    """One option of a decision: `name` is what `--choose` takes, `cost` the most that it costs, in words.
    `reversible` is None where nobody said."""

    name: str
    consequence: str = ""
    recommended: bool = False
    cost: str = ""
    reversible: bool | None = None


@dataclass(frozen=True)
class Answered:
    """Who answered, what, when and how, and why they did. Of an answer that was `revoked`: who took it
    back, and why."""

    choice: str
    by: str
    at: datetime
    via: str
    note: str = ""
    revoked: bool = False


@dataclass(frozen=True)
class DecisionCard:
    """A question to `owner`; answered, it stands among what is decided.

    `decides` says why it is asked now. `blocks` holds the ids of the cards that wait for it; `on_expiry`
    says what happens at `due`, `reminded` at what part of that time (in %) people were reminded last.
    `approvals` are those who approved, where it takes several (`needs`). `says` answers whoever ticked
    an option last, with the `command` that is needed then; where their tick is `void`, the boxes are
    emptied. `alike` are the ids of open questions that ask for exactly the same, and `behind` is the
    number of those that wait for room on the board.
    """

    id: str
    question: str
    owner: str
    options: tuple[Choice, ...]
    asked_by: str
    asked: datetime
    due: datetime | None = None
    on_expiry: str = "hold"
    decides: str = ""
    blocks: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    answer: Answered | None = None
    needs: int = 1
    approvals: tuple[str, ...] = ()
    reminded: int = 0
    says: str = ""
    command: str = ""
    void: bool = False
    alike: tuple[str, ...] = ()
    behind: int = 0

    def __post_init__(self) -> None:
        _check_id(self.id, "d")
        for named in (*self.blocks, *self.alike):
            _check_id(named, "tdg")


AnyCard = Card | DecisionCard


@dataclass(frozen=True)
class BoardView:
    """Everything that the crew wants the board to say at `synced`.

    A card that is not named here is left as it stands; to take one off, name it with
    `Column.WITHDRAWN`.
    """

    title: str
    synced: datetime
    cards: tuple[Card, ...] = ()
    decisions: tuple[DecisionCard, ...] = ()

    def __post_init__(self) -> None:
        if self.synced.tzinfo is None:
            raise ValueError("`synced` needs a time zone")
        ids = Counter(card.id for card in self.all_cards)
        if twice := sorted(name for name, count in ids.items() if count > 1):
            raise ValueError(f"one id, two cards: {twice}")

    @property
    def all_cards(self) -> tuple[AnyCard, ...]:
        return *self.cards, *self.decisions


def _check_id(name: str, kinds: str) -> None:
    if not ID.match(name) or name[0] not in kinds:
        raise ValueError(f"{name!r} is not an id of the board")
