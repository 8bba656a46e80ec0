"""Ticks: what a mark in an option's box on the board is worth, and what the board says to whoever made it.

A tick in a file is a claim, not a proof: whoever can write the file can tick. It answers where the rules
let the board carry that kind, where nothing could be lost by it, and where whoever saved the file may
answer. It answers what was asked, word for word. Everything else is told beneath the card, and recorded.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from crewboard.clock import parse_stamp, stamp
from crewboard.coordination import decisions
from crewboard.coordination.board import asking
from crewboard.coordination.board.card import Choice
from crewboard.coordination.board.labels import BOLD, OWN_LABEL
from crewboard.coordination.budget import usd
from crewboard.coordination.decisions import Answer, Decision, Remark
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.policy import BOARD, Rulebook
from crewboard.errors import ApproverNotAllowed, DecisionUnanswerable
from crewboard.memory.inert import inert, plain
from crewboard.memory.markdown import Kind, scan

_BOX = re.compile(r"(?P<bullet>[ \t]+[-*+][ \t]+)\[(?P<mark>.)\][ \t]+(?P<text>.*?)[ \t]*\Z")
_NAMED = re.compile(rf"\*\*({BOLD})\*\*")
_BULLET = re.compile(r"\A[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_TICKED = frozenset("xX✓✔✅☑*+")
_NOT_WORDS = ("⚠", "<!--")  # beneath a card these are the crew's, or nobody's
_NOTE_LONGEST, _NAME_LONGEST = 1000, 200


class Outcome(StrEnum):
    ANSWERED = "answered"
    CONFIRM = "confirm"
    TWO = "two ticks"
    EDITED = "edited option"
    LATE = "after the deadline"
    UNVERIFIED = "unverified"
    REFUSED = "may not answer"
    NOTHING = "nothing"


VOID = frozenset({Outcome.EDITED, Outcome.UNVERIFIED})
"""What must be ticked anew: the board empties the boxes."""


@dataclass(frozen=True)
class Seen:
    """A decision's card as a save left it: its lines, the headline first. `who` made that save;
    `tool_at_work` says that a tool was running, which could have written the file as well. `fresh` says
    that this very save changed a box: a tick that was void before is not made good by saving on."""

    lines: tuple[str, ...]
    who: str
    now: datetime
    tool_at_work: bool
    fresh: bool = True


@dataclass(frozen=True)
class Ruling:
    """What a tick is worth. `says` is one sentence for the board, and `command` what to do then, if
    anything; `note` is what the person wrote beneath the options. `request` is what they ticked."""

    decision: str
    request: str
    outcome: Outcome
    by: str
    choices: tuple[str, ...] = ()
    says: str = ""
    command: str = ""
    note: str = ""

    @property
    def remark(self) -> Remark:
        return Remark(str(self.outcome), self.says, self.by, self.choices, self.command)


def offered(decision: Decision) -> tuple[Choice, ...]:
    """A decision's options as the board shows them."""
    return tuple(
        Choice(
            option.name,
            option.consequence,
            option.recommended,
            f"at most {usd(option.cost)} USD" if option.cost else "free",
            decision.reversible,
        )
        for option in decision.options
    )


def rule(decision: Decision, seen: Seen, rulebook: Rulebook) -> Ruling:
    """What the ticks on a card are worth. Pure: nothing is written, and nothing else is looked at."""
    card = _Card.read(seen.lines, decision)
    base = Ruling(decision.id, decision.request, Outcome.NOTHING, seen.who, card.ticked)
    void = decision.remark is not None and decision.remark.outcome in VOID
    if not card.ticked or not decision.waiting or (void and not seen.fresh):
        return replace(base, choices=())
    if card.edited:
        return _edited(base, decision, card)
    if len(card.ticked) > 1:
        names = " and ".join(card.ticked)
        return replace(base, outcome=Outcome.TWO, says=f"{names} are both ticked: leave one")
    return _judged(replace(base, note=card.note), decision, seen, rulebook)


def apply(tx: Transaction, rulebook: Rulebook, ruling: Ruling) -> Decision:
    """Record a ruling: the event `decision.ticked`, what the board says, and the answer where it is one.

    The same ruling again writes nothing. One that was made on another state of the decision than the
    ledger's answers nothing.
    """
    decision = decisions.get(tx, ruling.decision)
    if ruling.outcome is Outcome.NOTHING:
        return _unticked(tx, decision, ruling)
    if decision.remark == ruling.remark or not decision.waiting:
        return decision
    ruling = _checked(tx, decision, rulebook, ruling)
    decisions.remark(tx, decision, ruling.remark)
    tx.event(
        "decision.ticked", ruling.by, decision.goal, decision.task, decision=decision.id,
        outcome=str(ruling.outcome), choices=list(ruling.choices), why=ruling.says,
        note=ruling.note, request=ruling.request,
    )  # fmt: skip
    if ruling.outcome is Outcome.ANSWERED:
        return rulebook.answer(tx, decision.id, _answer(ruling))
    return decisions.get(tx, decision.id)


# ── what it is worth ───────────────────────────────────────────────────────────────────────────


def _judged(ruling: Ruling, decision: Decision, seen: Seen, rulebook: Rulebook) -> Ruling:
    """One option is ticked, and nothing was changed: whether that answers."""
    who, chosen = _name(ruling.by), ruling.choices[0]
    confirm = replace(ruling, command=_command(decision, chosen))
    if seen.tool_at_work or not ruling.by.startswith("human:"):
        says = "a tool was at work: nobody can tell whose tick this is. Tick again, or confirm with"
        return replace(confirm, outcome=Outcome.UNVERIFIED, says=says)
    try:
        rulebook.check(decision, replace(_answer(ruling), via="cli"), stamp(seen.now))
    except (ApproverNotAllowed, DecisionUnanswerable) as error:
        says = f"{who} may not answer this: {error.facts['reason']}"
        return replace(ruling, outcome=Outcome.REFUSED, says=says)
    if _is_late(decision, seen.now):
        says = f"{who} ticked {chosen} after the deadline. Confirm with"
        return replace(confirm, outcome=Outcome.LATE, says=says)
    if why := rulebook.uncarried(decision, chosen):
        says = f"{who} ticked {chosen}, and {why}. Confirm with"
        return replace(confirm, outcome=Outcome.CONFIRM, says=says)
    return replace(ruling, outcome=Outcome.ANSWERED, says=_counted(decision, ruling))


def _is_late(decision: Decision, now: datetime) -> bool:
    """A clock that was turned back does not bring a deadline back that was told as passed."""
    passed = decision.due is not None and now > parse_stamp(decision.due)
    return passed or decision.state == "overdue"


def _counted(decision: Decision, ruling: Ruling) -> str:
    who, chosen = _name(ruling.by), ruling.choices[0]
    if decision.needs <= 1:
        return f"{who} chose {chosen}"
    has = len({vote.by for vote in decision.approvals(chosen)} | {ruling.by})
    return f"{who} approves {chosen}: {has} of {decision.needs}"


def _edited(ruling: Ruling, decision: Decision, card: "_Card") -> Ruling:
    command = _command(decision, card.ticked[0]) if decision.option(card.ticked[0]) else ""
    says = f"this tick does not count, because {card.edited}. Tick again{', or' if command else ''}"
    return replace(ruling, outcome=Outcome.EDITED, says=says, command=command)


def _checked(tx: Transaction, decision: Decision, rulebook: Rulebook, ruling: Ruling) -> Ruling:
    """The ruling, unless the decision or the rules have changed since it was made."""
    if ruling.request != decision.request:
        says = "this tick does not count, because the question has changed. Tick again"
        return replace(ruling, outcome=Outcome.EDITED, says=says, command="")
    if ruling.outcome is Outcome.ANSWERED:
        try:
            rulebook.check(decision, _answer(ruling), tx.at)
        except (ApproverNotAllowed, DecisionUnanswerable) as error:
            says = f"{_name(ruling.by)} may not answer this: {error.facts['reason']}"
            return replace(ruling, outcome=Outcome.REFUSED, says=says)
    return ruling


def _unticked(tx: Transaction, decision: Decision, ruling: Ruling) -> Decision:
    """Nothing is ticked any more: what was said of a tick is taken back."""
    if decision.remark is None or not decision.remark.by or not decision.waiting:
        return decision
    if decision.remark.outcome in VOID:
        return decision  # it was the crew that emptied the boxes
    decisions.remark(tx, decision, None)
    tx.event(
        "decision.ticked", ruling.by, decision.goal, decision.task, decision=decision.id,
        outcome=str(ruling.outcome), choices=[], why="the tick was taken back", note="",
        request=ruling.request,
    )  # fmt: skip
    return decisions.get(tx, decision.id)


def _answer(ruling: Ruling) -> Answer:
    return Answer(ruling.choices[0], ruling.by, BOARD, ruling.note)


def _command(decision: Decision, choice: str) -> str:
    return f"crewboard approve {decision.id} --choose {shlex.quote(plain(choice))}"


def _name(who: str) -> str:
    return who.removeprefix("human:") or "somebody"


# ── what lies there ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Card:
    """`ticked` names the options that are ticked; `edited` says what is not as it was asked."""

    ticked: tuple[str, ...]
    edited: str
    note: str

    @classmethod
    def read(cls, lines: tuple[str, ...], decision: Decision) -> "_Card":
        wanted = {
            asking.name_of(choice): asking.option_line(choice, {}) for choice in offered(decision)
        }
        names = {asking.name_of(choice): choice.name for choice in offered(decision)}
        beneath = list(_beneath(lines))
        boxes = [box for line in beneath if (box := _Box.read(line)) and box.name is not None]
        ticked = dict.fromkeys(
            names.get(box.name or "", box.name or "") for box in boxes if box.ticked
        )
        edited = _question_edited(lines, decision) or _options_edited(boxes, wanted)
        return cls(tuple(ticked), edited, _note(beneath, boxes))


@dataclass(frozen=True)
class _Box:
    """A line with a box. `name` is what stands in bold behind it, as an option does; None without."""

    line: str
    text: str
    ticked: bool
    name: str | None

    @classmethod
    def read(cls, line: str) -> "_Box | None":
        found = _BOX.match(line)
        if found is None:
            return None
        named = _NAMED.match(found["text"])
        return cls(
            line,
            found["text"],
            found["mark"] in _TICKED,
            plain(named[1], _NAME_LONGEST) if named else None,
        )


def _beneath(lines: tuple[str, ...]) -> Iterator[str]:
    """The lines beneath the headline that are text: what lies in a fence or comment says nothing."""
    document = scan("\n".join(lines).encode("utf-8", "surrogateescape"))
    for line in document.lines[1 : document.block_end(0)]:
        if line.kind is Kind.TEXT and line.nested:
            yield line.text


def _question_edited(lines: tuple[str, ...], decision: Decision) -> str:
    asked = inert(decision.text) or "untitled"
    if lines and f"**{asked}**" in lines[0]:
        return ""
    return f"the question stands here in other words; asked was: {plain(decision.text, 200)}"


def _options_edited(boxes: list[_Box], wanted: dict[str, str]) -> str:
    for box in boxes:
        name = box.name or ""
        if name not in wanted:
            if box.ticked:
                return f"{name} is no option of it"
        elif not wanted[name].endswith(f"[ ] {box.text}"):
            return f"option {name} stands here in other words"
    seen = [box.name for box in boxes if box.name in wanted]
    if twice := next((name for name in seen if seen.count(name) > 1), None):
        return f"option {twice} stands here twice"
    missing = [name for name in wanted if name not in seen]
    return f"option {missing[0]} is missing here" if missing else ""


def _note(beneath: list[str], boxes: list[_Box]) -> str:
    """What people wrote from the first option on."""
    if not boxes:
        return ""
    start = beneath.index(boxes[0].line)
    own = {box.line for box in boxes}
    said = []
    for line in beneath[start:]:
        words = _BULLET.sub("", line).strip()
        if line in own or _BOX.match(line) or OWN_LABEL.match(line) or words.startswith(_NOT_WORDS):
            continue
        said.append(words)
    return plain(" ".join(filter(None, said)), _NOTE_LONGEST)
