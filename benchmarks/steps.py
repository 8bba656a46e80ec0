"""What a durable crew step costs beside a bare LangGraph step, in one run, with a model that takes no time.

    .venv/bin/python benchmarks/steps.py [STEPS] [REPEATS]

A step asks a model once and goes round a one-node graph. Bare: `StateGraph` + `SqliteSaver`,
durability="sync". Crew: the same graph, the question asked through the journal (free: one commit; paid:
budget, intent, result, settlement, events in two commits), the answer validated. Both on files with
synchronous=FULL. CrewAI's step was measured elsewhere at 13 ms of CPU.
"""

import logging
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel

from crewboard.agents.graphs import END, Memory, advance, assemble, open_checkpoints
from crewboard.agents.models.contract import ModelRequest, Turn
from crewboard.agents.models.scripted import ScriptedModel
from crewboard.agents.office import Office
from crewboard.agents.thinking import Wanted, think
from crewboard.coordination import budget, tasks
from crewboard.coordination.tasks import NewTask
from crewboard.coordination.workspace import Workspace
from crewboard.tools.contract.effect import PURE, Effect, EffectKind, OnUnknown

PAID = Effect(EffectKind.AT_MOST_ONCE, OnUnknown.ASK_HUMAN, spends=True)
CREWAI_MS = 13.0


class Said(BaseModel):
    n: int


def bare(steps: int, folder: Path) -> Callable[[], object]:
    from langgraph.checkpoint.sqlite import SqliteSaver

    connection = sqlite3.connect(folder / "bare.sqlite3", check_same_thread=False)
    connection.execute("PRAGMA synchronous=FULL")
    saver = SqliteSaver(connection)
    model = ScriptedModel(lambda _: {"n": 1})
    request = ModelRequest("executor/act", "system", (Turn("user", "facts"),))

    def step(memory: Memory) -> Memory:
        count = memory.get("count", 0)
        Said.model_validate_json(model.ask(request, str(count)).text)
        return {"count": count + 1, "go": END if count + 1 == steps else "step"}

    graph = assemble({"step": step}, {"step": ["step", END]}, saver)
    config = {"configurable": {"thread_id": "t"}, "recursion_limit": steps + 10}
    return lambda: graph.invoke({"task": "t", "count": 0}, config, durability="sync")


def crew(steps: int, folder: Path, effect: Effect) -> Callable[[], object]:
    workspace, _ = Workspace.init(folder, "bench")
    office = Office.open(workspace)
    model = ScriptedModel(lambda _: {"n": 1}, effect=effect, cost=10 if effect.spends else 0)
    office._models["rules"] = model  # noqa: SLF001 - the bench stands in for the registry
    with office.ledger.write() as tx:
        task = tasks.create(tx, NewTask("goal", "lead", "human:bench", "bench", {"text": "bench"}))
        budget.set_ceiling(tx, f"goal:{task.id}", 10_000_000)

    def step(memory: Memory) -> Memory:
        count = memory.get("count", 0)
        think(office, task, "executor/act", {"step": count}, Wanted(Said))
        return {"count": count + 1, "go": END if count + 1 == steps else "step"}

    graph = assemble(
        {"step": step}, {"step": ["step", END]}, open_checkpoints(folder / "g.sqlite3")
    )
    return lambda: advance(graph, task.id, steps + 10)


def measured(run: str, steps: int) -> tuple[float, float]:
    """CPU and wall milliseconds for each step; what is opened once is opened before."""
    with tempfile.TemporaryDirectory() as name:
        effect = PAID if run == "crew, paid" else PURE
        go = bare(steps, Path(name)) if run == "bare" else crew(steps, Path(name), effect)
        before, started = time.process_time(), time.perf_counter()
        go()
        cpu, wall = time.process_time() - before, time.perf_counter() - started
    return 1000 * cpu / steps, 1000 * wall / steps


def main() -> None:
    logging.disable()
    steps, repeats = (int(each) for each in (*sys.argv[1:], 300, 5)[:2])
    runs = ("bare", "crew, free", "crew, paid")
    for run in runs:  # imports and page caches are nobody's step
        measured(run, 5)
    figures = {run: [] for run in runs}
    for _ in range(repeats):
        for run in runs:
            figures[run].append(measured(run, steps))
    base = statistics.median(cpu for cpu, _ in figures["bare"])
    print(f"{steps} steps, median of {repeats} interleaved runs")
    for run in runs:
        cpu, wall = (statistics.median(column) for column in zip(*figures[run], strict=True))
        print(
            f"{run:11} {cpu:6.2f} ms CPU a step  {wall:7.2f} ms wall  {cpu / base:5.2f} x bare"
            f"  {cpu / CREWAI_MS:5.2f} x CrewAI's 13 ms"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory {peak} MB")


if __name__ == "__main__":
    main()
