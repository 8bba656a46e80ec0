"""Roles, order and content: the definition of a sound row in `tools.files.chat`, remembered by shape."""

from typing import Any

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.checks.contract import Silent
from crewboard.tools.audit.rules import SYSTEM_PLACEMENT, Finding
from crewboard.tools.audit.sight import Sight
from crewboard.tools.files.chat import ChatRule, faults_of

_SHAPES = 4096
_BLANK_LEADS = frozenset((0x1C, 0x1D, 0x1E, 0x1F, 0xC2, 0xE1, 0xE2, 0xE3))
"""First bytes of what `str.strip` takes away beside ASCII's blanks."""
_MANY = 20


class Shape(Silent):
    """Rows have few shapes: what is wrong with the order of roles is worked out once for each."""

    name = "messages_per_row"

    def __init__(self) -> None:
        self._of_order: dict[tuple[Any, ...], tuple[Finding, ...]] = {}
        self._turns: dict[int, int] = {}

    def look(self, sight: Sight, book: Book) -> None:
        turns = min(len(sight.roles), _MANY)
        self._turns[turns] = self._turns.get(turns, 0) + 1
        found = self._of_order.get(sight.roles)
        if found is None:
            found = self._worked_out(sight)
        for each in found:
            book.note(each.rule, sight.number, sight.offset, each.note)
        for part in sight.stripped:
            if not part or part[0] in _BLANK_LEADS:
                self._look_for_blanks(sight, book)
                break

    def _look_for_blanks(self, sight: Sight, book: Book) -> None:
        for fault in faults_of(sight.messages):
            if fault.rule is ChatRule.EMPTY_CONTENT:
                book.note(fault.rule, sight.number, sight.offset, fault.note)

    def _worked_out(self, sight: Sight) -> tuple[Finding, ...]:
        filled = [{"role": role, "content": "x"} for role in sight.roles]
        found = tuple(
            Finding(_placed(fault.rule, fault.note, sight.roles), fault.note)
            for fault in faults_of(filled)
        )
        if len(self._of_order) < _SHAPES:
            self._of_order[sight.roles] = found
        return found

    def state(self) -> Any:
        return sorted(self._turns.items())

    def absorb(self, state: Any) -> None:
        for turns, rows in state:
            self._turns[turns] = self._turns.get(turns, 0) + rows

    def told(self) -> dict[str, Any]:
        """Rows by their number of messages; `20+` gathers the rest."""
        labels = {_MANY: f"{_MANY}+"}
        counted = {labels.get(n, str(n)): rows for n, rows in sorted(self._turns.items())}
        return {"messages_per_row": counted}


def _placed(rule: str, note: str, roles: tuple[Any, ...]) -> str:
    """A misplaced system turn has a rule of its own."""
    if (
        rule == ChatRule.ROLE_ALTERNATION
        and roles[int(note.rsplit(maxsplit=1)[-1]) - 1] == "system"
    ):
        return SYSTEM_PLACEMENT
    return rule
