"""A small set of real books for tests: a ledger that stands at a set hour, tasks, questions, and a
shop whose till counts what was really charged."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crewboard.clock import ManualClock
from crewboard.coordination import artifacts, tasks
from crewboard.coordination.decisions import Option, Question
from crewboard.coordination.grants import Permission
from crewboard.coordination.ledger import Event, Ledger, Transaction, verify
from crewboard.coordination.tasks import NewTask, Task
from crewboard.tools.contract import Manifest
from crewboard.tools.contract.context import Performed

WORK = NewTask("work", "executor", "lead", "Mix the rows", {"tool": "mix", "arguments": {"n": 1}})
GOAL = NewTask("goal", "lead", "human:ada", "Make a dataset", {"text": "make a dataset"})
ASKED = Question(
    kind="spend",
    goal="g00000",
    task="g00000",
    text="May the executor train on it?",
    options=(Option("run", "it trains", 3_000_000), Option("smaller", "it trains less", 1_000_000)),
    action={"tool": "train", "rows": 43_170},
    asked_by="lead",
    owner="ada",
)


def open_ledger(folder: Path) -> Ledger:
    return Ledger.open(folder / "ledger.db", ManualClock())


def move_clock(ledger: Ledger, **amount: float) -> None:
    assert isinstance(ledger.clock, ManualClock)
    ledger.clock.advance(**amount)


def start(ledger: Ledger, new: NewTask = GOAL) -> Task:
    with ledger.write() as tx:
        return tasks.create(tx, new)


def read_task(ledger: Ledger, task: Task) -> Task:
    with ledger.read() as tx:
        return tasks.get(tx, task.id)


def child_of(ledger: Ledger, parent: Task, step: str, **more: Any) -> Task:
    return start(ledger, replace(WORK, goal=parent.goal, parent=parent.id, step=step, **more))


def question(task: Task, **more: Any) -> Question:
    return replace(ASKED, **{"goal": task.goal, "task": task.id, **more})


def permission(action: str, cap: int = 3_000_000) -> Permission:
    return Permission(action, cap)


def events(ledger: Ledger) -> list[Event]:
    with ledger.read() as tx:
        return [Event.of(row) for row in tx.run("events_after", seq=0, count=1_000_000)]


def kinds(ledger: Ledger) -> list[str]:
    return [event.kind for event in events(ledger)]


def chain_fault(ledger: Ledger) -> str | None:
    return verify(events(ledger))


def mail(ledger: Ledger, task: Task) -> list[str]:
    with ledger.read() as tx:
        return [row["message_id"] for row in tx.run("new_mail", task=task.id)]


def runnable(ledger: Ledger) -> list[str]:
    with ledger.read() as tx:
        return [row["id"] for row in tx.run("runnable_tasks", at=tx.at)]


def manifest(name: str, sha256: str) -> Manifest:
    return Manifest(
        name, "chat-jsonl", f"data/{name}.{sha256[:8]}.jsonl", sha256, 10, 2, "mix", "1",
        {}, {}, 42, 0, None, {},
    )  # fmt: skip


def register(tx: Transaction, task: Task, sha256: str, made_by: str = "executor") -> None:
    artifacts.register(tx, task, made_by, manifest("rows", sha256))


class Crash(BaseException):
    """The process is gone: nothing may catch this and go on."""


@dataclass
class Shop:
    """The other side of an effect. `charged` counts what was really done, by key when it honours keys."""

    honours_keys: bool = True
    price: int = 100
    charged: list[str] = field(default_factory=list)
    calls: int = 0

    def buy(self, key: str) -> Performed:
        self.calls += 1
        if not (self.honours_keys and key in self.charged):
            self.charged.append(key)
        return Performed({"receipt": key[:8]}, self.price)

    def look_up(self, key: str) -> Performed | None:
        return Performed({"receipt": key[:8]}, self.price) if key in self.charged else None


class CrashingLedger(Ledger):
    """Dies at one commit, counted from 1: just before it, or just after it."""

    def die_at(self, commit: int, *, after: bool) -> None:
        self._left, self._after = commit, after

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        self._left = getattr(self, "_left", 0) - 1
        with super().write() as tx:
            yield tx
            if self._left == 0 and not self._after:
                raise Crash
        if self._left == 0 and self._after:
            raise Crash


def dying(act: Callable[[str], Performed], *, after: bool) -> Callable[[str], Performed]:
    """The same act, and death before or after it reaches the other side."""

    def act_and_die(key: str) -> Performed:
        if after:
            act(key)
        raise Crash

    return act_and_die
