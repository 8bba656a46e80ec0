"""The job as its owner sees it: start it or find it, wait for it, end it."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from crewboard.canonical import canonical_json
from crewboard.errors import Cancelled, JobConflict, JobNotStarted, JobVanished
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.jobs.environment import scrubbed
from crewboard.tools.jobs.process import Process
from crewboard.tools.jobs.progress import Progress, told_progress
from crewboard.tools.jobs.supervise import GRACE

_POLL = 0.2  # seconds
_ATTEMPTS = 3

Tick = Callable[[Progress], None]


class Found(StrEnum):
    """What `start_or_attach` came upon."""

    STARTED = "started"
    LIVING = "living"
    ENDED = "ended"


@dataclass(frozen=True)
class Ended:
    """How a job ended: an exit code, or the signal that killed it; when, as stamps."""

    code: int | None
    signal: int | None
    started: str
    ended: str
    attempt: int

    @property
    def ok(self) -> bool:
        """The command said that all is well. Whether it left what it should is another question."""
        return self.code == 0

    def __str__(self) -> str:
        if self.signal is not None:
            return f"killed by {signal.Signals(self.signal).name}"
        return f"exit code {self.code}"


class Job:
    """A long command in `folder`. The object holds nothing: any process may make one for the same
    folder, at any time, and sees the same job."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def run(self, command: Sequence[str], env: Mapping[str, str], on_tick: Tick) -> Ended:
        """Start or find the job, wait for its end, and start it again when it vanished. JobVanished
        after its third attempt; whatever `wait` raises."""
        while True:
            self.start_or_attach(command, env)
            try:
                return self.wait(on_tick)
            except JobVanished:
                if self.attempt >= _ATTEMPTS:
                    raise

    def start_or_attach(self, command: Sequence[str], env: Mapping[str, str]) -> Found:
        """See that the job runs or has run, however often this is called. JobConflict when the
        folder knows another command, JobNotStarted when no process could be made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        known = self._read("job.json")
        if known and known["command"] != list(command):
            raise JobConflict(folder=self.folder)
        lock = self._open_lock()
        try:
            if self.ended:
                return Found.ENDED
            if not _take(lock):
                return Found.LIVING
            if self.ended:  # between the two looks
                return Found.ENDED
            self._start(list(command), env, lock)
        finally:
            os.close(lock)  # the supervisor holds a copy, and with it the lock
        return Found.STARTED

    def wait(self, on_tick: Tick) -> Ended:
        """Poll until the job ends, handing its progress to `on_tick` each time. Cancelled raised by
        `on_tick` ends the job; JobVanished when it is gone without having said how it ended."""
        while (ended := self.ended) is None:
            if not self.living and self.ended is None:
                raise JobVanished(folder=self.folder, attempt=self.attempt)
            try:
                on_tick(self.progress)
            except Cancelled:
                self.cancel()
                raise
            time.sleep(_POLL)
        return ended

    def cancel(self) -> None:
        """End the command's whole process group, and see that `exit.json` says so. Nothing happens
        to a job that has ended, or to a process that only bears the pid of one of its own."""
        if self.ended:
            return
        supervisor, command = self._process("supervisor"), self._process("command")
        supervisor.signal(signal.SIGTERM)
        _wait(lambda: supervisor.alive and self.living, GRACE + 5)
        for number in (signal.SIGTERM, signal.SIGKILL):  # it was killed before, or hangs
            if self.living:
                command.signal_group(number)
                _wait(lambda: self.living, GRACE)
        supervisor.signal(signal.SIGKILL)
        if self.ended is None:
            self._end_in_its_place()

    def retire(self) -> None:
        """Set a job's end aside, so that the next `start_or_attach` makes another attempt."""
        if ended := self.ended:
            exit_file = self.folder / "exit.json"
            exit_file.rename(self.folder / f"exit.{ended.attempt}.json")

    @property
    def ended(self) -> Ended | None:
        told = self._read("exit.json")
        return Ended(**told) if told else None

    @property
    def living(self) -> bool:
        """Somebody holds the lock: the supervisor, the command, or one who is starting them."""
        lock = self._open_lock()
        try:
            return not _take(lock)
        finally:
            os.close(lock)

    @property
    def progress(self) -> Progress:
        return told_progress(self.folder)

    @property
    def attempt(self) -> int:
        """How often the command was started, from 1; 0 before."""
        known = self._read("job.json")
        return int(known["attempt"]) if known else 0

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that the command printed."""
        log = self.folder / "log.txt"
        if not log.exists():
            return ""
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])

    def _start(self, command: list[str], env: Mapping[str, str], lock: int) -> None:
        job = {"command": command, "cwd": str(self.folder), "attempt": self.attempt + 1}
        write_whole(self.folder / "job.json", (canonical_json(job) + "\n").encode())
        (self.folder / "running.json").unlink(missing_ok=True)
        module = "crewboard.tools.jobs.supervise"
        with (self.folder / "log.txt").open("ab") as log:
            done = subprocess.run(  # noqa: S603 - our own module, without a shell
                [sys.executable, "-P", "-m", module, str(self.folder), str(lock)],
                env=scrubbed(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                check=False,
            )
        if done.returncode:
            raise JobNotStarted(folder=self.folder, reason=self.log_tail(1) or "no supervisor")

    def _process(self, name: str) -> Process:
        known = self._read("running.json")
        return Process(**known[name]) if known else Process(0, "")

    def _end_in_its_place(self) -> None:
        told = {"code": None, "signal": int(signal.SIGTERM), "started": "", "ended": ""}
        written = canonical_json(told | {"attempt": self.attempt}) + "\n"
        write_whole(self.folder / "exit.json", written.encode())

    def _open_lock(self) -> int:
        return os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            told: dict[str, Any] = json.loads((self.folder / name).read_text())
        except FileNotFoundError:
            return None
        return told


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    """Wait while `condition` holds, but no longer than `seconds`."""
    until = time.monotonic() + seconds
    while condition() and time.monotonic() < until:
        time.sleep(_POLL / 4)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
