"""A crew beside something else that this process does, for as long as that lasts."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crewboard.agents.crew import Crew
from crewboard.agents.office import Office
from crewboard.cli.progress import Plain, Reporter
from crewboard.cli.running import logged
from crewboard.coordination.workspace import Workspace
from crewboard.errors import CrewRunning


@contextmanager
def crew_beside(workspace: Workspace, broke: Callable[[], None]) -> Iterator[None]:
    """Work on whatever comes, in a thread. CrewRunning at once when another crew is alive.

    `broke` is called when the crew cannot go on. Leaving the block ends the crew after the steps that
    run, and raises what it could not go on for.
    """
    voice = Plain()
    with logged(workspace, voice):
        office = Office.open(workspace)
        beside = _Beside(office, Reporter(office.ledger, voice), broke)
        beside.begin()
        try:
            yield
        finally:
            beside.end()
    if beside.error is not None:
        raise beside.error


class _Beside:
    def __init__(self, office: Office, reporter: Reporter, broke: Callable[[], None]) -> None:
        self.error: BaseException | None = None
        self._office, self._reporter, self._broke = office, reporter, broke
        self._crew: Crew | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._work, name="crew")

    def begin(self) -> None:
        """CrewRunning. Any other trouble calls `broke`, as it would later."""
        self._thread.start()
        self._ready.wait()
        if isinstance(self.error, CrewRunning):
            raise self.error

    def end(self) -> None:
        if self._crew is not None:
            self._crew.stop()
        self._thread.join()

    def _work(self) -> None:
        try:
            with Crew(self._office) as self._crew:
                self._ready.set()
                self._crew.run(self._enough, stay=True)
        except BaseException as error:  # noqa: BLE001 - raised where the block is left
            self.error = error
            self._broke()
        finally:
            self._ready.set()

    def _enough(self) -> bool:
        self._reporter.catch_up()
        return False
