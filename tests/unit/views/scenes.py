"""A workspace in which tests play out what a crew does, through the same doors: real files, a real
ledger that stands at a set hour, no crew."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import Any

from crewboard.clock import ManualClock
from crewboard.coordination import artifacts, decisions, tasks, verdicts, views
from crewboard.coordination.decisions import Answer, Decision, Option, Question
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.tasks import Change, NewTask, Reason, State, Task
from crewboard.coordination.verdicts import Judgement
from crewboard.coordination.workspace import Workspace
from crewboard.memory import notes
from crewboard.tools.contract import Manifest

UNPAID = Reason("HTTP 402, unpaid.", "ada, for openrouter", "3 calls", "settle the bill")
OPTIONS = (Option("drop", "every row counts once"), Option("rebuild", "3 h", 4_000_000))


@dataclass
class Scene:
    workspace: Workspace
    clock: ManualClock = field(default_factory=ManualClock)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = self.workspace.ledger(self.clock)

    @classmethod
    def at(cls, folder: Path) -> "Scene":
        return cls(Workspace.init(folder, "ada")[0])

    def goal(self, title: str = "Make a dataset") -> Task:
        return self.create(NewTask("goal", "lead", "human:ada", title, {"text": title}))

    def step(self, goal: Task, name: str, **more: Any) -> Task:
        """A step of the goal's plan, not yet handed out."""
        spec = {"tool": name, "needs": more.pop("needs", [])}
        kind, revision = more.pop("kind", "work"), more.pop("revision", 1)
        title, role = more.pop("title", f"Do {name}"), more.pop("role", "executor")
        return self.create(NewTask(
            kind, role, "lead", title, spec, goal.id, goal.id,
            revision=revision, step=name, waits="plan",
        ))  # fmt: skip

    def create(self, new: NewTask) -> Task:
        with self.ledger.write() as tx:
            return tasks.create(tx, new)

    def move(self, task: Task, state: State, waits: str | None = None, **more: Any) -> None:
        self.clock.advance(minutes=1)
        with self.ledger.write() as tx:
            tasks.move(tx, task, task.role, Change(state, waits, **more))

    def make(self, task: Task, text: str = "one\ntwo\n", **more: Any) -> str:
        """Put a real file into the workspace and register it; its path."""
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        name = more.pop("name", "rows")
        path = f"data/{task.goal}/{task.step}/{name}.{sha256[:8]}.jsonl"
        file = self.workspace.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        manifest = Manifest(
            name, "chat-jsonl", path, sha256, len(text), text.count("\n"), "mix", "1",
            {}, {}, 42, 0, more.pop("accounting", None), {},
        )  # fmt: skip
        with self.ledger.write() as tx:
            artifacts.register(tx, task, task.role, manifest)
        return path

    def judge(self, task: Task, judgement: str = "accept", **more: Any) -> None:
        """A verdict of QA, or of the `signer`, on everything that a task made last."""
        with self.ledger.write() as tx:
            for made in artifacts.of_task(tx, task.id).values():
                judged = Judgement(
                    made.sha256, task.id, "t00000", judgement, {}, {}, more.get("findings", ())
                )
                verdicts.sign(tx, judged, more.get("signer", "qa"), self.key)

    @property
    def key(self) -> bytes:
        return verdicts.workspace_key(self.workspace.state / "key")

    def finish(self, task: Task) -> str:
        """Make, judge, complete: a step that went well; the path of what it made."""
        path = self.make(task, f"{task.id}\n")
        self.judge(task)
        self.move(task, State.COMPLETED)
        return path

    def ask(self, task: Task, **more: Any) -> Decision:
        asked: Mapping[str, Any] = {
            "kind": "data-treatment", "goal": task.goal, "task": task.id,
            "text": "Drop the 30 empty rows?", "options": OPTIONS, "action": {"about": task.id},
            "asked_by": "lead", "owner": "ada", **more,
        }  # fmt: skip
        with self.ledger.write() as tx:
            return decisions.ask(tx, Question(**asked))

    def answer(self, decision: Decision, choice: str, note: str = "") -> None:
        self.clock.advance(minutes=1)
        with self.ledger.write() as tx:
            decisions.answer(tx, decision.id, Answer(choice, "human:ada", "cli", note))

    def event(self, kind: str, actor: str, task: Task, **data: Any) -> None:
        with self.ledger.write() as tx:
            tx.event(kind, actor, task.goal, task.id, **data)

    def refresh(self) -> str:
        views.refresh(self.workspace, self.ledger)
        return self.board()

    def reopened(self) -> Ledger:
        """The same ledger as another process sees it: one that remembers nothing."""
        self.ledger.close()
        self.ledger = self.workspace.ledger(self.clock)
        return self.ledger

    def board(self) -> str:
        return self.workspace.board.read_bytes().decode()

    def note(self, day: date | None = None) -> str:
        return notes.read(self.workspace.notes, day or self.clock.at.date())

    def column(self, card: str) -> str:
        """The heading above the line that bears a card's id; "" when there is none."""
        heading = ""
        for line in self.board().splitlines():
            heading = line.lstrip("# ") if line.startswith("##") else heading
            if line.endswith(f"^{card}"):
                return heading
        return ""

    def block(self, card: str) -> str:
        """A card's line, and those beneath it."""
        lines = iter(self.board().splitlines())
        head = next(line for line in lines if line.startswith("- ") and line.endswith(f"^{card}"))
        return "\n".join([head, *map(str.strip, takewhile(lambda line: line[:1] == " ", lines))])
