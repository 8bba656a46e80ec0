"""A job's supervisor: the small process that stays when the crew's own is gone.

    python -P -m crewboard.tools.jobs.supervise FOLDER LOCK_FD

It leaves its parent's session, runs the command of FOLDER/job.json in a process group of its own,
and writes FOLDER/exit.json when that ends. The command inherits the lock: should the supervisor be
killed, the folder stays locked while the command lives, so no second one starts beside it. SIGTERM
ends the command's group, after `GRACE` seconds by SIGKILL. Standard library only, to stay small.

What the command leaves behind in its group ends with it; a process that left the group does not.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crewboard.canonical import canonical_json
from crewboard.clock import stamp
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.jobs.process import Process, signal_group

GRACE = 10
_NOT_FOUND = 127  # what a shell answers when the command cannot be run


@dataclass(frozen=True)
class Start:
    """What happened at the start, kept for the end."""

    folder: Path
    attempt: int
    at: str


def main() -> None:
    folder, lock = Path(sys.argv[1]), int(sys.argv[2])
    listen, tell = os.pipe()
    if os.fork():
        os.close(tell)
        os._exit(0 if os.read(listen, 1) else 1)
    os.close(listen)
    os.setsid()
    os.umask(0o022)
    _supervise(folder, lock, tell)


def _supervise(folder: Path, lock: int, tell: int) -> None:
    job: dict[str, Any] = json.loads((folder / "job.json").read_text())
    start = Start(folder, int(job["attempt"]), _now())
    _turn_output_to(folder / "log.txt")
    try:
        command = subprocess.Popen(  # noqa: S603 - the caller's command, without a shell
            job["command"], cwd=job["cwd"], pass_fds=(lock,), process_group=0
        )
    except OSError as error:
        print(error, flush=True)  # noqa: T201 - into the log
        _write_end(start, code=_NOT_FOUND)
        os.write(tell, b"1")
        return
    _end_on_sigterm(command.pid)
    processes = {"supervisor": Process.at(os.getpid()), "command": Process.at(command.pid)}
    _write(folder / "running.json", {name: asdict(each) for name, each in processes.items()})
    os.write(tell, b"1")
    os.close(tell)
    code = _await(command)
    _write_end(start, code=code)


def _turn_output_to(log: Path) -> None:
    with log.open("ab") as file, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


def _end_on_sigterm(leader: int) -> None:
    def end(_number: int, _frame: object) -> None:
        signal_group(leader, signal.SIGTERM)
        signal.alarm(GRACE)

    def kill(_number: int, _frame: object) -> None:
        signal_group(leader, signal.SIGKILL)

    signal.signal(signal.SIGALRM, kill)
    signal.signal(signal.SIGTERM, end)


def _await(command: "subprocess.Popen[bytes]") -> int:
    if hasattr(os, "waitid"):  # macOS has it from Python 3.13 on
        os.waitid(os.P_PID, command.pid, os.WEXITED | os.WNOWAIT)
        # Not reaped yet, so the group's number cannot have passed to strangers.
    else:
        command.wait()
    signal_group(command.pid, signal.SIGKILL)
    signal.alarm(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return command.wait()


def _write_end(start: Start, *, code: int) -> None:
    killed = code < 0
    _write(
        start.folder / "exit.json",
        {
            "code": None if killed else code,
            "signal": -code if killed else None,
            "started": start.at,
            "ended": _now(),
            "attempt": start.attempt,
        },
    )


def _write(path: Path, value: Any) -> None:
    write_whole(path, (canonical_json(value) + "\n").encode())


def _now() -> str:
    return stamp(datetime.now(UTC))


if __name__ == "__main__":
    main()
