"""How a card reads: its own headline, and the labelled lines beneath it.

The labels are the crew's mark of authorship on a line. Somebody else's line never begins with one,
so it is never taken for ours; text that we quote is made inert first.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from crewboard.coordination.board.card import (
    ID,
    AnyCard,
    Blocker,
    Choice,
    Column,
    DecisionCard,
    Evidence,
)
from crewboard.memory.inert import code, inert, plain
from crewboard.memory.markdown import Kind, Line

_LABELS = {
    "evidence": "📎",
    "note": "📌",
    "cause": "🚫",
    "owner": "👤",
    "tried": "🔁",
    "needed": "🔑",
    "since": "⏳",
    "decides": "🧭",
    "asked": "❓",
    "due": "⏰",
    "answer": "💬",
}
_OWN_LABEL = re.compile(
    r"[ \t]+[-*+][ \t]+(?:" + "|".join(f"{e} {word}:" for word, e in _LABELS.items()) + ")"
)
_BOLD = r"(?:[^\\*]|\\.)*"  # inert text: a star in it is escaped
_OWN_HEADLINE = re.compile(
    rf"[-*+] (?:~~|🧭 |✅ )?\*\*({_BOLD})\*\*.*[ \t]\^({ID.pattern[:-2]})[ \t]*\Z"
)
_OPTION = re.compile(rf"[ \t]+[-*+] \[(.)\] \*\*({_BOLD})\*\*(?::| \(recommended\)|\Z)")
_HASH_SHOWN = 12
_HOUR = 3600
_DAY = 24 * _HOUR


@dataclass(frozen=True)
class Mark:
    """What makes a headline a card's own: its id, and the title that stands in bold."""

    id: str
    title: str


def mark(line: Line) -> Mark | None:
    """Read the mark of a headline of ours; None for a line that cannot be one.

    Both parts must fit a card: a note that ends with our id, or a title that somebody reworded, is
    theirs and stays.
    """
    found = _OWN_HEADLINE.match(line.text) if line.kind is Kind.ITEM else None
    return Mark(found[2], found[1]) if found else None


def mark_of(card: AnyCard) -> Mark:
    return Mark(card.id, _title(card))


def is_own_detail(line: Line, card: AnyCard) -> bool:
    """Whether a line beneath `card`'s headline is one of those that the crew writes there."""
    if line.kind is not Kind.TEXT or not line.nested:
        return False
    return bool(_OWN_LABEL.match(line.text)) or _option(line, card) is not None


def ticks(lines: Sequence[Line], card: AnyCard) -> dict[str, str]:
    """Read what people put into the boxes of `card`'s options: {option: the box's character}."""
    found = (_OPTION.match(line.text) for line in lines if _option(line, card))
    return {each[2]: each[1] for each in found if each}


def headline(card: AnyCard) -> str:
    if isinstance(card, DecisionCard):
        return _decision_headline(card)
    title = _title(card)
    if card.column is Column.WITHDRAWN:
        return f"- ~~**{title}**~~ — withdrawn ^{card.id}"
    facts = " · ".join(filter(None, [inert(card.status), _at(card.owner)]))
    return f"- **{title}**{f' — {facts}' if facts else ''} ^{card.id}"


def details(card: AnyCard, now: datetime, boxes: dict[str, str]) -> list[str]:
    """Word the lines beneath the headline. `boxes` keeps what people ticked, as they ticked it."""
    if isinstance(card, DecisionCard):
        return _decision_details(card, boxes)
    if card.column is Column.WITHDRAWN:
        return []
    lines = [_labelled("note", inert(text)) for text in card.details]
    lines += [_labelled("evidence", _evidence(each)) for each in card.evidence]
    return lines + (_blocker_details(card.blocker, now) if card.blocker else [])


def age(since: datetime, now: datetime) -> str:
    """Tell an age coarsely ("40 min", "5 h", "3 d"): a line must not change at every look."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < _HOUR:
        return f"{seconds // 60} min"
    return f"{seconds // _HOUR} h" if seconds < 2 * _DAY else f"{seconds // _DAY} d"


def minute(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _title(card: AnyCard) -> str:
    text = card.question if isinstance(card, DecisionCard) else card.title
    return inert(text) or "untitled"


def _decision_headline(card: DecisionCard) -> str:
    question = _title(card)
    if card.answer is None:
        return f"- 🧭 **{question}** — {_at(card.owner) or 'nobody'} ^{card.id}"
    facts = ", ".join([_at(card.answer.by), minute(card.answer.at), f"by {inert(card.answer.via)}"])
    return f"- ✅ **{question}** → **{inert(card.answer.choice)}** — {facts} ^{card.id}"


def _decision_details(card: DecisionCard, boxes: dict[str, str]) -> list[str]:
    evidence = [_labelled("evidence", _evidence(each)) for each in card.evidence]
    if card.answer:
        return evidence
    blocks = " ".join(f"^{each}" for each in card.blocks)
    decides = " · ".join(filter(None, [inert(card.decides), f"blocks {blocks}" if blocks else ""]))
    due = f"{minute(card.due) if card.due else 'open'} · on expiry: {inert(card.on_expiry)}"
    return [
        *([_labelled("decides", decides)] if decides else []),
        _labelled("asked", f"by {_at(card.asked_by)}, {minute(card.asked)}"),
        _labelled("due", due),
        *evidence,
        *(_option_line(option, boxes) for option in card.options),
        _labelled("answer", code(_command(card))),
    ]


def _option_line(option: Choice, boxes: dict[str, str]) -> str:
    name, consequence = _name(option), inert(option.consequence)
    tail = f": {consequence}" if consequence else ""
    return f"  - [{boxes.get(name, ' ')}] **{name}**{tail}{' (recommended)' * option.recommended}"


def _name(option: Choice) -> str:
    return inert(option.name) or "?"


def _command(card: DecisionCard) -> str:
    chosen = next((each for each in card.options if each.recommended), None)
    chosen = chosen or next(iter(card.options), None)
    name = shlex.quote(plain(chosen.name)) if chosen else "OPTION"
    return f"crewboard approve {card.id} --choose {name}"


def _blocker_details(blocker: Blocker, now: datetime) -> list[str]:
    return [
        _labelled("cause", inert(blocker.cause)),
        _labelled("owner", inert(blocker.owner)),
        _labelled("tried", inert(blocker.tried)),
        _labelled("needed", inert(blocker.needed)),
        _labelled("since", f"{minute(blocker.since)} ({age(blocker.since, now)})"),
    ]


def _evidence(evidence: Evidence) -> str:
    sha256 = f" sha256:{plain(evidence.sha256)[:_HASH_SHOWN]}" if evidence.sha256 else ""
    facts = [code(evidence.path) + sha256, inert(evidence.note)]
    if evidence.verdict:
        facts.append(f"QA: {inert(evidence.verdict)}")
    return " · ".join(filter(None, facts))


def _labelled(word: str, text: str) -> str:
    return f"  - {_LABELS[word]} {word}: {text or '-'}"


def _at(name: str) -> str:
    return f"@{inert(name).lstrip('@')}" if name.strip() else ""


def _option(line: Line, card: AnyCard) -> str | None:
    if not isinstance(card, DecisionCard):
        return None
    found = _OPTION.match(line.text)
    return found[2] if found and found[2] in map(_name, card.options) else None
