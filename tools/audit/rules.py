"""What the audit looks for: every rule there is, how grave it is, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from crewboard.tools.files.chat import ChatRule
from crewboard.tools.files.jsonl import Reason
from crewboard.tools.pii import REAL, Kind


class Severity(StrEnum):
    HIGH = "high"
    """Training breaks on it, learns the wrong thing, or leaks somebody."""
    MEDIUM = "medium"
    LOW = "low"
    """Worth knowing; judged only where a tolerance is declared."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a row breaks. `note` says where and how much in the audit's own words."""

    rule: str
    note: str = ""


DUPLICATE_KEY = "duplicate-key"
SYSTEM_PLACEMENT = "system-placement"
DUPLICATE = "duplicate"
DUPLICATE_STRIPPED = "duplicate-stripped"
DUPLICATE_ANSWER = "duplicate-answer"
REUSE = "cross-agent-reuse"
NEAR_DUPLICATE = "near-duplicate"
OVER_LONG = "over-long"
OVER_LIMIT = "over-limit"
WEIGHT_RANGE = "weight-range"
PLACEHOLDER = "placeholder-text"
BOILERPLATE = "boilerplate"
END_PUNCTUATION = "end-punctuation"
LANGUAGE = "language"
TOOL_UNANSWERED = "tool-unanswered"
TOOL_STRAY_ANSWER = "tool-stray-answer"
TOOL_ARGUMENTS = "tool-arguments"
LEAK_EXACT = "leak-exact"
LEAK_QUESTION = "leak-question"
LEAK_NEAR = "leak-near"
LEAK_OVERLAP = "leak-overlap"

_H, _M, _L = Severity.HIGH, Severity.MEDIUM, Severity.LOW

_FILES: dict[str, tuple[Severity, str]] = {
    **dict.fromkeys(Reason, (_H, "the line is no row")),
    Reason.BLANK: (_L, "the line is blank"),
    DUPLICATE_KEY: (_H, "a key occurs twice in one object: readers differ on which value counts"),
}
_CHAT: dict[str, tuple[Severity, str]] = {
    ChatRule.NO_MESSAGES: (_H, "no non-empty list of messages"),
    ChatRule.UNKNOWN_ROLE: (_H, "a role that no template knows"),
    ChatRule.EMPTY_CONTENT: (_H, "a message without content, or with blanks only"),
    ChatRule.ROLE_ALTERNATION: (_H, "a turn that may not follow the one before it"),
    SYSTEM_PLACEMENT: (_H, "a system turn that is not the first"),
    ChatRule.MISSING_ASSISTANT: (_H, "nothing to learn from"),
    ChatRule.ENDS_WITHOUT_ASSISTANT: (_H, "the last turn is not the assistant's"),
    WEIGHT_RANGE: (_H, "a weight outside of the range, or no number"),
    TOOL_UNANSWERED: (_H, "a tool call that no tool turn answers"),
    TOOL_STRAY_ANSWER: (_H, "a tool turn that answers no call"),
    TOOL_ARGUMENTS: (_H, "arguments that are no JSON, or break the tool's schema"),
}
_COPIES: dict[str, tuple[Severity, str]] = {
    DUPLICATE: (_H, "the same messages as an earlier row"),
    DUPLICATE_STRIPPED: (_M, "the same but for white space around contents"),
    DUPLICATE_ANSWER: (_L, "the same assistant texts, to something else"),
    REUSE: (_M, "the same conversation under another agent or system prompt"),
    NEAR_DUPLICATE: (_M, "word 5-grams shared with an earlier row, to the declared share or more"),
    LEAK_EXACT: (_H, "the same messages stand in the training set"),
    LEAK_QUESTION: (_H, "the same question stands in the training set"),
    LEAK_NEAR: (_H, "a near duplicate stands in the training set"),
    LEAK_OVERLAP: (_M, "more of its word 5-grams than declared stand in the training set"),
}
_TEXT: dict[str, tuple[Severity, str]] = {
    OVER_LONG: (_M, "more words than declared"),
    OVER_LIMIT: (_H, "more tokens than the model takes"),
    **{kind: (_H if kind in REAL else _L, "personal data or a secret") for kind in Kind},
    Kind.IP: (_M, "a public IP address, or a version number that looks like one"),
    PLACEHOLDER: (_M, "a gap that was never filled, or a template's marks"),
    BOILERPLATE: (_M, "a refusal or a phrase that models speak about themselves"),
    END_PUNCTUATION: (_L, "an answer of some words that ends without punctuation"),
    LANGUAGE: (_M, "another language than declared"),
}
RULES: Mapping[str, tuple[Severity, str]] = {
    str(rule): told for rule, told in (_FILES | _CHAT | _COPIES | _TEXT).items()
}
"""Every rule: its severity, and what a row that breaks it has. A report lists them all, so that a
zero is a finding and not a gap."""

SEVERITY: Mapping[str, Severity] = {rule: severity for rule, (severity, _) in RULES.items()}


def tolerated(rule: str, declared: Mapping[str, float]) -> float:
    """The share of rows that may break a rule: what was declared, else none; all for a low one."""
    return declared.get(rule, 1.0 if SEVERITY[rule] is Severity.LOW else 0.0)
