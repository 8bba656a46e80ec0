"""The timekeeper: writes stand-ups and reviews when their hour has come, for as long as it is kept.

It remembers nothing and trusts no timer: every look compares the clock with what the ledger says was
kept. So after a restart, a night's sleep of the machine or a jump of its clock the next look does what
is due, once, and tells what was missed.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from crewboard.clock import parse_stamp
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.reporting import scribe, timesheet
from crewboard.coordination.reporting.keeping import Terms, write_review, write_standup
from crewboard.coordination.reporting.schedule import STANDUP, Due, due
from crewboard.coordination.reporting.timesheet import Timesheet
from crewboard.coordination.workspace import Workspace
from crewboard.errors import CrewboardError

log = logging.getLogger(__name__)
_LOOK_S = 20.0
"""So often the clock is looked at; what is due is at most so late."""


class Timekeeper:
    """Keeps one workspace's schedule. `tell` hears in one line of everything that was written."""

    def __init__(
        self, workspace: Workspace, ledger: Ledger, terms: Terms, tell: Callable[[str], None]
    ) -> None:
        self._workspace, self._ledger, self._terms, self._tell = workspace, ledger, terms, tell
        self._faults: set[str] = set()

    def look(self) -> list[Due]:
        """Do what is due now; what was done. A fault is reported once in the same words, and whatever
        it kept from being done is due again at the next look."""
        self._guarded(partial(scribe.deliver, self._workspace, self._ledger))
        sheet, now = self._sheet()
        come = due(sheet.schedule, sheet.settled(now), now)
        return [each for each in come if self._guarded(partial(self._keep, each))]

    def seconds(self) -> float:
        """How long to wait before the next look."""
        now = self._ledger.clock.now()
        following = self._terms.schedule.next_after(now)
        return min(_LOOK_S, max(0.0, (following - now).total_seconds())) if following else _LOOK_S

    def _sheet(self) -> tuple[Timesheet, datetime]:
        schedule, by = self._terms.schedule, self._terms.by
        with self._ledger.read() as tx:
            sheet, now = timesheet.read(tx), parse_stamp(tx.at)
        if sheet is None or not sheet.holds(schedule, now):
            with self._ledger.write() as tx:
                sheet, now = timesheet.set_schedule(tx, schedule, by), parse_stamp(tx.at)
        return sheet, now

    def _keep(self, due: Due) -> None:
        slot, missed = due.slot, len(due.missed)
        if slot.job == STANDUP:
            write_standup(self._workspace, self._ledger, self._terms, slot.part, slot.day)
        else:
            write_review(self._workspace, self._ledger, self._terms, slot.day)
        self._tell(f"wrote the {slot.key}" + (f"; {missed} before it missed" if missed else ""))

    def _guarded(self, work: Callable[[], object]) -> bool:
        try:
            work()
        except (CrewboardError, OSError) as error:
            text = f"{type(error).__name__}: {error}"
            if text not in self._faults:
                self._faults.add(text)
                log.warning("a stand-up or review has to wait: %s", text)
            return False
        return True


@contextmanager
def kept(keeper: Timekeeper, broke: Callable[[], None]) -> Iterator[None]:
    """Look again and again, in a thread of its own, until the block is left. What a look cannot go on
    for calls `broke` and is raised where the block is left."""
    ending, faults = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            keeper.look()
            while not ending.wait(keeper.seconds()):
                keeper.look()
        except BaseException as error:  # noqa: BLE001 - raised where the block is left
            faults.append(error)
            broke()

    thread = threading.Thread(target=work, name="timekeeper")
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
    if faults:
        raise faults[0]
