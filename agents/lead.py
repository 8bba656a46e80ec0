"""The lead: it plans a goal, hands out what is ready, has it reviewed, plans again, and closes.

understand ─> plan ─> approve ─┬─> dispatch ─> review ─┬─> rest ─> dispatch
                (hold) ─^  ^   │                        ├─> close ─> (end)
                           │   └─> close                │
                           └───────── replan <──────────┘
"""

from collections.abc import Callable
from typing import Any

from crewboard.agents.draft import PlanDraft, Understanding, as_asked, build
from crewboard.agents.foresight import most
from crewboard.agents.graphs import END, Memory, Node, assemble, pause
from crewboard.agents.handout import Handout
from crewboard.agents.office import Office
from crewboard.agents.preflight import needs_approval
from crewboard.agents.thinking import Wanted, think
from crewboard.canonical import canonical_json, digest
from crewboard.coordination import artifacts, tasks
from crewboard.coordination.budget import usd
from crewboard.coordination.decisions import DENY, Option, Question
from crewboard.coordination.effects import action_digest
from crewboard.coordination.grants import Permission
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.steering import giving
from crewboard.coordination.steering.noted import noted
from crewboard.coordination.tasks import BLOCKED, Change, NewTask, Reason, State, Task
from crewboard.pipelines import PIPELINES, Plan, find

APPROVE = "approve"
_SHOWN = 200  # characters of a call's arguments in a question


class Lead:
    """The nodes; `build` ties them together."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.handout = Handout(office)

    def build(self, checkpoints: Any) -> Any:
        nodes: dict[str, Node] = {
            "understand": self.understand,
            "plan": self.plan,
            "approve": self.approve,
            "hold": pause(State.AUTH_REQUIRED, "decision:plan"),
            "dispatch": self.dispatch,
            "review": self.review,
            "rest": pause(State.WORKING, "children"),
            "replan": self.replan,
            "close": self.close,
        }
        arrows: dict[str, str | list[str]] = {
            "understand": "plan",
            "plan": "approve",
            "approve": ["dispatch", "hold", "close"],
            "hold": "approve",
            "dispatch": "review",
            "review": ["rest", "replan", "close"],
            "rest": "dispatch",
            "replan": ["approve", "close"],
            "close": END,
        }
        return assemble(nodes, arrows, checkpoints)

    def understand(self, memory: Memory) -> Memory:
        """Ask once what is wanted. The answer is in the journal, where `plan` finds it again."""
        goal = self.office.task(memory["task"])
        if pipeline := goal.spec.get("pipeline"):
            find(pipeline)  # a name that leads nowhere is told before any model is paid
        if not goal.spec.get("sources"):
            self._take_files(goal)
        self._understood(self.office.task(goal.id))
        return {"revision": 1}

    def plan(self, memory: Memory) -> Memory:
        goal = self.office.task(memory["task"])
        facts = {**self._facts(goal), "understood": self._understood(goal).model_dump()}
        draft = think(self.office, goal, "lead/plan", facts, Wanted(PlanDraft, self._builder(goal)))
        self._write_plan(goal, draft, memory["revision"])
        return {}

    def approve(self, memory: Memory) -> Memory:
        """A plan that spends or deletes needs a human's word on exactly what it does."""
        goal, revision = self.office.task(memory["task"]), memory["revision"]
        with self.office.ledger.write() as tx:
            question = self._question(goal, _steps(tx, goal, revision))
            if question is None:
                return {"go": "dispatch"}
            decision = self.office.rulebook.ask(tx, question)
            if decision.waiting:
                return {"go": "hold"}
            if decision.choice == DENY:
                for step in _steps(tx, goal, revision):
                    tasks.cancel(tx, step, goal.role, f"{decision.decided_by} rejected the plan")
                return {"go": "close"}
        return {"go": "dispatch"}

    def dispatch(self, memory: Memory) -> Memory:
        """Hand out every step whose needs are met: those that do not need each other run at once."""
        goal = self.office.task(memory["task"])
        with self.office.ledger.write() as tx:
            steps = _steps(tx, goal, memory["revision"])
            done = {step.step for step in steps if step.state is State.COMPLETED}
            for step in steps:
                if set(step.spec["needs"]) <= done:
                    self.handout.hand_out(tx, goal, step)
        return {}

    def review(self, memory: Memory) -> Memory:
        """Ask QA about what was submitted; see whether the plan is through, stuck, or still at work."""
        goal = self.office.task(memory["task"])
        with self.office.ledger.write() as tx:
            steps = _steps(tx, goal, memory["revision"])
            for step in steps:
                if step.waits == "review":
                    self.handout.ask_qa(tx, goal, step)
            ready = self._ready(steps)
        if all(step.ended for step in steps):
            failed = [step for step in steps if step.state in BLOCKED]
            return {"go": "replan" if failed else "close"}
        if any(step.state in BLOCKED for step in steps) and not ready and not _at_work(steps):
            return {"go": "replan"}
        return {"go": "rest"}  # whatever makes another step ready wakes the goal

    def replan(self, memory: Memory) -> Memory:
        """Ask for another way, a bounded number of times."""
        goal, revision = self.office.task(memory["task"]), memory["revision"]
        with self.office.ledger.read() as tx:
            failed = [s for s in _steps(tx, goal, revision) if s.state in BLOCKED]
            notes = noted(tx, goal.id)
        if revision > self.office.settings.limits.replans:
            return {"go": "close"}
        told = [{"title": s.title, "reason": vars(s.reason) if s.reason else {}} for s in failed]
        facts = {**self._facts(goal), "failed": told, "revision": revision, "people_wrote": notes}
        draft = think(
            self.office, goal, "lead/replan", facts, Wanted(PlanDraft, self._builder(goal))
        )
        if draft.give_up is not None:
            return {"go": "close"}
        with self.office.ledger.write() as tx:
            for step in _steps(tx, goal, revision):
                tasks.cancel(tx, step, goal.role, "planned anew")
        self._write_plan(goal, draft, revision + 1)
        return {"revision": revision + 1, "go": "approve"}

    def close(self, memory: Memory) -> Memory:
        """End the goal as its plan ended, naming the artifacts that prove it."""
        goal = self.office.task(memory["task"])
        with self.office.ledger.write() as tx:
            steps = _steps(tx, goal, memory["revision"])
            failed = [step for step in steps if step.state is not State.COMPLETED]
            if failed:
                tasks.cancel_rest(tx, steps, goal.role)
                tasks.block(tx, goal, goal.role, _why(failed))
                return {}
            made = [{"name": a.name, "sha256": a.sha256, "path": a.path}
                    for a in artifacts.of_goal(tx, goal.id)]  # fmt: skip
            tasks.move(tx, goal, goal.role, Change(State.COMPLETED, told={"artifacts": made}))
        return {}

    def _take_files(self, goal: Task) -> None:
        """The files that a card named and that could not be had when it was read. A UsageError tells why
        they still cannot."""
        if names := tuple(goal.spec.get("files", ())):
            found = giving.sources(names, self.office.workspace.root)
            with self.office.ledger.write() as tx:
                giving.supply(tx, goal, goal.role, found)

    def _understood(self, goal: Task) -> Understanding:
        return think(self.office, goal, "lead/understand", self._facts(goal), Wanted(Understanding))

    def _facts(self, goal: Task) -> dict[str, Any]:
        """What the planner may know: names, schemas, sizes. Never a row."""
        return {
            "goal": goal.spec["text"],
            "pipeline": goal.spec.get("pipeline"),
            "parameters": goal.spec.get("parameters", {}),
            "sources": sorted(goal.spec.get("sources", {})),
            "pipelines": {
                p.name: {
                    "summary": p.summary,
                    "words": sorted(p.words),
                    "parameters": p.parameters.model_json_schema()["properties"],
                }
                for p in PIPELINES.values()
            },
            "tools": {
                t.name: {"summary": t.summary, "produces": dict(t.produces),
                         "arguments": t.arguments.model_json_schema()}
                for t in self.office.registry.values()
            },
            "roles": {r.name: r.summary for r in self.office.roles.values() if r.graph == "executor"},
        }  # fmt: skip

    def _builder(self, goal: Task) -> Callable[[PlanDraft], Plan | None]:
        def made(draft: PlanDraft) -> Plan | None:
            if draft.give_up is not None:
                return None
            sources = goal.spec.get("sources", {})
            return build(as_asked(draft, goal), sources, self.office.registry, self.office.roles)

        return made

    def _write_plan(self, goal: Task, draft: PlanDraft, revision: int) -> None:
        """All steps at once, as tasks that wait to be handed out; a plan is written once."""
        plan = self._builder(goal)(draft)
        if plan is None:
            return
        with self.office.ledger.write() as tx:
            if _steps(tx, goal, revision):
                return
            for position, step in enumerate(plan.steps, start=1):
                tasks.create(tx, NewTask(
                    kind="question" if step.ask else "work",
                    role=step.role,
                    sender=goal.role,
                    title=step.title,
                    spec=step.spec(),
                    goal=goal.id,
                    parent=goal.id,
                    context=goal.context,
                    revision=revision,
                    step=step.name,
                    position=position,
                    waits="plan",
                ))  # fmt: skip
            tx.event(
                "plan.made", goal.role, goal.id, goal.id, revision=revision, summary=plan.summary,
                steps=[step.name for step in plan.steps], assumed=draft.assumed,
                pipeline=draft.pipeline, parameters=draft.parameters,
            )  # fmt: skip

    def _question(self, goal: Task, steps: list[Task]) -> Question | None:
        asked = []
        for step in steps:
            tool = self.office.registry[step.spec["tool"]] if step.spec.get("tool") else None
            if tool is not None and needs_approval(tool, step.spec):
                asked.append((step, most(tool, step.spec["arguments"])))
        if not asked:
            return None
        total = sum(cost for _, cost in asked)
        names = ", ".join(f"{_exactly(step)} ({usd(cost)} USD)" for step, cost in asked)
        return Question(
            kind="plan",
            goal=goal.id,
            task=goal.id,
            text=f"The plan spends, deletes or trains: {names}. Go on?",
            options=(Option(APPROVE, f"do exactly this, for at most {usd(total)} USD", total),),
            action={"plan": digest([step.spec for step in steps])},
            asked_by=goal.role,
            owner=self.office.rulebook.owner,
            grants=tuple(Permission(action_digest(step), cost) for step, cost in asked),
            decides=f"whether the plan of «{goal.title}» starts as it is",
        )

    def _ready(self, steps: list[Task]) -> bool:
        done = {step.step for step in steps if step.state is State.COMPLETED}
        return any(step.waits == "plan" and set(step.spec["needs"]) <= done for step in steps)


def _steps(tx: Transaction, goal: Task, revision: int) -> list[Task]:
    found = tasks.of_goal(tx, goal.id)
    return [t for t in found if t.revision == revision and t.parent == goal.id and t.step]


def _exactly(step: Task) -> str:
    """A step by what it will do, not by the title that a model gave it."""
    told = canonical_json(step.spec["arguments"])
    cut = told if len(told) <= _SHOWN else f"{told[:_SHOWN]}… ({len(told):,} characters)"
    return f"{step.step}: {step.spec['tool']} {cut}"


def _at_work(steps: list[Task]) -> bool:
    """Whether a step may still move by itself or by a human's answer."""
    return any(not step.ended and step.waits != "plan" for step in steps)


def _why(failed: list[Task]) -> Reason:
    first = next((step for step in failed if step.reason is not None), failed[0])
    known = first.reason
    return Reason(
        cause=f"«{first.title}» did not end well: {known.cause if known else first.state.lower()}",
        owner=known.owner if known else "human",
        tried=known.tried if known else "nothing more",
        needed=known.needed if known else "start the goal again",
    )
