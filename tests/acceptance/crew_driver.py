"""A crew in a process that may be killed at any moment.

In a test:  with Nursery() as nursery: ... nursery.run(Errand(root, GOAL, kill_after=0.4))
Cold:       python tests/acceptance/crew_driver.py --once '{"root": ..., "goal": ...}'

The nursery is a process that has imported everything and opened nothing. Each errand is a child forked
from it, which opens the workspace, states the goal (the first time) and works until nothing moves, or
until it is killed: after so many seconds by SIGKILL from its parent, or by its own SIGKILL at the n-th
boundary, which is a moment just before or just after something became durable, was sent, or was heard.
"""

import argparse
import json
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

if __name__ == "__main__":  # run as a file, python puts this folder on the path, not tests/
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

WITNESSED = "acknowledged.log"
"""Beside the ledger: "seq hash" of the last event of each commit that its writer heard of."""
READY = "ready"
_LOADED = (
    "acceptance.paid_tools",
    "crewboard.agents.crew",
    "crewboard.agents.models.openai",
    "crewboard.agents.models.wire",
    "crewboard.tools.measure",
    "langgraph.checkpoint.serde.jsonplus",
    "langgraph.checkpoint.sqlite",
    "langgraph.graph",
    "langgraph.types",
    "openai",
)


@dataclass(frozen=True)
class Errand:
    """What one life of a crew is to do, and when it ends at the latest. `goal` holds `text`, `data`
    and `budget` (millionths of a US dollar); it is stated under one message id, so only once."""

    root: Path
    goal: Mapping[str, Any]
    kill_after: float | None = None
    die_at: int | None = None

    def line(self) -> str:
        return json.dumps({**asdict(self), "root": str(self.root)})

    @classmethod
    def of(cls, line: str) -> "Errand":
        told = json.loads(line)
        return cls(**{**told, "root": Path(told["root"])})


@dataclass(frozen=True)
class Ended:
    """How a life ended: its exit code (0: nothing moved any more), or None when it was killed."""

    code: int | None
    seconds: float


# ── in the crew's process ──────────────────────────────────────────────────────────────────────


@dataclass
class Reaper:
    """Kills this process at the `die_at`-th boundary that it comes to."""

    die_at: int | None
    passed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def boundary(self) -> None:
        with self._lock:
            self.passed += 1
            if self.passed == self.die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*given: Any, **named: Any) -> Any:
            self.boundary()
            done = act(*given, **named)
            self.boundary()
            return done

        return acted

    def install(self) -> None:
        """Stand before every commit of every SQLite file, and around every rename of a file and every
        piece of a request or an answer. After one commit, the disk is as it is before the next."""
        reaper = self

        class Watched(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                if sql == "COMMIT":
                    reaper.boundary()
                return super().execute(sql, *values)

            def commit(self) -> None:
                reaper.boundary()
                super().commit()

        plain = sqlite3.connect
        sqlite3.connect = lambda *given, **named: plain(*given, factory=Watched, **named)  # type: ignore[assignment]
        os.replace = self.around(os.replace)
        os.rename = self.around(os.rename)
        socket.socket.send = self.around(socket.socket.send)  # type: ignore[method-assign]
        socket.socket.recv = self.around(socket.socket.recv)  # type: ignore[method-assign]


def witness(log: Path) -> None:
    """Note each commit of the ledger after its writer heard of it, where a kill cannot take it back."""
    from crewboard.coordination.ledger import Ledger

    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    plain = Ledger.write

    @contextmanager
    def write(self: Ledger) -> Iterator[Any]:
        with plain(self) as tx:
            yield tx
            last = tx.one("last_event")
        if last is not None:
            os.write(handle, f"{last['seq']} {last['hash']}\n".encode())

    Ledger.write = write  # type: ignore[method-assign]


def work(errand: Errand) -> None:
    """One life of the crew."""
    from crewboard.agents.crew import Crew
    from crewboard.agents.office import Office
    from crewboard.coordination.workspace import Workspace

    workspace = Workspace.find(errand.root)
    logging.basicConfig(filename=workspace.log, level=logging.INFO)
    reaper = Reaper(errand.die_at)
    witness(workspace.state / WITNESSED)
    if errand.die_at is not None:
        reaper.install()
    office = Office.open(workspace)
    state_goal(office.ledger, errand.goal)
    with Crew(office) as crew:
        crew.run(lambda: False)


def state_goal(ledger: Any, goal: Mapping[str, Any]) -> str:
    """The task's id of the goal; stated twice, it is the same goal."""
    from crewboard.coordination import budget
    from crewboard.coordination.bus import ingress
    from crewboard.coordination.bus.envelope import Envelope

    said = Envelope(
        "human:ada", "lead", goal["text"], goal["text"], {"kind": "goal", **goal["data"]}
    )
    with ledger.write() as tx:
        receipt = ingress.receive(tx, said)
        if not receipt.duplicate:
            budget.set_ceiling(tx, f"goal:{receipt.task}", goal["budget"])
    return receipt.task


# ── in the nursery's process ───────────────────────────────────────────────────────────────────


def nurse() -> None:
    """Read an errand a line, fork a crew for it, kill it when it is time, tell how it ended."""
    _import_everything()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    _tell(READY)
    for line in sys.stdin:
        errand = Errand.of(line)
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            _live(errand)
        if errand.kill_after is None:
            signal.sigwait({signal.SIGCHLD})
        elif signal.sigtimedwait({signal.SIGCHLD}, errand.kill_after) is None:
            os.kill(child, signal.SIGKILL)
            signal.sigwait({signal.SIGCHLD})
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        _tell(json.dumps([code, time.monotonic() - began]))


def _live(errand: Errand) -> None:
    code = 1
    try:
        work(errand)
        code = 0
    except BaseException:
        logging.getLogger(__name__).exception("the crew's process broke")
    finally:
        logging.shutdown()
        os._exit(code)


def _import_everything() -> None:
    """What a crew loads in its first second; a fork then has it at once."""
    os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"  # read when langgraph is imported
    for name in _LOADED:
        import_module(name)
    from crewboard.tools.contract import installed_tools

    installed_tools()


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


# ── in the test's process ──────────────────────────────────────────────────────────────────────


class Nursery:
    """Lives of crews, one after another, without paying for the imports each time."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._hear() == READY
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def run(self, errand: Errand) -> Ended:
        """One life, to its end."""
        assert self._process.stdin is not None
        self._process.stdin.write(errand.line() + "\n")
        self._process.stdin.flush()
        code, seconds = json.loads(self._hear())
        return Ended(None if code == -signal.SIGKILL else code, seconds)

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def run_cold(errand: Errand) -> Ended:
    """One life in a new interpreter, imports and all."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, __file__, "--once", errand.line()])
    try:
        code: int | None = process.wait(errand.kill_after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        code = None
    return Ended(code, time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--once")
    chosen = parser.parse_args()
    if chosen.once:
        work(Errand.of(chosen.once))
    else:
        nurse()


if __name__ == "__main__":
    main()
