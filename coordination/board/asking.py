"""How a decision reads on the board: its question, what an answer needs to know, and its options.

    - 🧭 **Drop the 30 empty rows?** — @ada ^d7k2m
      - 🧭 decides: whether the mix can be built · blocks ^t41xa
      - [ ] **drop**: they go · free · reversible (recommended)
      - 💬 answer: `crewboard approve d7k2m --choose drop`

Answered, it is one line. What people write beneath the options stays, and is the note of their answer.
"""

import re
import shlex
from collections.abc import Mapping, Sequence

from crewboard.coordination.board.card import Choice, DecisionCard
from crewboard.coordination.board.labels import BOLD, at, cited, labelled, minute
from crewboard.memory.inert import code, inert, plain
from crewboard.memory.markdown import Line

_NOTE_SHOWN = 200
_OPTION = re.compile(rf"[ \t]+[-*+] \[(.)\] \*\*({BOLD})\*\*(?::| \(recommended\)|\Z)")


def title(card: DecisionCard) -> str:
    return inert(card.question) or "untitled"


def lead(card: DecisionCard) -> str:
    """What stands before the question: whether it still waits."""
    return "✅ " if card.answer and not card.answer.revoked else "🧭 "


def facts(card: DecisionCard) -> str:
    """What stands behind the question: whom it waits on, or who answered it, when and how."""
    given = card.answer
    if given is None:
        return f" — {at(card.owner) or 'nobody'}"
    told = f"{at(given.by)}, {minute(given.at)}{f', by {inert(given.via)}' if given.via else ''}"
    if given.note:
        told += f": {inert(given.note, _NOTE_SHOWN)}"
    if given.revoked:
        return f" → ~~{inert(given.choice)}~~ — revoked by {told}"
    return f" → **{inert(given.choice)}** — {told}"


def headline(card: DecisionCard) -> str:
    return f"- {lead(card)}**{title(card)}**{facts(card)} ^{card.id}"


def details(card: DecisionCard, boxes: Mapping[str, str]) -> list[str]:
    """The lines beneath; `boxes` keeps what people ticked, as they ticked it. An answer needs none."""
    if card.answer:
        return []
    kept = {} if card.void else boxes
    return [
        *_optional("decides", _decides(card)),
        labelled("asked", f"by {at(card.asked_by)}, {minute(card.asked)}"),
        labelled("due", _due(card)),
        *(labelled("evidence", cited(each)) for each in card.evidence),
        *_optional("approvals", _approvals(card)),
        *(option_line(option, kept) for option in card.options),
        labelled("answer", _answer(card)),
        *_optional("more", _more(card)),
    ]


def option_line(option: Choice, boxes: Mapping[str, str]) -> str:
    """One option, with the box as it is in `boxes` or empty: what a tick is compared with."""
    told = [inert(option.consequence), inert(option.cost), _takes_back(option)]
    tail = " · ".join(filter(None, told))
    box = f"[{boxes.get(name_of(option), ' ')}]"
    lead = f"  - {box} **{name_of(option)}**{f': {tail}' if tail else ''}"
    return f"{lead}{' (recommended)' * option.recommended}"


def name_of(option: Choice) -> str:
    return inert(option.name) or "?"


def ticks(lines: Sequence[Line], card: DecisionCard) -> dict[str, str]:
    """Read what people put into the boxes of `card`'s options: {option: the box's character}."""
    found = (_OPTION.match(line.text) for line in lines if is_option(line, card))
    return {each[2]: each[1] for each in found if each}


def is_option(line: Line, card: DecisionCard) -> bool:
    """Whether a line offers one of `card`'s options, whatever else people wrote into it."""
    found = _OPTION.match(line.text)
    return found is not None and found[2] in map(name_of, card.options)


def _decides(card: DecisionCard) -> str:
    blocks = " ".join(f"^{each}" for each in card.blocks)
    return " · ".join(filter(None, [inert(card.decides), f"blocks {blocks}" if blocks else ""]))


def _due(card: DecisionCard) -> str:
    told = [minute(card.due) if card.due else "open", f"on expiry: {inert(card.on_expiry)}"]
    if card.reminded:
        told.append(f"reminded at {card.reminded} % of its time")
    return " · ".join(told)


def _approvals(card: DecisionCard) -> str:
    if card.needs <= 1:
        return ""
    by = ", ".join(map(at, card.approvals))
    return f"{len(card.approvals)} of {card.needs}{f' ({by})' if by else ''}"


def _answer(card: DecisionCard) -> str:
    """What was said of the last tick; before one, the command that answers."""
    if not card.says:
        return code(_command(card))
    return f"{inert(card.says)}{f' {code(card.command)}' if card.command else ''}"


def _more(card: DecisionCard) -> str:
    told = []
    if card.alike:
        told.append(f"the same is asked as {' '.join(f'^{each}' for each in card.alike)}")
    if card.behind:
        told.append(f"{card.behind} more wait behind this one: `crewboard decisions`")
    return " · ".join(told)


def _takes_back(option: Choice) -> str:
    if option.reversible is None:
        return ""
    return "reversible" if option.reversible else "not reversible"


def _optional(word: str, text: str) -> list[str]:
    return [labelled(word, text)] if text else []


def _command(card: DecisionCard) -> str:
    chosen = next((each for each in card.options if each.recommended), None)
    chosen = chosen or next(iter(card.options), None)
    name = shlex.quote(plain(chosen.name)) if chosen else "OPTION"
    return f"crewboard approve {card.id} --choose {name}"
