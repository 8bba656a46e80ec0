"""One pass over a file or a part of it."""

from typing import Any

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.checks import Check, checks_for
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.keys import KeyFile, Keyring
from crewboard.tools.audit.reading import Looks
from crewboard.tools.audit.sight import Sight, field_of, see
from crewboard.tools.audit.sizes import filler
from crewboard.tools.files.chat import ChatRule
from crewboard.tools.files.jsonl import Fault, Line, Reason
from crewboard.tools.near import GramWriter

_BATCH = 100_000
"""Bytes of lines that are looked at together: some fifty rows."""


class Scan:
    """Takes rows one by one. Memory does not grow with them, but for a few bytes a finding."""

    keys: KeyFile
    """Where the keys of rows go; to be set before the first row, and anew for each file."""

    grams: GramWriter | None = None
    """Where word 5-grams go, if near duplicates are looked for; likewise."""

    def __init__(self, config: AuditConfig, looks: Looks) -> None:
        self._agent = config.fields.agent
        self.checks: list[Check] = [] if looks.keys_only else checks_for(config, looks.tokenizer)
        self._keyring = Keyring(looks.questions)
        self._fill = filler()
        self._batch: list[Sight] = []
        self._held = 0
        self.lines, self.good = 0, 0
        self.first_fault: Fault | None = None

    def take(self, item: Line | Fault, book: Book) -> None:
        self.lines += 1
        if isinstance(item, Fault):
            if self.first_fault is None and item.reason is not Reason.BLANK:
                self.first_fault = item
            book.note(item.reason, item.number, item.offset, item.note)
            return
        self.good += 1
        sight = see(item)
        if sight is None:
            book.note(ChatRule.NO_MESSAGES, item.number, item.offset)
            return
        self._batch.append(sight)
        self._held += len(sight.raw)
        if self._held >= _BATCH:
            self.settle(book)

    def settle(self, book: Book) -> None:
        """Look at the rows that wait."""
        batch, self._batch, self._held = self._batch, [], 0
        if not batch:
            return
        self._fill(batch)
        looks = [check.look for check in self.checks]
        for sight in batch:
            agent = field_of(sight.row, self._agent)
            self.keys.add(self._keyring.keys_of(sight, agent), sight.number, sight.offset)
            if self.grams is not None:
                self.grams.add(_spoken(sight))
            for look in looks:
                look(sight, book)

    def finish(self, book: Book) -> None:
        """Put everything that waits into its file."""
        self.settle(book)
        self.keys.flush()
        if self.grams is not None:
            self.grams.flush()

    def state(self) -> dict[str, Any]:
        fault = self.first_fault
        return {
            "lines": self.lines,
            "good": self.good,
            "keys": self.keys.rows,
            "fault": [fault.number, fault.offset, fault.reason, fault.note] if fault else None,
            "checks": {check.name: check.state() for check in self.checks},
        }

    def absorb(self, state: dict[str, Any], shift: int) -> Fault | None:
        """Add what another scan counted, whose lines begin `shift` lines further on; the first of
        its lines that was no row."""
        self.lines += state["lines"]
        self.good += state["good"]
        for check in self.checks:
            check.absorb(state["checks"][check.name])
        if not state["fault"]:
            return None
        number, offset, reason, note = state["fault"]
        return Fault(number + shift, offset, Reason(reason), note)


def _spoken(sight: Sight) -> bytes:
    """What near duplicates are compared by: everything but the system turns."""
    if "system" not in sight.roles:
        return b"\n".join(sight.parts)
    pairs = zip(sight.roles, sight.parts, strict=True)
    return b"\n".join(part for role, part in pairs if role != "system")
