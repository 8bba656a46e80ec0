"""The labels that mark a line as the crew's, and the small words that all of its lines share."""

import re
from datetime import UTC, datetime

from crewboard.coordination.board.card import Evidence
from crewboard.memory.inert import code, inert, plain

LABELS = {
    "evidence": "📎",
    "note": "📌",
    "crew": "🤖",
    "cause": "🚫",
    "owner": "👤",
    "tried": "🔁",
    "needed": "🔑",
    "since": "⏳",
    "decides": "🧭",
    "asked": "❓",
    "due": "⏰",
    "approvals": "👥",
    "answer": "💬",
    "more": "📚",
}
OWN_LABEL = re.compile(
    r"[ \t]+[-*+][ \t]+(?:" + "|".join(f"{e} {word}:" for word, e in LABELS.items()) + ")"
)
BOLD = r"(?:[^\\*]|\\.|\*(?!\*))*"  # the crew escapes a star; people may write a single one
_HASH_SHOWN = 12


def labelled(word: str, text: str) -> str:
    return f"  - {LABELS[word]} {word}: {text or '-'}"


def at(name: str) -> str:
    return f"@{inert(name).lstrip('@')}" if name.strip() else ""


def minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def cited(evidence: Evidence) -> str:
    sha256 = f" sha256:{plain(evidence.sha256)[:_HASH_SHOWN]}" if evidence.sha256 else ""
    facts = [code(evidence.path) + sha256, inert(evidence.note)]
    if evidence.verdict:
        facts.append(f"QA: {inert(evidence.verdict)}")
    return " · ".join(filter(None, facts))
