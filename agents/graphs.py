"""LangGraph, set up so that a crew can rely on it.

Checkpoints are written before the next step starts (`durability="sync"`), hold ids and numbers only, and
are read back by a strict msgpack decoder that builds no objects: a forged checkpoint is data.
"""

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

END = "end"


class Memory(TypedDict, total=False):
    """What a graph carries from node to node. Everything else is read from the ledger, so that a node
    that runs again after a crash, or wakes for nothing, sees what is and not what was."""

    task: str
    revision: int
    count: int
    go: str


Node = Callable[[Memory], Memory]


def assemble(
    nodes: Mapping[str, Node], arrows: Mapping[str, str | Sequence[str]], checkpoints: Any
) -> Any:
    """A compiled graph. It starts at the first node; an arrow leads to one node, or to whichever of
    several the node wrote into `go`. `end` ends it."""
    from langgraph.graph import END as LAST
    from langgraph.graph import START, StateGraph

    graph: Any = StateGraph(Memory)
    for name, node in nodes.items():
        graph.add_node(name, node)
    graph.add_edge(START, next(iter(nodes)))
    for name, targets in arrows.items():
        if isinstance(targets, str):
            graph.add_edge(name, LAST if targets == END else targets)
        else:
            ways = {target: LAST if target == END else target for target in targets}
            graph.add_conditional_edges(name, _go, ways)
    return graph.compile(checkpointer=checkpoints)


def pause(state: str, waits: str) -> Node:
    """A node that waits and does nothing else: it runs again from its first line when it is woken."""

    def rest(memory: Memory) -> Memory:  # noqa: ARG001 - a node
        from langgraph.types import interrupt

        interrupt({"state": str(state), "waits": waits})
        return {}

    return rest


def _go(memory: Memory) -> str:
    return memory["go"]


def open_checkpoints(path: Path) -> Any:
    """LangGraph's own SQLite store, in a file of its own beside the ledger."""
    os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"  # read when langgraph is imported
    os.environ["LANGSMITH_TRACING"] = "false"
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite import SqliteSaver

    from crewboard.coordination.ledger.guards import close_to_others

    close_to_others(path)
    connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA synchronous=FULL")
    serde = JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=None)
    saver = SqliteSaver(connection, serde=serde)
    saver.setup()
    return saver


def advance(graph: Any, task_id: str, limit: int) -> dict[str, Any] | None:
    """Take a graph from wherever it stands to its next pause: the pause's payload, or None at its end.

    A new graph starts, a paused one is answered, one that a crash cut off goes on: nobody chooses.
    """
    config = {"configurable": {"thread_id": task_id}, "recursion_limit": limit}
    standing = graph.get_state(config)
    if not standing.created_at:
        given: Any = {"task": task_id}
    elif standing.interrupts:
        from langgraph.types import Command

        given = Command(resume="wake")
    elif standing.tasks:  # not `next`, which leaves out a node that is done but not followed up yet
        given = None
    else:
        return None
    graph.invoke(given, config, durability="sync")
    paused = graph.get_state(config).interrupts
    return dict(paused[0].value) if paused else None
