"""How the lead passes work on: messages to executors and QA, questions to humans."""

from datetime import timedelta
from typing import Any

from crewboard.agents.office import Office
from crewboard.clock import stamp
from crewboard.coordination import artifacts, gates, tasks
from crewboard.coordination.bus.envelope import Envelope, message_id
from crewboard.coordination.bus.outbox import post
from crewboard.coordination.decisions import DENY, Decision, Option, Question
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.tasks import Change, Reason, State, Task
from crewboard.errors import GateClosed
from crewboard.pipelines.resolve import referred


class Handout:
    """Everything here is repeated safely: the same cause makes the same message and question."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def hand_out(self, tx: Transaction, goal: Task, step: Task) -> None:
        """Give a ready step to whoever does it. A step that its gate holds back is left waiting."""
        if step.kind == "question":
            self._put(tx, goal, step)
            return
        if step.waits != "plan":
            return
        try:
            gates.check(tx, step, self.office.key)
        except GateClosed as error:
            reason = Reason(str(error), "lead", "the gate was checked", "what the gate names")
            tasks.block(tx, step, goal.role, reason)
            return
        hours = self.office.settings.limits.task_hours
        ends = self.office.ledger.clock.now() + timedelta(hours=hours)
        tx.change("set_deadline", id=step.id, deadline=stamp(ends))
        text = step.spec.get("instruction") or step.title
        post(tx, Envelope(
            sender=goal.role,
            recipient=step.role,
            message_id=message_id("work", step.id),
            text=text,
            data={"kind": "work", "step": step.step, "tool": step.spec.get("tool")},
            task=step.id,
            context=step.context,
        ))  # fmt: skip

    def ask_qa(self, tx: Transaction, goal: Task, step: Task) -> None:
        """Have what a step made reviewed, by hash, unless exactly that is or was under review."""
        made = sorted(a.sha256 for a in artifacts.of_task(tx, step.id).values())
        if any(set(made) <= set(r.spec["artifacts"]) for r in tasks.children(tx, step.id)):
            return
        post(tx, Envelope(
            sender=goal.role,
            recipient="qa",
            message_id=message_id("review", step.id, *made),
            text=f"Review «{step.title}»",
            data={"kind": "review", "artifacts": made},
            parent=step.id,
        ))  # fmt: skip

    def _put(self, tx: Transaction, goal: Task, step: Task) -> None:
        """Ask the step's question, or take note of its answer."""
        if step.ended:
            return
        decision = self.office.rulebook.ask(tx, self._question(tx, goal, step))
        waits = f"decision:{decision.id}"
        if decision.waiting:
            tasks.move(tx, step, goal.role, Change(State.INPUT_REQUIRED, waits))
        elif decision.choice == DENY:
            tasks.move(tx, step, goal.role, Change(State.REJECTED, reason=_denied(decision)))
        else:
            told = {"decision": decision.id, "choice": decision.choice, "by": decision.decided_by}
            tasks.move(tx, step, goal.role, Change(State.COMPLETED, waits, told=told))

    def _question(self, tx: Transaction, goal: Task, step: Task) -> Question:
        """The question with its counts filled in, bound to the bytes that it is about."""
        ask: dict[str, Any] = step.spec["ask"]
        cited = referred(tx, step, ask["cites"]["$artifact"])
        counts = _Counts(cited.manifest["measured"].get("counts", {}))
        counts["rows"] = cited.manifest["measured"].get("rows", 0)
        return Question(
            kind=ask["kind"],
            goal=goal.id,
            task=step.id,
            text=ask["text"].format_map(counts),
            options=tuple(Option(**option) for option in ask["options"]),
            action={"step": step.step, "kind": ask["kind"], "evidence": cited.sha256},
            asked_by=goal.role,
            owner=self.office.rulebook.owner,
            evidence=(f"{cited.path} sha256:{cited.sha256[:8]}",),
            reversible=bool(ask.get("reversible")),
            decides=f"how «{goal.title}» goes on",
        )


class _Counts(dict[str, Any]):
    """What a rule did not count, it counted none of."""

    def __missing__(self, key: str) -> int:
        return 0


def _denied(decision: Decision) -> Reason:
    return Reason(
        cause=f"{decision.decided_by} rejected {decision.id}: {decision.note or 'no reason given'}",
        owner=decision.owner,
        tried="a decision was asked for",
        needed="another goal, or another plan",
    )
