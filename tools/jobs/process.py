"""A process named so that a recycled pid is not mistaken for it: by pid and by birth."""

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

_STATE, _START_TIME = 0, 19  # fields 3 and 22 of proc_pid_stat(5), counted after the command's name


@dataclass(frozen=True)
class Process:
    pid: int
    born: str

    @classmethod
    def at(cls, pid: int) -> "Process":
        return cls(pid, birth(pid) or "")

    @property
    def alive(self) -> bool:
        return bool(self.born) and birth(self.pid) == self.born

    def signal_group(self, number: signal.Signals) -> None:
        """Signal the process group that this process leads, if the process is still itself."""
        if self.alive:
            signal_group(self.pid, number)

    def signal(self, number: signal.Signals) -> None:
        if self.alive:
            os.kill(self.pid, number)


def birth(pid: int) -> str | None:
    """When the process began, as the system tells it (clock ticks since boot on Linux, a date
    elsewhere); None when there is none, or only its unreaped remains."""
    if not Path("/proc/self/stat").exists():
        return _birth_by_ps(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[_STATE] in {"Z", "X"} else fields[_START_TIME]


def signal_group(leader: int, number: signal.Signals) -> None:
    """Signal every process of the group; one that is empty already is no error."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return


def _birth_by_ps(pid: int) -> str | None:
    told = subprocess.run(  # noqa: S603 - fixed command, an integer for argument
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607 - ps stands where the system keeps it
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or None
