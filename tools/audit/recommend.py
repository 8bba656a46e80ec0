"""What to do about a report: actions in order of weight, each with its cost and its command."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crewboard.tools.audit.rules import (
    DUPLICATE,
    DUPLICATE_KEY,
    DUPLICATE_STRIPPED,
    NEAR_DUPLICATE,
    SEVERITY,
    SYSTEM_PLACEMENT,
    TOOL_ARGUMENTS,
    TOOL_STRAY_ANSWER,
    TOOL_UNANSWERED,
    WEIGHT_RANGE,
    Severity,
)
from crewboard.tools.files.chat import ChatRule
from crewboard.tools.files.jsonl import Reason
from crewboard.tools.pii import REAL

_WEIGHT = {Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1}
_SCRUBBED = frozenset(map(str, REAL))
_FAULTY = frozenset(map(str, (*Reason, *ChatRule))) | {
    *(DUPLICATE_KEY, SYSTEM_PLACEMENT, WEIGHT_RANGE),
    *(TOOL_UNANSWERED, TOOL_STRAY_ANSWER, TOOL_ARGUMENTS),
}
_COPIED = frozenset({DUPLICATE, DUPLICATE_STRIPPED, NEAR_DUPLICATE})
_REASONS = (
    (_FAULTY, "Drop what is no sound row: no trainer takes it, or it teaches the wrong thing"),
    (
        _SCRUBBED,
        "Drop the rows with personal data or secrets, or scrub their sources and build anew",
    ),
    (_COPIED, "Drop copies: what stands there several times weighs several times"),
)


@dataclass(frozen=True)
class Action:
    """`rows` would go, `share` of all; `words` with them, by the mean. `command` is for a shell; it
    is empty where only a person can act, and `why` then says what on."""

    why: str
    rules: tuple[str, ...]
    rows: int
    share: float
    words: int
    command: str


def recommend(report: Mapping[str, Any]) -> list[Action]:
    """For every rule that is over its tolerance one action, or one for a group of them.

    Ranked by the gravest rule, then by rows. A row that breaks several rules of a group is counted
    under each, so `rows` is the most that an action costs.
    """
    over = {rule["id"]: rule for rule in report["rules"] if rule["over"]}
    actions = [*_grouped(report, over)]
    actions += [_refill(report, axis) for axis in report["verdict"]["off_plan"]]
    return sorted(actions, key=lambda action: (-_gravest(action), -action.rows, action.rules))


def _grouped(report: Mapping[str, Any], over: dict[str, Any]) -> Iterator[Action]:
    left = dict(over)
    for group, why in _REASONS:
        rules = [rule for rule in left if rule in group]
        if rules:
            found = [left.pop(rule) for rule in rules]
            yield _drop(report, found, _told(why, found))
    for rule in left.values():
        yield _drop(report, [rule], f"Drop the rows with {rule['id']}: {rule['meaning']}")


def _told(why: str, found: list[dict[str, Any]]) -> str:
    sources = sum(rule.get("source_rows", 0) for rule in found)
    return f"{why} ({sources:,} source rows)" if sources else why


def _drop(report: Mapping[str, Any], found: list[dict[str, Any]], why: str) -> Action:
    rules = tuple(rule["id"] for rule in found)
    rows, total = sum(rule["count"] for rule in found), report["data"]["rows"] or 1
    words = round(rows * report["words"]["mean"])
    name, findings = report["files"][0]["name"], report.get("findings") or "FINDINGS.jsonl"
    parts = ["crewboard", "data", "drop", name, "--findings", findings]
    parts += [part for rule in rules for part in ("--rule", rule)]
    parts += ["--out", "dropped"]
    command = shlex.join(parts) if len(report["files"]) == 1 else ""
    return Action(why, rules, rows, round(rows / total, 6), words, command)


def _refill(report: Mapping[str, Any], axis: str) -> Action:
    plan = report["plan"][axis]
    short = [
        f"{each['value']} {each['measured']:.1%} of {each['planned']:.1%}"
        for each in plan["values"]
        if each["measured"] < each["planned"]
    ]
    why = f"Make or mix in more rows of {axis}: {', '.join(short)}; stage {plan['stage']} diverged most"
    return Action(why, (f"balance.{axis}",), 0, 0.0, 0, "")


def _gravest(action: Action) -> int:
    return max((_WEIGHT[SEVERITY[rule]] for rule in action.rules if rule in SEVERITY), default=2)
