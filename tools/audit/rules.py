"""What the audit looks for, and how grave it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from crewboard.tools.audit.pii import Contact, contacts_in
from crewboard.tools.files.chat import ChatRule, Message, faults_of, text_of
from crewboard.tools.files.jsonl import Reason


class Severity(StrEnum):
    HIGH = "high"
    """Training breaks on it, learns the wrong thing, or leaks somebody."""
    MEDIUM = "medium"
    LOW = "low"


DUPLICATE = "duplicate"
OVER_LONG = "over-long"
PLACEHOLDER = "placeholder-text"
BOILERPLATE = "boilerplate"

SEVERITY: dict[str, Severity] = {
    **dict.fromkeys(Reason, Severity.HIGH),
    Reason.BLANK: Severity.LOW,
    **dict.fromkeys(ChatRule, Severity.HIGH),
    DUPLICATE: Severity.HIGH,
    OVER_LONG: Severity.MEDIUM,
    Contact.EMAIL: Severity.HIGH,
    Contact.PHONE: Severity.HIGH,
    Contact.EMAIL_PLACEHOLDER: Severity.LOW,
    Contact.PHONE_PLACEHOLDER: Severity.LOW,
    PLACEHOLDER: Severity.MEDIUM,
    BOILERPLATE: Severity.MEDIUM,
}
"""Every rule there is. A report lists them all, so that a zero is a finding and not a gap."""

# The plain marks are found fast; only where one stands does the expression decide.
_MARKS = ("{{", "<|", "TODO", "TBD", "[INS")
_PLACEHOLDER = re.compile(
    r"\{\{[^{}\n]{1,60}\}\}|<\|[^|\n]{1,40}\|>|\b(?:TODO|TBD)\b|\[/?INST\]|\[INSERT\b"
)
_REFUSALS = (
    *("as an ai", "as a language model", "i'm just an ai", "i am just an ai"),
    *("i don't have personal", "i do not have personal", "i cannot provide", "i can't provide"),
    *("i'm sorry, but i can", "i am sorry, but i can"),
)
_REFUSAL = re.compile(r"\b(?:" + "|".join(map(re.escape, _REFUSALS)) + r")(?:not|'t)?\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a row breaks. `note` says where and how much in the audit's own words."""

    rule: str
    note: str = ""


def findings_in(messages: list[Message]) -> Iterator[Finding]:
    """Tell what is wrong with one row by itself, its length aside; each rule once."""
    for fault in faults_of(messages):
        yield Finding(fault.rule, fault.note)
    yield from _in_texts([text_of(message) for message in messages])
    answers = (text_of(message) for message in messages if message.get("role") == "assistant")
    if any(_is_refusal(answer) for answer in answers):
        yield Finding(BOILERPLATE)


def _in_texts(texts: list[str]) -> Iterator[Finding]:
    contacts: dict[Contact, int] = {}
    for text in texts:
        for contact in contacts_in(text):
            contacts[contact] = contacts.get(contact, 0) + 1
    for contact, times in contacts.items():
        yield Finding(contact, f"{times} in the row")
    if any(_has_placeholder(text) for text in texts):
        yield Finding(PLACEHOLDER)


def _has_placeholder(text: str) -> bool:
    return any(mark in text for mark in _MARKS) and _PLACEHOLDER.search(text) is not None


def _is_refusal(answer: str) -> bool:
    lowered = answer.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower()
    return any(mark in lowered for mark in _REFUSALS) and _REFUSAL.search(lowered) is not None
