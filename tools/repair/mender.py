"""One row: which chosen rules it breaks, what is done about each in a fixed order, and whether that helped.

Mending comes before dropping: a row is dropped only when it still breaks a chosen rule when everything that
was asked for has been done to it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.rules import (
    DUPLICATE_KEY,
    OVER_LONG,
    RULES,
    SYSTEM_PLACEMENT,
    TOOL_ARGUMENTS,
    TOOL_STRAY_ANSWER,
    TOOL_UNANSWERED,
    WEIGHT_RANGE,
)
from crewboard.tools.files.chat import ChatRule, Message, messages_of
from crewboard.tools.files.jsonl import Line
from crewboard.tools.repair.calls import (
    with_named_answers,
    with_text_arguments,
    without_open_end,
)
from crewboard.tools.repair.judge import SOUND, Judge
from crewboard.tools.repair.lines import Step
from crewboard.tools.repair.objects import dumped
from crewboard.tools.repair.offers import Action, Fix
from crewboard.tools.repair.turns import (
    ALIASES,
    shortened,
    up_to_last_answer,
    with_known_roles,
    with_neighbours_joined,
    with_system_first,
    without_empty_end,
)
from crewboard.tools.repair.weights import with_weights_in_range

ORDER = (
    DUPLICATE_KEY,
    TOOL_ARGUMENTS,
    TOOL_STRAY_ANSWER,
    str(ChatRule.UNKNOWN_ROLE),
    SYSTEM_PLACEMENT,
    str(ChatRule.EMPTY_CONTENT),
    str(ChatRule.ROLE_ALTERNATION),
    TOOL_UNANSWERED,
    str(ChatRule.ENDS_WITHOUT_ASSISTANT),
    WEIGHT_RANGE,
    OVER_LONG,
)
"""In which rules are mended: what a later one looks at, the earlier ones have settled."""
_ROUNDS = 3
Row = dict[str, Any]


@dataclass(frozen=True)
class Terms:
    """What was chosen, and the thresholds that rows are judged by."""

    fixes: Mapping[str, Fix]
    config: AuditConfig = field(default_factory=AuditConfig)
    aliases: Mapping[str, str] = field(default_factory=lambda: ALIASES)

    def mends(self, rule: str) -> bool:
        return rule in self.fixes and self.fixes[rule].action is Action.RECONSTRUCT

    def way(self, rule: str) -> str:
        ways = self.fixes[rule].ways
        return ways[0] if len(ways) == 1 else "+".join(ways)


@dataclass(frozen=True)
class Mended:
    """What became of a row. `line` is None when it goes: because of `reason`, the first chosen rule that
    it broke; `beside` is a rule that stood in the way of its mending."""

    broke: frozenset[str]
    line: Line | None
    steps: tuple[Step, ...] = ()
    reason: str = ""
    beside: str = ""


class Mender:
    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        chosen = [f.rule for f in terms.fixes.values() if f.action is not Action.LEAVE]
        objects = "text" in (terms.fixes[TOOL_ARGUMENTS].ways if TOOL_ARGUMENTS in chosen else ())
        self._judge = Judge(chosen, terms.config, objects=objects)
        self._sound = Judge(SOUND, terms.config)

    def broken(self, line: Line) -> set[str]:
        return self._judge.broken(line)

    def mend(self, line: Line) -> Mended:
        broke = frozenset(self._judge.broken(line))
        if not broke:
            return Mended(broke, line)
        before = self._sound.broken(line)
        doubled = DUPLICATE_KEY in before and not self._terms.mends(DUPLICATE_KEY)
        if doubled or not any(map(self._terms.mends, broke)):
            # a row is read to be mended, and of a doubled key the reader would choose a value
            beside = DUPLICATE_KEY if doubled and DUPLICATE_KEY not in broke else ""
            return Mended(broke, None, reason=_first(broke), beside=beside)
        mended, steps = self._worked_on(line, set(broke))
        left = self._judge.broken(mended)
        worse = self._sound.broken(mended) - before
        if left or worse:
            reason = _first(left & broke or broke)
            beside = _first(worse or left)
            return Mended(broke, None, steps, reason, "" if beside == reason else beside)
        return Mended(broke, mended, steps)

    def _worked_on(self, line: Line, broken: set[str]) -> tuple[Line, tuple[Step, ...]]:
        steps: list[Step] = []
        for _ in range(_ROUNDS):
            tried = len(steps)
            for rule in ORDER:
                if rule not in broken or not self._terms.mends(rule):
                    continue
                row = self._mended(rule, line)
                if row is None:
                    continue
                line = _line(line, row)
                steps.append(Step(rule, self._terms.way(rule)))
                broken = self._judge.broken(line)
            if tried == len(steps):
                break
        return line, tuple(steps)

    def _mended(self, rule: str, line: Line) -> Row | None:
        if rule == DUPLICATE_KEY:
            pairs = _first_values if self._terms.way(rule) == "first" else dict[str, Any]
            return dict(json.loads(line.raw, object_pairs_hook=pairs))
        row: Row = json.loads(line.raw)  # orjson would round integers of more than 64 bits
        if rule == WEIGHT_RANGE:
            return with_weights_in_range(row, self._terms.config)
        messages = messages_of(row)
        turns = None if messages is None else self._turns(rule, messages)
        return None if turns is None else {**row, "messages": turns}

    def _turns(self, rule: str, messages: list[Message]) -> list[Message] | None:
        if rule == ChatRule.UNKNOWN_ROLE:
            return with_known_roles(messages, self._terms.aliases)
        if rule == TOOL_ARGUMENTS:
            return with_text_arguments(messages, self._terms.fixes[rule].ways)
        if rule == OVER_LONG:
            return shortened(messages, self._terms.config.max_words, self._terms.way(rule))
        return _OF_TURNS[rule](messages)


_OF_TURNS: Mapping[str, Callable[[list[Message]], list[Message] | None]] = {
    TOOL_STRAY_ANSWER: with_named_answers,
    SYSTEM_PLACEMENT: with_system_first,
    ChatRule.EMPTY_CONTENT: without_empty_end,
    ChatRule.ROLE_ALTERNATION: with_neighbours_joined,
    TOOL_UNANSWERED: without_open_end,
    ChatRule.ENDS_WITHOUT_ASSISTANT: up_to_last_answer,
}


def _first_values(pairs: list[tuple[str, Any]]) -> Row:
    found: Row = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


def _line(line: Line, row: Row) -> Line:
    raw = dumped(row)
    return Line(line.number, line.offset, raw, orjson.loads(raw))


def _first(rules: frozenset[str] | set[str]) -> str:
    """The one that stands first among all rules of the audit."""
    return next(rule for rule in RULES if rule in rules)
