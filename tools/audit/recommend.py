"""What to do about a report: actions in order of weight, each with its cost and its command."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crewboard.tools.audit.refill import refills
from crewboard.tools.audit.rules import (
    DUPLICATE,
    DUPLICATE_KEY,
    DUPLICATE_STRIPPED,
    LANGUAGE,
    LEAK_EXACT,
    LEAK_NEAR,
    LEAK_OVERLAP,
    LEAK_QUESTION,
    NEAR_DUPLICATE,
    OVER_LIMIT,
    OVER_LONG,
    REUSE,
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
from crewboard.tools.pii import REAL, Kind
from crewboard.tools.repair.offers import offers

_WEIGHT = {Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1}
_FAULTY = frozenset(map(str, (*Reason, *ChatRule))) | {
    *(DUPLICATE_KEY, SYSTEM_PLACEMENT, WEIGHT_RANGE),
    *(TOOL_UNANSWERED, TOOL_STRAY_ANSWER, TOOL_ARGUMENTS),
}
_PERSONAL = frozenset(map(str, REAL)) | {str(Kind.IP)}
_COPIED = frozenset({DUPLICATE, DUPLICATE_STRIPPED, NEAR_DUPLICATE})
_FOUND = frozenset({LEAK_EXACT, LEAK_QUESTION, LEAK_NEAR, LEAK_OVERLAP, REUSE, OVER_LIMIT})
"""Rules of which only the findings of a whole audit know the rows."""
_USUAL = {"bad-utf8": "cp1252", "lone-surrogate": "mark", DUPLICATE_KEY: "last"}
"""Of several ways to mend: the commonest encoding, nothing hidden, and what JSON readers take anyway."""


@dataclass(frozen=True)
class Action:
    """`rows` would go, `share` of all, and `words` with them, by the mean; `mended` rows would stay,
    changed, as far as the mending helps; `made` rows would be new, for `usd` where a price is known.
    `command` is for a shell; it is empty where only a person can act, and `why` then says what on."""

    why: str
    rules: tuple[str, ...]
    rows: int
    share: float
    words: int
    command: str
    mended: int = 0
    made: int = 0
    usd: str | None = None


def recommend(report: Mapping[str, Any], model: str | None = None) -> list[Action]:
    """For every rule that is over its tolerance one action, or one for a group of them; for every axis
    that is off its plan one or two. `model`, as provider/model, is whose price rows to be made have.

    Ranked by the gravest rule, then by the rows that it puts right. A row that breaks several rules of a
    group is counted under each, so all figures are the most that an action costs. PriceUnknown.
    """
    over = {rule["id"]: rule for rule in report["rules"] if rule["over"]}
    actions = [*_grouped(report, over), *_balanced(report, model)]
    return sorted(actions, key=lambda each: (-_gravest(each), -_gain(each), each.rules))


def _grouped(report: Mapping[str, Any], over: dict[str, Any]) -> Iterator[Action]:
    groups = ((_FAULTY, _repair), (_PERSONAL, _scrub), (_COPIED, _dedup))
    for group, action in groups:
        found = [rule for name, rule in over.items() if name in group]
        if found:
            yield action(report, found)
    grouped = _FAULTY | _PERSONAL | _COPIED
    for name, rule in over.items():
        if name not in grouped:
            yield _drop(report, rule) if name in _FOUND else _filter(report, rule)


def _repair(report: Mapping[str, Any], found: list[dict[str, Any]]) -> Action:
    fixes = {rule["id"]: _fix(rule["id"]) for rule in found}
    dropped = [rule for rule in found if fixes[rule["id"]] == "drop"]
    mended = sum(rule["count"] for rule in found) - sum(rule["count"] for rule in dropped)
    why = "Mend what is no sound row, and leave out what cannot be: no trainer takes it as it is"
    words = [part for rule, fix in fixes.items() for part in ("--fix", f"{rule}={fix}")]
    command = _command(report, "repair", words, "repaired", several=False)
    return _action(report, (why, command), found, sum(r["count"] for r in dropped), mended=mended)


def _fix(rule: str) -> str:
    offer = offers()[rule]
    if not offer.reconstruct:
        return "drop"
    return f"reconstruct:{_USUAL[rule]}" if offer.one else "reconstruct"


def _scrub(report: Mapping[str, Any], found: list[dict[str, Any]]) -> Action:
    sources = sum(rule.get("source_rows", 0) for rule in found)
    told = f" ({sources:,} source rows)" if sources else ""
    why = f"Replace personal data and secrets, at their sources where those are known{told}"
    words = [part for rule in found for part in ("--kind", rule["id"])]
    mended = sum(rule["count"] for rule in found)
    return _action(
        report, (why, _command(report, "scrub", words, "scrubbed")), found, 0, mended=mended
    )


def _dedup(report: Mapping[str, Any], found: list[dict[str, Any]]) -> Action:
    rules = {rule["id"] for rule in found}
    words = ["--key", "stripped" if DUPLICATE_STRIPPED in rules else "messages"]
    words += ["--near", f"{report['declared']['near']:g}"] if NEAR_DUPLICATE in rules else []
    words += ["--policy", "drop"]
    why = "Drop copies: what stands there several times weighs several times"
    rows = sum(rule["count"] for rule in found)
    return _action(report, (why, _command(report, "dedup", words, "deduped")), found, rows)


def _filter(report: Mapping[str, Any], rule: dict[str, Any]) -> Action:
    words = ["--keep-faulty"]
    if rule["id"] == LANGUAGE:
        words += [part for code in report["declared"]["languages"] for part in ("--language", code)]
    elif rule["id"] == OVER_LONG:
        words += ["--max-words", str(report["max_words"])]
    else:
        words += ["--rule", rule["id"]]
    command = _command(report, "filter", words, "filtered")
    return _action(report, (_about(rule), command), [rule], rule["count"])


def _drop(report: Mapping[str, Any], rule: dict[str, Any]) -> Action:
    findings = report.get("findings") or "FINDINGS.jsonl"
    words = ["--findings", findings, "--rule", rule["id"]]
    command = _command(report, "drop", words, "dropped", several=False)
    return _action(report, (_about(rule), command), [rule], rule["count"])


def _about(rule: Mapping[str, Any]) -> str:
    return f"Leave out the rows with {rule['id']}: {rule['meaning']}"


def _balanced(report: Mapping[str, Any], model: str | None) -> Iterator[Action]:
    mean = report["words"]["mean"]
    for axis in report["verdict"]["off_plan"]:
        for refill in refills(report, axis, model):
            command = ""
            if refill.options:
                command = _command(report, "rebalance", refill.options, "rebalanced")
            yield Action(
                refill.why,
                (f"balance.{axis}",),
                refill.rows,
                _share(report, refill.rows),
                round((refill.rows or refill.made) * mean),
                command,
                made=refill.made,
                usd=refill.usd,
            )


def _action(
    report: Mapping[str, Any],
    what: tuple[str, str],
    found: Sequence[dict[str, Any]],
    rows: int,
    *,
    mended: int = 0,
) -> Action:
    why, command = what
    rules = tuple(rule["id"] for rule in found)
    words = round(rows * report["words"]["mean"])
    return Action(why, rules, rows, _share(report, rows), words, command, mended)


def _command(
    report: Mapping[str, Any],
    verb: str,
    options: Sequence[str],
    out: str,
    *,
    several: bool = True,
) -> str:
    """A line for a shell; empty where the verb takes one file and the report is of several."""
    names = [file["name"] for file in report["files"]]
    if len(names) > 1 and not several:
        return ""
    files = [f"./{name}" if name.startswith("-") else name for name in names]
    return shlex.join(["crewboard", "data", verb, *files, *options, "--out", out])


def _share(report: Mapping[str, Any], rows: int) -> float:
    return round(rows / (report["data"]["rows"] or 1), 6)


def _gravest(action: Action) -> int:
    return max((_WEIGHT[SEVERITY[rule]] for rule in action.rules if rule in SEVERITY), default=2)


def _gain(action: Action) -> int:
    return max(action.rows + action.mended, action.made)
