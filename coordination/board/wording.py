"""How a card reads: what its headline says, and the labelled lines beneath it.

The labels are the crew's mark of authorship on a line. Somebody else's line never begins with one,
so it is never taken for ours; text that we quote is made inert first.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from crewboard.coordination.board import asking
from crewboard.coordination.board.card import AnyCard, Blocker, Column, DecisionCard
from crewboard.coordination.board.labels import (
    LABELS,
    OWN_LABEL,
    at,
    cited,
    labelled,
    minute,
)
from crewboard.memory.inert import inert
from crewboard.memory.markdown import Kind, Line

__all__ = ["age", "details", "facts_of", "is_own_detail", "lead_of", "minute", "ticks", "title_of"]
_LABEL = re.compile("(?:" + "|".join(map(re.escape, LABELS.values())) + r") (?=\w+:)")
_KEPT = "✏️ "
_BOX = re.compile(r"(?<=[-*+] )\[.\] ")
_HOUR = 3600
_DAY = 24 * _HOUR


def is_own_detail(line: Line, card: AnyCard) -> bool:
    """Whether a line beneath `card`'s headline is one of those that the crew writes there."""
    if line.kind is not Kind.TEXT or not line.nested:
        return False
    offered = isinstance(card, DecisionCard) and asking.is_option(line, card)
    return offered or bool(OWN_LABEL.match(line.text))


def ticks(lines: Sequence[Line], card: AnyCard) -> dict[str, str]:
    """Read what people put into the boxes of `card`'s options: {option: the box's character}."""
    return asking.ticks(lines, card) if isinstance(card, DecisionCard) else {}


def as_theirs(text: str) -> str:
    """Take the crew's mark from a line that people wrote into: it says what they wrote, as theirs."""
    unmarked, found = _LABEL.subn(_KEPT, text, count=1)
    return unmarked if found else _BOX.sub(_KEPT, text, count=1)


def title_of(card: AnyCard) -> str:
    return asking.title(card) if isinstance(card, DecisionCard) else inert(card.title) or "untitled"


def lead_of(card: AnyCard) -> str:
    """What stands before the title."""
    if isinstance(card, DecisionCard):
        return asking.lead(card)
    return "~~" if card.column is Column.WITHDRAWN else ""


def facts_of(card: AnyCard) -> str:
    """What stands behind the title: how far it is, and whose."""
    if isinstance(card, DecisionCard):
        return asking.facts(card)
    if card.column is Column.WITHDRAWN:
        return "~~ — withdrawn"
    facts = " · ".join(filter(None, [inert(card.status), at(card.owner)]))
    return f" — {facts}" if facts else ""


def details(card: AnyCard, now: datetime, boxes: dict[str, str]) -> list[str]:
    """Word the lines beneath the headline. `boxes` keeps what people ticked, as they ticked it."""
    if isinstance(card, DecisionCard):
        return asking.details(card, boxes)
    if card.column is Column.WITHDRAWN:
        return []
    lines = [labelled("note", inert(text)) for text in (*card.details, card.says) if text]
    lines += [labelled("evidence", cited(each)) for each in card.evidence]
    return lines + (_blocker_details(card.blocker, now) if card.blocker else [])


def age(since: datetime, now: datetime) -> str:
    """Tell an age coarsely ("40 min", "5 h", "3 d"): a line must not change at every look."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < _HOUR:
        return f"{seconds // 60} min"
    return f"{seconds // _HOUR} h" if seconds < 2 * _DAY else f"{seconds // _DAY} d"


def _blocker_details(blocker: Blocker, now: datetime) -> list[str]:
    return [
        labelled("cause", inert(blocker.cause)),
        labelled("owner", inert(blocker.owner)),
        labelled("tried", inert(blocker.tried)),
        labelled("needed", inert(blocker.needed)),
        labelled("since", f"{minute(blocker.since)} ({age(blocker.since, now)})"),
    ]
