"""A module of ours as a job: the worker half of a tool, in a process that may import what it
likes."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from crewboard.errors import ToolFailed
from crewboard.tools.jobs.failure import told_failure
from crewboard.tools.jobs.job import Job
from crewboard.tools.jobs.progress import Progress

_CALM = {"OMP_NUM_THREADS": "1"}  # two threads a core made a training twenty times slower
_STEADY = {"PYTHONHASHSEED": "0", "TOKENIZERS_PARALLELISM": "false"}


def run_module(
    tool: str, module: str, config: Path, progress: Callable[[int, int | None, str], None]
) -> None:
    """Run `python -m module config` to its end, as the job of the folder that holds `config`.

    Returns when its exit code is 0, which says nothing yet about what it left. Raises the typed
    error that the worker named, else ToolFailed with the last line of its log, and sets the failed
    attempt aside, so that the next call makes another. Cancelled from `progress` ends the job."""

    def tick(told: Progress) -> None:
        progress(told.done, told.total, told.note)

    job = Job(config.parent)
    command = [sys.executable, "-P", "-m", module, str(config.resolve())]
    ended = job.run(command, {**_CALM, **os.environ, **_STEADY}, tick)
    if ended.ok:
        return
    job.retire()
    last = job.log_tail(1)
    reason = f"{ended}: {last} (all of it: {job.folder / 'log.txt'})"
    raise told_failure(job.folder) or ToolFailed(tool=tool, reason=reason, task="TASK")
