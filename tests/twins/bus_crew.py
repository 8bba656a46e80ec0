"""A crew that works by a script: it claims whatever has mail and does to it what it is told.

The task's row moves through the same functions that a real crew uses; no model and no tool is asked.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from crewboard.coordination import artifacts, decisions, tasks
from crewboard.coordination.decisions import Decision, Option, Question
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.tasks import Change, State, Task
from crewboard.tools.contract import Manifest

FENCE = 7
Work = Callable[[Ledger, Task], None]


class BusCrew:
    """In a thread of its own while the block lasts. `turns` are the tasks it worked on, in order."""

    def __init__(self, ledger: Ledger, work: Work) -> None:
        self.turns: list[str] = []
        self._ledger, self._work = ledger, work
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        ledger = self._ledger
        while not self._stop.is_set():
            seen = ledger.wait(-1, 0)
            with ledger.read() as tx:
                found = [Task.of(row) for row in tx.run("runnable_tasks", at=tx.at)]
            for task in found:
                turn(ledger, task, self._work)
                self.turns.append(task.id)
            if not found:
                ledger.wait(seen, 0.02)
        ledger.close()


def turn(ledger: Ledger, task: Task, work: Work) -> None:
    """One turn on a task that has mail: claimed, worked on, let go."""
    with ledger.write() as tx:
        mail = tx.run("new_mail", task=task.id)
        assert tasks.claim(tx, task, FENCE)
    work(ledger, task)
    with ledger.write() as tx:
        tasks.release(tx, task.id, FENCE, mail[-1]["seq"])


def move(
    ledger: Ledger, task: Task, state: State, waits: str | None = None, delay: float | None = None
) -> None:
    with ledger.write() as tx:
        tasks.move(tx, task, task.role, Change(state, waits, delay=delay))


def make(ledger: Ledger, task: Task, name: str, sha256: str) -> None:
    """Register a file of 43,170 rows."""
    path = f"data/{name}.{sha256[:8]}.jsonl"
    facts = Manifest(
        name, "chat-jsonl", path, sha256, 1_000, 43_170, "mix", "1", {}, {}, 42, 0, None, {}
    )
    with ledger.write() as tx:
        artifacts.register(tx, task, "executor", facts)


def complete(ledger: Ledger, task: Task) -> None:
    """Work that makes one file and is done."""
    make(ledger, task, "train", "ab" * 32)
    move(ledger, task, State.COMPLETED)


def ask_once(ledger: Ledger, task: Task) -> None:
    """Ask whoever gave the task one question, then finish."""
    with ledger.read() as tx:
        answered = len(tx.run("messages_of_task", task=task.id)) > 1
    if answered:
        complete(ledger, task)
    else:
        move(ledger, task, State.INPUT_REQUIRED)


def ask_human(ledger: Ledger, task: Task) -> Decision:
    """Put a decision to the crew's owner, and let the task wait on it."""
    asked = Question(
        kind="spend",
        goal=task.goal,
        task=task.id,
        text="Train for 3 USD?",
        options=(Option("run", "it trains", 3_000_000),),
        action={"train": task.id},
        asked_by="executor",
        owner="ada",
    )
    with ledger.write() as tx:
        decision = decisions.ask(tx, asked)
        tasks.move(tx, task, task.role, Change(State.AUTH_REQUIRED, f"decision:{decision.id}"))
    return decision
