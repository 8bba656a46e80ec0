"""The crew: it holds the lease, runs whoever has mail, and keeps board and notes true.

with Crew(office) as crew:
    crew.run(until=...)
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from crewboard.agents.graphs import open_checkpoints
from crewboard.agents.office import Office
from crewboard.agents.turn import HUMAN, Agents
from crewboard.coordination import decisions, pauses, tasks, views
from crewboard.coordination.bus.courier import courier
from crewboard.coordination.bus.outbox import deliver_due
from crewboard.coordination.deciding import reminders
from crewboard.coordination.lease import Lease
from crewboard.coordination.tasks import Reason, Task
from crewboard.errors import LeaseLost

_BEAT_S = 5.0
_LOOK_S = 0.25


class Crew:
    """One process's crew. Use it as a context: it takes the lease, recovers, and gives it back."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._lease = Lease(office.ledger, office.workspace.crew_lock)
        self._deliver = courier(office.ledger)
        self._stop = threading.Event()
        self._lost: LeaseLost | None = None
        self._running: dict[str, Future[None]] = {}
        self._fence = 0

    def __enter__(self) -> Self:
        self._fence = self._lease.take()
        self._agents = Agents(
            self.office, open_checkpoints(self.office.workspace.state / "graphs.sqlite3")
        )
        self._pool = ThreadPoolExecutor(self.office.settings.crew.concurrency, "agent")
        self._recover()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let running turns end (a tool hears of a stop when its task is cancelled), then let go."""
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._lost is None and not isinstance(error, LeaseLost):
            self._show()
            self._lease.end()

    def run(self, enough: Callable[[], bool], *, stay: bool = False) -> None:
        """Work until `enough()`, or until nothing moves without a human; with `stay`, wait for them."""
        while not self._stop.is_set():
            seen = self.office.ledger.wait(-1, 0)
            foreign = self.office.ledger.data_version()
            moved = self._step()
            if self._lost is not None:
                raise self._lost
            if enough() or (not stay and self._still()):
                return
            if not moved:
                self._pause(seen, foreign)

    def stop(self) -> None:
        """Ask the loop to end after the turns that are running. Safe in a signal handler."""
        self._stop.set()

    def _recover(self) -> None:
        """Take up what a dead crew left: its running tasks, and what waited for a human to act."""
        with self.office.ledger.write() as tx:
            tx.event("crew.started", "crew", None, None, fence=self._fence)
            tasks.recover(tx, self._fence, self.office.settings.limits.recoveries)
            for task in tasks.everything(tx):
                if task.waits == HUMAN and not task.ended:
                    tasks.wake(tx, task.id, f"resume:{self._fence}")

    def _step(self) -> bool:
        """Deliver, expire, claim, show. Whether anything was set going."""
        ledger = self.office.ledger
        sent = deliver_due(ledger, self._deliver)
        self._expire()
        self._reap()
        started = 0
        with ledger.read() as tx:
            waiting = [Task.of(row) for row in tx.run("runnable_tasks", at=tx.at)]
        for task in waiting[: self.office.settings.crew.concurrency - len(self._running)]:
            started += self._start(task)
        self._show()
        return bool(sent or started)

    def _start(self, task: Task) -> bool:
        with self.office.ledger.write() as tx:
            if not tasks.claim(tx, task, self._fence):
                return False
        self._running[task.id] = self._pool.submit(self._agents.turn, task, self._fence)
        return True

    def _reap(self) -> None:
        for task_id, future in list(self._running.items()):
            if future.done():
                del self._running[task_id]
                if isinstance(error := future.exception(), LeaseLost):
                    self._lost = error
                elif error is not None:
                    raise error

    def _expire(self) -> None:
        with self.office.ledger.read() as tx:
            overdue = tx.run("overdue_tasks", at=tx.at)
            expired = tx.run("expired_decisions", at=tx.at)
            gone = pauses.gone_for_good(tx, self.office.ledger.clock.now())
            pending = reminders.pending(tx)
        if not overdue and not expired and not gone and not pending:
            return
        with self.office.ledger.write() as tx:
            decisions.expire(tx)
            reminders.remind(tx)
            pauses.cancel_gone(tx, self.office.ledger.clock.now())
            for row in overdue:
                task = tasks.get(tx, row["id"])
                if not task.ended:
                    tasks.cancel_rest(tx, tasks.children(tx, task.id), "crew")
                    tasks.block(tx, task, "crew", _late(task))

    def _still(self) -> bool:
        """Nothing runs, nothing is to be delivered, nothing will run by itself."""
        if self._running:
            return False
        with self.office.ledger.read() as tx:
            later = tx.one("next_not_before")
            return not (
                tx.run("runnable_tasks", at=tx.at)
                or tx.run("out_due", at="9999")
                or (later and later["at"] and later["at"] > tx.at)
            )

    def _pause(self, seen: int, foreign: int) -> None:
        """Until this process commits, another one does, a person saves the board, or the next look is due."""
        ledger = self.office.ledger
        ends = time.monotonic() + 2.0
        while not self._stop.is_set() and time.monotonic() < ends:
            if ledger.wait(seen, _LOOK_S) != seen or ledger.data_version() != foreign:
                return
            if any(future.done() for future in self._running.values()):
                return
            if views.touched(self.office.workspace, ledger):
                return

    def _show(self) -> None:
        views.refresh(self.office.workspace, self.office.ledger)

    def _beat(self) -> None:
        while not self._stop.wait(_BEAT_S):
            try:
                self._lease.renew()
            except LeaseLost as error:
                self._lost = error
                self._stop.set()


def _late(task: Task) -> Reason:
    return Reason(
        cause=f"its deadline passed ({task.deadline})",
        owner="human",
        tried=f"{task.attempts + 1} run(s)",
        needed="start it again with more time",
    )
