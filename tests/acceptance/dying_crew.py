"""A crew that dies by SIGKILL when a tool tells of its progress: python dying_crew.py WORKSPACE NTH."""

import os
import signal
import sys
from pathlib import Path

from crewboard.agents.bench import CrewBench
from crewboard.agents.crew import Crew
from crewboard.agents.office import Office
from crewboard.coordination.workspace import Workspace


def main() -> None:
    root, nth = Path(sys.argv[1]), int(sys.argv[2])
    told = 0

    def progress(_bench: CrewBench, _done: int, _total: int | None = None, _note: str = "") -> None:
        nonlocal told
        told += 1
        if told == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    CrewBench.progress = progress  # type: ignore[method-assign, assignment]
    with Crew(Office.open(Workspace(root))) as crew:
        crew.run(lambda: False)


if __name__ == "__main__":
    main()
