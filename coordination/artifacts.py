"""Artifacts: what a task made, by hash, and who made it."""

import json
import sqlite3
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from crewboard.canonical import canonical_json
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.tasks import Task

if TYPE_CHECKING:  # the tool contract brings pydantic, which who only looks does not need
    from crewboard.tools.contract import Manifest


@dataclass(frozen=True)
class Artifact:
    """A registered file or folder. `path` is relative to the workspace."""

    task: str
    name: str
    sha256: str
    kind: str
    path: str
    goal: str
    size: int
    rows: int | None
    made_by: str
    manifest: dict[str, Any]
    at: str

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Artifact":
        return cls(**{**dict(row), "manifest": json.loads(row["manifest"])})


def register(tx: Transaction, task: Task, made_by: str, manifest: "Manifest") -> None:
    """Write down that `made_by` made this; a second registration of the same bytes is none."""
    new = tx.change(
        "insert_artifact",
        task=task.id,
        name=manifest.name,
        sha256=manifest.sha256,
        kind=manifest.kind,
        path=manifest.path,
        goal=task.goal,
        size=manifest.size,
        rows=manifest.rows,
        made_by=made_by,
        manifest=canonical_json(asdict(manifest)),
        at=tx.at,
    )
    if new:
        tx.event(
            "artifact.made", made_by, task.goal, task.id,
            name=manifest.name, sha256=manifest.sha256, path=manifest.path,
            rows=manifest.rows, accounting=manifest.accounting,
        )  # fmt: skip


def of_task(tx: Transaction, task_id: str) -> dict[str, Artifact]:
    """The latest artifact of each name that a task made."""
    return {row["name"]: Artifact.of(row) for row in tx.run("artifacts_of_task", task=task_id)}


def of_goal(tx: Transaction, goal: str) -> list[Artifact]:
    return [Artifact.of(row) for row in tx.run("artifacts_of_goal", goal=goal)]


def everything(tx: Transaction) -> list[Artifact]:
    return [Artifact.of(row) for row in tx.run("all_artifacts")]
