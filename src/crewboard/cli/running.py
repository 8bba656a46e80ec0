"""A crew in this process, or the one that is at work already, watched until only a human can move it on."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

from crewboard.cli import exits, outcome
from crewboard.cli.progress import Reporter, Voice, voice
from crewboard.coordination import tasks
from crewboard.coordination.lease import holder
from crewboard.coordination.workspace import Workspace
from crewboard.errors import CrewRunning
from crewboard.redact import redact

if TYPE_CHECKING:
    from crewboard.agents.crew import Crew
    from crewboard.agents.office import Office

_LOOK_S = 0.25
_STOPPING = (
    b"crewboard: stopping after the steps that run; once more leaves at once, nothing is lost\n"
)


class Stop:
    """The first signal asks the crew to end after the steps that run; the second leaves at once."""

    def __init__(self) -> None:
        self.asked = False
        self.crew: Crew | None = None

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            os._exit(exits.INTERRUPTED)
        self.asked = True
        if self.crew is not None:
            self.crew.stop()
        os.write(sys.stderr.fileno(), _STOPPING)


@dataclass(frozen=True)
class Watch:
    """One person's look at a crew's work: at one goal of it, or (None) at all."""

    workspace: Workspace
    office: "Office"
    reporter: Reporter
    voice: Voice
    stop: Stop
    goal: str | None

    def run(self, *, stay: bool) -> None:
        """Be the crew. CrewRunning when there is one."""
        from crewboard.agents.crew import Crew

        with Crew(self.office) as crew:
            self.stop.crew = crew
            if self.stop.asked:
                return
            crew.run(self._enough, stay=stay)
        self.stop.crew = None

    def follow(self) -> None:
        """Look on until the goal has ended or waits, or the other crew is gone."""
        while not self.stop.asked and holder(self.workspace.crew_lock) is not None:
            if self._enough() or not self._moves():
                return
            time.sleep(_LOOK_S)

    @property
    def open_goals(self) -> list[str]:
        with self.office.ledger.read() as tx:
            found = [goal.id for goal in tasks.goals(tx) if not goal.ended]
        return [each for each in found if self.goal in {None, each}]

    def _enough(self) -> bool:
        self.reporter.catch_up()
        return not self.open_goals

    def _moves(self) -> bool:
        with self.office.ledger.read() as tx:
            return any(outcome.moves(tx, goal) for goal in self.open_goals)


@contextmanager
def watching(workspace: Workspace, goal: str | None) -> Iterator[Watch]:
    """Everything that a crew in the foreground needs: a voice, a log, and an ear for signals."""
    from crewboard.agents.office import Office

    told: list[Callable[[str, int, int | None, str], None]] = []

    def tell(task: str, done: int, total: int | None, note: str) -> None:
        for each in told:
            each(task, done, total, note)

    office = Office.open(workspace, told=tell)
    with voice() as say, logged(workspace, say), _signals() as stop:
        reporter = Reporter(office.ledger, say)
        told.append(reporter.told)
        yield Watch(workspace, office, reporter, say, stop, goal)
        reporter.catch_up()


def see_through(watch: Watch) -> None:
    """Take a goal as far as it goes without a human: with the crew that is at work, else by being one."""
    while not watch.stop.asked:
        try:
            watch.run(stay=False)
        except CrewRunning as running:
            process = running.facts["process"]
            watch.voice.say(
                f"queued with the crew that is at work (process {process}); following it, as would "
                "`crewboard events --follow`"
            )
            watch.follow()
            if holder(watch.workspace.crew_lock) is None and watch.open_goals:
                continue
        return


@contextmanager
def _signals() -> Iterator[Stop]:
    stop = Stop()
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def logged(workspace: Workspace, say: Voice) -> Iterator[None]:
    """The crew's log takes traces and warnings; what keeps board and notes from being written is said."""
    written = logging.FileHandler(workspace.log, encoding="utf-8", errors="backslashreplace")
    written.setFormatter(_Redacted("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    said = _Said(say)
    ours, shown = logging.getLogger("crewboard"), logging.getLogger("crewboard.coordination.views")
    ours.addHandler(written)
    shown.addHandler(said)
    propagate, ours.propagate = ours.propagate, False
    try:
        yield
    finally:
        ours.propagate = propagate
        ours.removeHandler(written)
        shown.removeHandler(said)
        written.close()


class _Redacted(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _Said(logging.Handler):
    def __init__(self, say: Voice) -> None:
        super().__init__(logging.WARNING)
        self._voice = say

    def emit(self, record: logging.LogRecord) -> None:
        self._voice.say(record.getMessage())
