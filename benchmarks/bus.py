"""Tasks per second of the bus, against the A2A SDK's own handler on its own SQLite store.

    python benchmarks/bus.py [--tasks 100] [--repeats 5] [--at-once 1 16]

Needs `pip install "a2a-sdk[sqlite]"`. Both sides run in process, without HTTP, and do the same work at the
same durability (SQLite, WAL, synchronous=FULL, on the same disk): a message is sent and waited for, and its
task goes SUBMITTED, WORKING, one artifact, COMPLETED, each state committed before the next. Ours also chains
an event to the log for each, and drops duplicates; the SDK's side does neither.

Each measurement is a process of its own, so that CPU and memory are its own; the sides take turns, so that
a busy machine is busy for both. Imports and the first tasks (5) are not counted.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SDK, OURS = "a2a-sdk", "crewboard"
_WARM_UP = 5


@dataclass(frozen=True)
class Measured:
    """Of one side, once. cpu in milliseconds a task, of all threads; rss is the process's peak, in MB."""

    rate: float
    cpu: float
    commits: float
    rss: float


@dataclass(frozen=True)
class Side:
    send: Callable[[str], Awaitable[Any]]
    commits: Callable[[], int]
    close: Callable[[], Awaitable[None]]


async def measure(side: Side, tasks: int, at_once: int) -> Measured:
    async def lane(name: int, count: int) -> None:
        for n in range(count):
            await side.send(f"{name}-{n}")

    await lane(-1, _WARM_UP)
    commits, cpu, wall = side.commits(), time.process_time(), time.perf_counter()
    await asyncio.gather(*(lane(n, tasks // at_once) for n in range(at_once)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    done = tasks // at_once * at_once
    commits = side.commits() - commits
    await side.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(done / wall, cpu / done * 1000, commits / done, peak)


def request(message_id: str) -> Any:
    from a2a.types import a2a_pb2 as pb

    part = pb.Part(text="Mix the two datasets and audit the result")
    return pb.SendMessageRequest(
        message=pb.Message(message_id=message_id, role=pb.ROLE_USER, parts=[part])
    )


def caller() -> Any:
    from a2a.auth.user import User
    from a2a.server.context import ServerCallContext

    class Bench(User):
        is_authenticated = True
        user_name = "bench"

    return ServerCallContext(user=Bench())


# ── ours ───────────────────────────────────────────────────────────────────────────────────────


def ours(folder: Path) -> Side:
    from crewboard.coordination.bus.handler import DurableHandler
    from crewboard.coordination.ledger import Ledger

    ledger = Ledger.open(folder / "ledger.db")
    handler, context, stop = DurableHandler(ledger), caller(), threading.Event()
    crew = threading.Thread(target=play_crew, args=(ledger, stop), daemon=True)
    crew.start()

    async def send(message_id: str) -> None:
        found: Any = await handler.on_message_send(request(message_id), context)
        assert found.artifacts

    async def close() -> None:
        stop.set()
        await handler.aclose()
        crew.join()

    return Side(send, lambda: ledger.wait(-1, 0), close)


def play_crew(ledger: Any, stop: threading.Event) -> None:
    """Take every task that has mail through its states, as a crew does, one commit for each."""
    from crewboard.coordination import artifacts, tasks
    from crewboard.coordination.tasks import Change, State, Task
    from crewboard.tools.contract import Manifest

    made = Manifest(
        "mix", "jsonl", "data/mix.jsonl", "ab" * 32, 9, 2, "mix", "1", {}, {}, 1, 0, None, {}
    )
    while not stop.is_set():
        seen = ledger.wait(-1, 0)
        with ledger.read() as tx:
            found = [Task.of(row) for row in tx.run("runnable_tasks", at=tx.at)]
        for task in found:
            with ledger.write() as tx:
                mail = tx.run("new_mail", task=task.id)
                tasks.claim(tx, task, 1)
            with ledger.write() as tx:
                artifacts.register(tx, task, "executor", made)
            with ledger.write() as tx:
                tasks.move(tx, task, "lead", Change(State.COMPLETED))
                tasks.release(tx, task.id, 1, mail[-1]["seq"])
        if not found:
            ledger.wait(seen, 0.05)
    ledger.close()


# ── the SDK's ──────────────────────────────────────────────────────────────────────────────────


def sdk(folder: Path) -> Side:
    from a2a.server.request_handlers import DefaultRequestHandler
    from a2a.server.tasks import DatabaseTaskStore
    from sqlalchemy import event
    from sqlalchemy.ext.asyncio import create_async_engine

    from crewboard.coordination.bus.card import agent_card

    engine = create_async_engine(f"sqlite+aiosqlite:///{folder / 'tasks.db'}")
    count = [0]

    @event.listens_for(engine.sync_engine, "connect")
    def durable(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "commit")
    def counted(_: Any) -> None:
        count[0] += 1

    handler = DefaultRequestHandler(
        executor(), DatabaseTaskStore(engine), agent_card("bench", "http://127.0.0.1:1")
    )
    context = caller()

    async def send(message_id: str) -> None:
        found = await handler.on_message_send(request(message_id), context)
        assert found.artifacts

    async def close() -> None:
        await handler.aclose()
        await engine.dispose()

    return Side(send, lambda: count[0], close)


def executor() -> Any:
    from a2a.helpers import new_task_from_user_message
    from a2a.server.agent_execution import AgentExecutor
    from a2a.server.tasks import TaskUpdater
    from a2a.types import a2a_pb2 as pb

    class Worker(AgentExecutor):
        async def execute(self, context: Any, event_queue: Any) -> None:
            await event_queue.enqueue_event(new_task_from_user_message(context.message))
            updater = TaskUpdater(event_queue, context.task_id, context.context_id)
            await updater.start_work()
            await updater.add_artifact([pb.Part(url="data/mix.jsonl")], name="mix")
            await updater.complete()

        async def cancel(self, context: Any, event_queue: Any) -> None:
            await TaskUpdater(event_queue, context.task_id, context.context_id).cancel()

    return Worker()


# ── the two together ───────────────────────────────────────────────────────────────────────────


def one(name: str, tasks: int, at_once: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:

        async def run() -> Measured:
            make = ours if name == OURS else sdk
            return await measure(make(Path(folder)), tasks, at_once)

        return asyncio.run(run())


def in_a_process(name: str, tasks: int, at_once: int) -> Measured:
    command = [
        sys.executable,
        __file__,
        "--one",
        name,
        "--tasks",
        str(tasks),
        "--at-once",
        str(at_once),
    ]
    quiet = {"OTEL_INSTRUMENTATION_A2A_SDK_ENABLED": "false"}  # spans cost the SDK 0.4 ms a task
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **quiet}
    )
    return Measured(**json.loads(done.stdout))


def compare(tasks: int, repeats: int, at_once: int) -> None:
    found: dict[str, list[Measured]] = {SDK: [], OURS: []}
    for _ in range(repeats):
        for name, runs in found.items():
            runs.append(in_a_process(name, tasks, at_once))
    middle = {name: _middle(runs) for name, runs in found.items()}
    print(f"\n{at_once} at once, {tasks} tasks, median of {repeats} (slowest to fastest)")
    print(f"{'':10} {'tasks/s':>24} {'CPU ms/task':>12} {'commits/task':>13} {'peak MB':>8}")
    for name, runs in found.items():
        m, rates = middle[name], [run.rate for run in runs]
        spread = f"{m.rate:.0f} ({min(rates):.0f} to {max(rates):.0f})"
        print(f"{name:10} {spread:>24} {m.cpu:12.2f} {m.commits:13.1f} {m.rss:8.0f}")
    rate, cpu = middle[OURS].rate / middle[SDK].rate, middle[SDK].cpu / middle[OURS].cpu
    print(f"crewboard does {rate:.1f} times the tasks a second, with 1/{cpu:.1f} of the CPU")


def _middle(runs: list[Measured]) -> Measured:
    rows = [asdict(run) for run in runs]
    return Measured(**{key: statistics.median(row[key] for row in rows) for key in rows[0]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--one", choices=[SDK, OURS], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(asdict(one(given.one, given.tasks, given.at_once[0]))))
        return
    for at_once in given.at_once:
        compare(given.tasks, given.repeats, at_once)


if __name__ == "__main__":
    main()
