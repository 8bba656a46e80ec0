"""A crew in this process, or the one that is at work already: watched until nothing moves without a human."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

from crewboard.cli import exits
from crewboard.cli.progress import Reporter, Voice, voice
from crewboard.coordination import tasks
from crewboard.coordination.lease import holder
from crewboard.coordination.workspace import Workspace
from crewboard.errors import CrewRunning

if TYPE_CHECKING:
    from crewboard.agents.crew import Crew
    from crewboard.coordination.ledger import Ledger

_LOOK_S = 0.25


class _Interrupted(Exception):
    """Somebody wants this process to end."""


@dataclass
class Stop:
    """The first signal asks the crew to end after the steps that run; the second one leaves at once."""

    say: Voice
    crew: "Crew | None" = None
    asked: bool = field(default=False)

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if self.asked:
            os._exit(exits.INTERRUPTED)
        self.asked = True
        os.write(
            sys.stderr.fileno(),
            b"stopping after the steps that run; once more leaves at once, and loses nothing\n",
        )
        if self.crew is not None:
            self.crew.stop()
        del number


def work(workspace: Workspace, goal: str | None, *, stay: bool = False, wait: bool = True) -> bool:
    """Run a crew until the goal (None: every goal) has ended or waits for a human; with `stay`, wait
    for the answers. False when it was interrupted.

    While another crew is alive its work is watched instead, or with `wait` False CrewRunning is raised.
    """
    from crewboard.agents.office import Office

    with voice() as say, _logged(workspace), _heard(say) as stop:
        heard: list[Callable[[str, int, int | None, str], None]] = []
        office = Office.open(workspace, told=lambda *facts: [tell(*facts) for tell in heard])
        reporter = Reporter(office.ledger, say)
        heard.append(reporter.told)
        while not stop.asked:
            try:
                _run(office, goal, reporter, stop, stay)
            except CrewRunning as running:
                if not wait:
                    raise
                say.say(
                    f"another crew is at work (process {running.facts['process']}); following it"
                )
                _follow(workspace, office.ledger, goal, reporter, stop)
                if holder(workspace.crew_lock) is None and not settled(office.ledger, goal):
                    continue
            break
        reporter.catch_up()
        return not stop.asked
