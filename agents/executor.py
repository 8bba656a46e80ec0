"""The executor: it runs tools on the tasks of a plan, and roles of a user's own work the same way.

choose ─┬─> call ──> submit ─> rest ─> settle ─┬─> (end)
        └─> think <─> act ──┘     ^       │    └─> rework ─> call
                                  └───────┘  (no verdict yet)
"""

import json
from typing import Any

from pydantic import BaseModel, Field

from crewboard.agents.graphs import END, Memory, Node, assemble, pause
from crewboard.agents.office import Office
from crewboard.agents.roles import permit
from crewboard.agents.thinking import Wanted, think
from crewboard.agents.work import call_tool, may_rework
from crewboard.coordination import artifacts, tasks, verdicts
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.tasks import Change, Reason, State, Task
from crewboard.coordination.verdicts import Verdict
from crewboard.errors import NoModel, NotPermitted, SelfCheckFailed, ToolFailed, UsageError
from crewboard.pipelines.resolve import resolve
from crewboard.tools.contract import PURE, EffectCall
from crewboard.tools.contract.context import Performed


class Action(BaseModel):
    """What an agent that works for itself does next: one tool call, or nothing more."""

    tool: str | None = None
    arguments: dict[str, Any] = Field(default_factory=dict)
    done: bool = False
    summary: str = ""


class Rework(BaseModel):
    """Better arguments for a call that QA did not accept, or why there are none."""

    arguments: dict[str, Any] | None = None
    give_up: str | None = None


class Executor:
    """The nodes; `build` ties them together."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def build(self, checkpoints: Any) -> Any:
        nodes: dict[str, Node] = {
            "choose": self.choose,
            "call": self.call,
            "think": self.think,
            "act": self.act,
            "submit": self.submit,
            "rest": pause(State.INPUT_REQUIRED, "review"),
            "settle": self.settle,
            "rework": self.rework,
        }
        arrows: dict[str, str | list[str]] = {
            "choose": ["call", "think"],
            "think": ["act", "submit"],
            "act": "think",
            "call": "submit",
            "submit": "rest",
            "rest": "settle",
            "settle": ["rest", "rework", END],
            "rework": "call",
        }
        return assemble(nodes, arrows, checkpoints)

    def choose(self, memory: Memory) -> Memory:
        task = self._task(memory)
        return {"go": "call" if task.spec.get("tool") else "think", "count": 0}

    def call(self, memory: Memory) -> Memory:
        """The one tool call of the task; after a rework with the arguments that it gave."""
        task = self._task(memory)
        call_tool(
            self.office, task, task.spec["tool"], self._arguments(task), f"run {task.attempts}"
        )
        return {}

    def think(self, memory: Memory) -> Memory:
        """Ask for the next action. What was done so far comes from the journal."""
        task, done = self._task(memory), memory["count"]
        if done >= self.office.settings.limits.steps:
            raise SelfCheckFailed(tool=task.role, reason=f"it was not done after {done} steps")
        action = self._action(task, done)
        return {"go": "submit" if action.done or action.tool is None else "act"}

    def act(self, memory: Memory) -> Memory:
        """Carry out the action: the same question has the same answer, so it is just asked again. A
        call that is wrong is told to the agent, who may make a better one."""
        task, done = self._task(memory), memory["count"]
        action = self._action(task, done)
        try:
            call_tool(self.office, task, action.tool or "", action.arguments, f"act {done}")
        except (UsageError, ToolFailed) as error:
            told = Performed({"summary": str(error)})
            call = EffectCall(f"act {done} failed", action.tool or "", PURE, action.arguments)
            self.office.journal(task).perform(call, lambda _: told)
        return {"count": done + 1}

    def submit(self, memory: Memory) -> Memory:
        """The self-check: something was made, and it is registered. Its bytes are QA's to judge."""
        task = self._task(memory)
        with self.office.ledger.read() as tx:
            made = artifacts.of_task(tx, task.id)
        if not made:
            raise SelfCheckFailed(tool=task.role, reason="nothing was made")
        return {}

    def settle(self, memory: Memory) -> Memory:
        """Look for QA's verdict on what stands registered now."""
        task = self._task(memory)
        with self.office.ledger.write() as tx:
            found = judged(tx, task)
            if found is None:
                return {"go": "rest"}
            if found.accepts:
                tasks.move(
                    tx, task, task.role, Change(State.COMPLETED, told={"verdict": found.judgement})
                )
                return {"go": END}
            if may_rework(self.office, task):
                return {"go": "rework"}
            tasks.block(tx, task, task.role, _rejected(found, task))
        return {"go": END}

    def rework(self, memory: Memory) -> Memory:
        task = self._task(memory)
        with self.office.ledger.read() as tx:
            found = judged(tx, task)
            given = resolve(tx, task, task.spec["arguments"])
        facts = {
            "title": task.title,
            "tool": task.spec["tool"],
            "arguments": given,
            "findings": found.findings if found else [],
            "schema": self.office.registry[task.spec["tool"]].arguments.model_json_schema(),
        }
        better = think(self.office, task, "executor/rework", facts, Wanted(Rework))
        with self.office.ledger.write() as tx:
            if better.arguments is None:
                raise SelfCheckFailed(
                    tool=task.spec["tool"], reason=better.give_up or "no better call"
                )
            tx.change("rework_task", id=task.id, was=task.attempts, at=tx.at)
            tx.event(
                "task.reworked", task.role, task.goal, task.id,
                attempt=task.attempts + 1, arguments=better.arguments,
            )  # fmt: skip
        return {}

    def _task(self, memory: Memory) -> Task:
        return self.office.task(memory["task"])

    def _arguments(self, task: Task) -> dict[str, Any]:
        with self.office.ledger.read() as tx:
            reworked = [
                e for e in tx.run("events_of_task", task=task.id) if e["kind"] == "task.reworked"
            ]
            given: dict[str, Any] = resolve(tx, task, task.spec["arguments"])
        if reworked:
            given = {**given, **json.loads(reworked[-1]["data"])["arguments"]}
        return given

    def _action(self, task: Task, done: int) -> Action:
        role = self.office.role(task.role)
        names = sorted(self.office.registry) if role.tools is None else sorted(role.tools)
        with self.office.ledger.read() as tx:
            results = [
                {"tool": row["tool"], "result": _shown(row["result"])}
                for row in tx.run("effects_of_task", task=task.id)
                if row["state"] == "done" and row["step"].startswith("act ")
            ][:done]
        facts = {
            "instruction": task.spec.get("instruction") or task.spec.get("text", ""),
            "step": done,
            "tools": {name: _described(self.office, name) for name in names},
            "results": results,
        }

        def permitted(action: Action) -> None:
            if action.tool is not None and not action.done:
                try:
                    permit(role, action.tool)
                except NotPermitted as error:
                    raise UsageError(detail=error) from error
                self.office.registry[action.tool].parse(action.arguments)

        try:
            return think(self.office, task, "executor/act", facts, Wanted(Action, permitted))
        except NoModel:
            raise NoModel(what=task.title) from None


def judged(tx: Transaction, task: Task) -> Verdict | None:
    """The verdict on everything that a task made last: None while one is missing, the first that does
    not accept, else one that does."""
    made = artifacts.of_task(tx, task.id)
    latest = {verdict.sha256: verdict for verdict in verdicts.of_task(tx, task.id)}
    found = [latest.get(artifact.sha256) for artifact in made.values()]
    if not found or None in found:
        return None
    whole = [verdict for verdict in found if verdict is not None]
    return next((verdict for verdict in whole if not verdict.accepts), whole[0])


def _rejected(verdict: Verdict, task: Task) -> Reason:
    return Reason(
        cause="QA did not accept it: " + "; ".join(verdict.findings),
        owner="lead",
        tried=f"{task.attempts + 1} run(s)",
        needed="another plan, or a human's waiver",
    )


def _described(office: Office, name: str) -> dict[str, Any]:
    tool = office.registry[name]
    return {"summary": tool.summary, "arguments": tool.arguments.model_json_schema()}


def _shown(result: str | None) -> Any:
    """What an agent is told of an earlier call: the tool's own words and names, no rows."""
    told = json.loads(result or "{}")
    made = {m["name"]: m["path"] for m in told.get("manifests", ())}
    return {"summary": told.get("summary"), "measured": told.get("measured"), "made": made}
