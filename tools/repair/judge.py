"""Which rules one row breaks, by the audit's own checks: what is mended here is what an audit counts."""

from collections.abc import Collection, Iterator
from typing import Any

from crewboard.tools.audit.book import Book, Entry
from crewboard.tools.audit.checks import Check
from crewboard.tools.audit.checks.doubled import DoubledKeys
from crewboard.tools.audit.checks.languages import Languages
from crewboard.tools.audit.checks.lengths import Lengths
from crewboard.tools.audit.checks.manner import Endings, Weights
from crewboard.tools.audit.checks.shape import Shape
from crewboard.tools.audit.checks.suspects import Suspects
from crewboard.tools.audit.checks.toolcalls import ToolCalls
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.rules import (
    BOILERPLATE,
    DUPLICATE_KEY,
    END_PUNCTUATION,
    LANGUAGE,
    OVER_LONG,
    PLACEHOLDER,
    SEVERITY,
    SYSTEM_PLACEMENT,
    TOOL_ARGUMENTS,
    TOOL_STRAY_ANSWER,
    TOOL_UNANSWERED,
    WEIGHT_RANGE,
    Severity,
)
from crewboard.tools.audit.sight import Sight, see
from crewboard.tools.audit.sizes import exact_words
from crewboard.tools.files.chat import ChatRule
from crewboard.tools.files.jsonl import Line
from crewboard.tools.pii import Kind
from crewboard.tools.repair.calls import calls_of

_SHAPE = frozenset(map(str, ChatRule)) | {SYSTEM_PLACEMENT}
_TOOLS = frozenset({TOOL_ARGUMENTS, TOOL_STRAY_ANSWER, TOOL_UNANSWERED})
_SUSPECTED = frozenset(map(str, Kind)) | {PLACEHOLDER, BOILERPLATE}
SOUND = frozenset(
    rule
    for rule in (*_SHAPE, *_TOOLS, DUPLICATE_KEY, WEIGHT_RANGE)
    if SEVERITY[rule] is Severity.HIGH
)
"""Grave rules of a row's form: no mending may make a row break one that it did not break before."""


class Judge:
    """Looks at rows for `rules`. With `objects` arguments of a tool that are no text break a rule too."""

    def __init__(
        self, rules: Collection[str], config: AuditConfig, *, objects: bool = False
    ) -> None:
        self._rules = frozenset(rules)
        self._checks = list(_checks(self._rules, config))
        self._words = OVER_LONG in self._rules
        self._objects = objects and TOOL_ARGUMENTS in self._rules
        self._notes = _Notes()

    def broken(self, line: Line) -> set[str]:
        """The rules that this row breaks, of those that are looked for."""
        sight = see(line)
        if sight is None:
            return {str(ChatRule.NO_MESSAGES)} & self._rules
        if self._words:
            sight.words = exact_words(sight)
        self._notes.found.clear()
        for check in self._checks:
            check.look(sight, self._notes)
        if self._objects and _holds_objects(sight):
            self._notes.found.add(TOOL_ARGUMENTS)
        return self._notes.found & self._rules


class _Notes(Book):
    """A book of one row."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._entry = Entry()

    def note(self, rule: str, number: int, offset: int, note: str = "") -> Entry:
        del number, offset, note
        self.found.add(str(rule))
        self._entry.sources.clear()
        return self._entry


def _checks(rules: frozenset[str], config: AuditConfig) -> Iterator[Check]:
    if rules & _SHAPE:
        yield Shape()
    if DUPLICATE_KEY in rules:
        yield DoubledKeys()
    if rules & _SUSPECTED:
        yield Suspects()
    if OVER_LONG in rules:
        yield Lengths(config, None)
    if END_PUNCTUATION in rules:
        yield Endings()
    if LANGUAGE in rules:
        yield Languages(config.languages)
    if WEIGHT_RANGE in rules:
        yield Weights(config)
    if rules & _TOOLS:
        yield ToolCalls()


def _holds_objects(sight: Sight) -> bool:
    found: Any = (call.get("arguments") for m in sight.messages for call in calls_of(m))
    return not sight.plain and any(isinstance(arguments, dict) for arguments in found)
