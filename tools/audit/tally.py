"""The audit's running counts: bounded whatever the data, but for the keys that find duplicates."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crewboard.tools.audit.pii import Contact
from crewboard.tools.audit.rules import DUPLICATE, OVER_LONG, SEVERITY, Finding, findings_in
from crewboard.tools.files.chat import ChatRule, Message, messages_key, messages_of, words_in
from crewboard.tools.files.jsonl import Fault, Line

SAMPLES = 20
_MANY_MESSAGES = 20
_CONTACTS = frozenset(map(str, Contact))


@dataclass
class _Rule:
    count: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)
    sources: set[object] = field(default_factory=set)


class Tally:
    """Takes rows one by one; tells the findings at the end.

    Memory: some 150 bytes for each distinct row, and as much for each source row with a contact.
    """

    def __init__(self, max_words: int) -> None:
        self._max_words = max_words
        self._rules: dict[str, _Rule] = {str(rule): _Rule() for rule in SEVERITY}
        self._first: dict[bytes, int] = {}
        self._repeated: set[bytes] = set()
        self._words: Counter[int] = Counter()
        self._turns: Counter[int] = Counter()
        self._total_words = 0
        self._most_words = 0
        self.rows = 0

    def take(self, item: Line | Fault) -> None:
        self.rows += 1
        if isinstance(item, Fault):
            self._record(item, Finding(item.reason, item.note))
            return
        messages = messages_of(item.row)
        if messages is None:
            self._record(item, Finding(ChatRule.NO_MESSAGES))
            return
        self._measure(item, messages)
        key = messages_key(messages)
        self._compare(item, key)
        for finding in findings_in(messages):
            rule = self._record(item, finding)
            if finding.rule in _CONTACTS:
                rule.sources.add(_source_of(item.row) or key)

    def findings(self, tolerated: Mapping[str, float]) -> list[dict[str, Any]]:
        """Every rule with its count, share of all rows, the share tolerated, and up to 20 places.

        For contacts `source_rows` counts the rows that they came from: copies count once.
        """
        return [self._told(rule, tolerated.get(rule, 0.0)) for rule in self._rules]

    def duplicates(self) -> dict[str, Any]:
        redundant = self._rules[DUPLICATE].count
        return {
            "key": "messages",
            "groups": len(self._repeated),
            "redundant_rows": redundant,
            "share": self._share(redundant),
        }

    def words(self) -> dict[str, Any]:
        """Words per row; a bucket counts rows of `from` to just under `below` words."""
        counted = sum(self._words.values())
        buckets = [
            {"from": 1 << size - 1 if size else 0, "below": 1 << size, "rows": rows}
            for size, rows in sorted(self._words.items())
        ]
        mean = round(self._total_words / counted, 3) if counted else 0.0
        return {"max": self._most_words, "mean": mean, "buckets": buckets}

    def messages_per_row(self) -> dict[str, int]:
        """Rows by their number of messages; `20+` gathers the rest."""
        labels = {_MANY_MESSAGES: f"{_MANY_MESSAGES}+"}
        return {labels.get(n, str(n)): rows for n, rows in sorted(self._turns.items())}

    def _measure(self, line: Line, messages: list[Message]) -> None:
        words = words_in(messages)
        self._words[words.bit_length()] += 1
        self._turns[min(len(messages), _MANY_MESSAGES)] += 1
        self._total_words += words
        self._most_words = max(self._most_words, words)
        if words > self._max_words:
            self._record(line, Finding(OVER_LONG, f"{words} words"))

    def _compare(self, line: Line, key: bytes) -> None:
        first = self._first.setdefault(key, line.number)
        if first != line.number:
            self._repeated.add(key)
            self._record(line, Finding(DUPLICATE, f"same as line {first}"))

    def _record(self, item: Line | Fault, finding: Finding) -> _Rule:
        rule = self._rules[finding.rule]
        rule.count += 1
        if len(rule.samples) < SAMPLES:
            place = {"line": item.number, "offset": item.offset, "note": finding.note}
            rule.samples.append(place)
        return rule

    def _told(self, name: str, tolerated: float) -> dict[str, Any]:
        rule = self._rules[name]
        share = self._share(rule.count)
        told: dict[str, Any] = {
            "id": name,
            "severity": SEVERITY[name],
            "count": rule.count,
            "share": share,
            "tolerated": tolerated,
            "over": rule.count > tolerated * self.rows,
            "samples": rule.samples,
        }
        return told | {"source_rows": len(rule.sources)} if name in _CONTACTS else told

    def _share(self, count: int) -> float:
        return round(count / self.rows, 6) if self.rows else 0.0


def _source_of(row: dict[str, Any]) -> object:
    """Return the place that a row names as its origin, hashable; None where it names none."""
    source = row.get("source")
    if not isinstance(source, dict):
        return None
    file, line = source.get("file"), source.get("line")
    return (file, line) if isinstance(file, str) and isinstance(line, int) else None
