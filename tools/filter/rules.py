"""Rules of the audit that a row breaks by itself, looked at by the audit's own checks."""

from collections.abc import Callable, Collection

from crewboard.tools.audit.book import Book, Entry
from crewboard.tools.audit.checks.contract import Check
from crewboard.tools.audit.checks.doubled import DoubledKeys
from crewboard.tools.audit.checks.languages import Languages
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
    PLACEHOLDER,
    SYSTEM_PLACEMENT,
    TOOL_ARGUMENTS,
    TOOL_STRAY_ANSWER,
    TOOL_UNANSWERED,
    WEIGHT_RANGE,
)
from crewboard.tools.files.chat import ChatRule
from crewboard.tools.filter.seen import Seen
from crewboard.tools.language import UNKNOWN
from crewboard.tools.pii import Kind

UNKNOWN_LANGUAGE = "unknown-language"
_SHAPE = frozenset(map(str, ChatRule)) - {ChatRule.NO_MESSAGES} | {SYSTEM_PLACEMENT}
_TOOLS = frozenset({TOOL_UNANSWERED, TOOL_STRAY_ANSWER, TOOL_ARGUMENTS})
_SUSPECTS = frozenset(map(str, Kind)) | {PLACEHOLDER, BOILERPLATE}
_CHECKS: tuple[tuple[frozenset[str], Callable[[AuditConfig], Check]], ...] = (
    (_SHAPE, lambda _: Shape()),
    (frozenset({DUPLICATE_KEY}), lambda _: DoubledKeys()),
    (_SUSPECTS, lambda _: Suspects()),
    (frozenset({END_PUNCTUATION}), lambda _: Endings()),
    (frozenset({WEIGHT_RANGE}), Weights),
    (_TOOLS, lambda _: ToolCalls()),
)
LOCAL = frozenset(rule for rules, _ in _CHECKS for rule in rules)
"""What may be asked for. Copies and leaks are between rows, lengths and languages have bounds of their own,
and a line that is no row is dropped in any case."""
OF_MESSAGES = _SHAPE | _TOOLS


class Audited:
    """The first of the `wanted` rules that a row breaks, in the order in which the audit looks."""

    def __init__(self, wanted: Collection[str], config: AuditConfig) -> None:
        self._wanted = frozenset(wanted)
        self._checks = [make(config) for rules, make in _CHECKS if rules & self._wanted]

    def __call__(self, seen: Seen) -> str | None:
        noted = _Noted()
        for check in self._checks:
            if seen.sight is not None:
                check.look(seen.sight, noted)
            found = next((rule for rule in noted.rules if rule in self._wanted), None)
            if found is not None:
                return found
        return None


class Spoken:
    """Whether a row answers in one of some languages, as the audit tells them: by the beginning of its
    answers. One that cannot be told is `UNKNOWN_LANGUAGE` where `strict`."""

    def __init__(self, languages: tuple[str, ...], *, strict: bool) -> None:
        self._languages = Languages(languages)
        self._strict = strict

    def __call__(self, seen: Seen) -> str | None:
        noted = _Noted()
        unknown = self._unknown()
        if seen.sight is not None:
            self._languages.look(seen.sight, noted)
        if noted.rules:
            return LANGUAGE
        return UNKNOWN_LANGUAGE if self._strict and self._unknown() > unknown else None

    def _unknown(self) -> int:
        counted: dict[str, int] = self._languages.told()["languages"]
        return counted.get(UNKNOWN, 0)


class _Noted(Book):
    """Which rules one row breaks."""

    def __init__(self) -> None:
        self.rules: list[str] = []

    def note(self, rule: str, number: int, offset: int, note: str = "") -> Entry:  # noqa: ARG002 - a Book's
        self.rules.append(str(rule))
        return Entry()
