"""What is offered for each rule of the audit, and what of it was chosen."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from crewboard.tools.audit.rules import RULES
from crewboard.tools.files.jsonl import Reason

UNREADABLE = frozenset(map(str, Reason))
"""Rules of lines that are no rows: such a line is mended or dropped, and never left."""


class Action(StrEnum):
    DROP = "drop"
    RECONSTRUCT = "reconstruct"
    LEAVE = "leave"


@dataclass(frozen=True)
class Offer:
    """`reconstruct` says what the mending does; it is empty where there is none. Of its `ways` one has to
    be named where `one` is set, and all are taken where none is named otherwise."""

    rule: str
    meaning: str
    reconstruct: str = ""
    ways: tuple[str, ...] = ()
    one: bool = False
    instead: str = ""
    by_findings: bool = False

    @property
    def actions(self) -> tuple[str, ...]:
        """What may be written behind `--fix RULE=`."""
        mended = [f"{Action.RECONSTRUCT}:{way}" for way in self.ways]
        if self.reconstruct and not self.one:
            mended.insert(0, str(Action.RECONSTRUCT))
        left = [] if self.rule in UNREADABLE else [str(Action.LEAVE)]
        return (str(Action.DROP), *mended, *left)


@dataclass(frozen=True)
class Fix:
    """One choice: what happens to the rows that break `rule`."""

    rule: str
    action: Action
    ways: tuple[str, ...] = ()


@cache
def offers() -> Mapping[str, Offer]:
    """By rule, in the order of the table."""
    text = files("crewboard.tools.repair").joinpath("offers.toml").read_text("utf-8")
    return {rule: _offer(rule, told) for rule, told in tomllib.loads(text).items()}


def _offer(rule: str, told: Mapping[str, object]) -> Offer:
    ways = told.get("ways", [])
    return Offer(
        rule,
        RULES[rule][1],
        str(told.get("reconstruct", "")),
        tuple(map(str, ways)) if isinstance(ways, list) else (),
        one=told.get("choose") == "one",
        instead=str(told.get("instead", "")),
        by_findings=told.get("by") == "findings",
    )


def fix_of(rule: str, text: str) -> Fix:
    """What `drop`, `leave`, `reconstruct` or `reconstruct:WAY+WAY` chooses for a rule. ValueError tells
    what is offered instead."""
    offer = offers().get(rule)
    if offer is None:
        raise ValueError(f"there is no rule {rule}; there are {', '.join(offers())}")
    action, _, named = text.partition(":")
    ways = tuple(part for part in named.split("+") if part)
    refused = f"{rule}={text} is not offered; there is {', '.join(offer.actions)}"
    if action not in set(Action) or (ways and action != Action.RECONSTRUCT):
        raise ValueError(refused)
    if action == Action.LEAVE and rule in UNREADABLE:
        raise ValueError(f"{refused}: a line that is no row is never kept")
    if action != Action.RECONSTRUCT:
        return Fix(rule, Action(action))
    if not offer.reconstruct or not set(ways) <= set(offer.ways) or (offer.one and len(ways) != 1):
        raise ValueError(refused)
    return Fix(rule, Action.RECONSTRUCT, ways or offer.ways)
