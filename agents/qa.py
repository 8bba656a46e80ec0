"""QA: it measures artifacts by their hash, compares with what was declared before, and signs.

audit ─> judge ─┬─> sign ─> (end)
                └─> ask ─> rest ─> judge
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from crewboard.agents.graphs import END, Memory, Node, assemble, pause
from crewboard.agents.office import Office
from crewboard.agents.roles import Role
from crewboard.agents.work import may_rework
from crewboard.coordination import artifacts, decisions, tasks, verdicts
from crewboard.coordination.artifacts import Artifact
from crewboard.coordination.decisions import Decision, Option, Question
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.tasks import Change, State, Task
from crewboard.coordination.verdicts import ACCEPT, REWORK, WAIVED, Judgement
from crewboard.errors import NotPermitted
from crewboard.pipelines.resolve import resolve
from crewboard.tools.contract import PURE, EffectCall
from crewboard.tools.contract.context import Performed
from crewboard.tools.contract.manifest import tree_sha256

WAIVE, STOP = "waive", "stop"


class QA:
    """The nodes; `build` ties them together."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def build(self, checkpoints: Any) -> Any:
        nodes: dict[str, Node] = {
            "audit": self.audit,
            "judge": self.judge,
            "ask": self.ask,
            "rest": pause(State.INPUT_REQUIRED, "decision:waiver"),
            "sign": self.sign,
        }
        arrows: dict[str, str | list[str]] = {
            "audit": "judge",
            "judge": ["sign", "ask"],
            "ask": ["sign", "rest"],
            "rest": "ask",
            "sign": END,
        }
        return assemble(nodes, arrows, checkpoints)

    def audit(self, memory: Memory) -> Memory:
        """Measure every artifact under review, each once."""
        review, work = self._tasks(memory)
        for artifact in self._made(work, review):
            self._measure(review, artifact)
        return {}

    def judge(self, memory: Memory) -> Memory:
        """Accept what fits, give back what the maker may try to do better, ask about the rest."""
        review, work = self._tasks(memory)
        if not self._findings(review, work) or may_rework(self.office, work):
            return {"go": "sign"}
        return {"go": "ask"}

    def ask(self, memory: Memory) -> Memory:
        review, work = self._tasks(memory)
        findings = self._findings(review, work)
        with self.office.ledger.write() as tx:
            decision = self.office.rulebook.ask(tx, self._question(review, work, findings))
        return {"go": "rest" if decision.waiting else "sign"}

    def sign(self, memory: Memory) -> Memory:
        """Sign one verdict for each artifact and end the review."""
        review, work = self._tasks(memory)
        role = self.office.role(review.role)
        with self.office.ledger.write() as tx:
            refuse_unsigned(role)
            waiver = _answer(tx, review)
            for artifact in self._made(work, review, tx):
                measured = self._measure(review, artifact)
                findings = faults(artifact, measured, self._thresholds(tx, work, artifact))
                judged = Judgement(
                    sha256=artifact.sha256,
                    task=work.id,
                    review=review.id,
                    judgement=_judgement(findings, waiver),
                    measured=measured,
                    thresholds=self._thresholds(tx, work, artifact),
                    findings=[*findings, *_waived_by(findings, waiver)],
                )
                waived = waiver is not None and judged.judgement == WAIVED
                signer = str(waiver.decided_by) if waiver and waived else review.role
                verdicts.sign(tx, judged, signer, self.office.key)
            tasks.move(tx, review, review.role, Change(State.COMPLETED))
        return {}

    def _tasks(self, memory: Memory) -> tuple[Task, Task]:
        review = self.office.task(memory["task"])
        return review, self.office.task(str(review.parent))

    def _made(self, work: Task, review: Task, tx: Transaction | None = None) -> list[Artifact]:
        """What was under review when the review was asked for: by hash, whatever was made since."""
        asked = set(review.spec["artifacts"])
        if tx is not None:
            return [a for a in artifacts.of_task(tx, work.id).values() if a.sha256 in asked]
        with self.office.ledger.read() as view:
            return [a for a in artifacts.of_task(view, work.id).values() if a.sha256 in asked]

    def _measure(self, review: Task, artifact: Artifact) -> dict[str, Any]:
        call = EffectCall(
            step=f"measure {artifact.name}",
            tool="measure",
            effect=PURE,
            arguments={"sha256": artifact.sha256, "kind": artifact.kind, "name": artifact.name},
        )
        told: dict[str, Any] = self.office.journal(review).perform(
            call, lambda _: Performed(self._measured(artifact))
        )
        return told

    def _measured(self, artifact: Artifact) -> dict[str, Any]:
        """The bytes themselves, never the manifest's word. Unreadable bytes measure as such."""
        from crewboard.tools.measure import measure

        path = self.office.workspace.root / artifact.path
        if not path.exists():
            return {"exists": 0.0}
        if tree_sha256(path) != artifact.sha256:
            return {"exists": 1.0, "same_bytes": 0.0}
        found = measure(artifact.kind, path)
        finite = {name: value if isfinite(value) else None for name, value in found.items()}
        return {"exists": 1.0, "same_bytes": 1.0, **finite}

    def _findings(self, review: Task, work: Task) -> list[str]:
        with self.office.ledger.read() as tx:
            bounds = {a.name: self._thresholds(tx, work, a) for a in self._made(work, review, tx)}
        return [
            fault
            for artifact in self._made(work, review)
            for fault in faults(artifact, self._measure(review, artifact), bounds[artifact.name])
        ]

    def _thresholds(self, tx: Transaction, work: Task, artifact: Artifact) -> dict[str, Any]:
        declared = resolve(tx, work, work.spec.get("accept", {}))
        always = {"exists": {"min": 1}, "same_bytes": {"min": 1}}
        return {**always, **declared.get(artifact.name, {})}

    def _question(self, review: Task, work: Task, findings: list[str]) -> Question:
        return Question(
            kind="waiver",
            goal=review.goal,
            task=review.id,
            text=f"QA cannot accept «{work.title}»: {'; '.join(findings)}. Waive that?",
            options=(
                Option(WAIVE, "go on with it as it is; the waiver stands in the verdict"),
                Option(STOP, "do not use it; the task is blocked"),
            ),
            action={"waive": sorted(review.spec["artifacts"]), "findings": findings},
            asked_by=review.role,
            owner=self.office.rulebook.owner,
            evidence=[a.path for a in self._made(work, review)],
            decides=f"whether what «{work.title}» made may be used",
        )


def faults(
    artifact: Artifact, measured: Mapping[str, Any], thresholds: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Measured against declared, in words. What was declared and cannot be measured is a fault."""
    found = []
    for name, bound in sorted(thresholds.items()):
        value = measured.get(name)
        if value is None:
            found.append(f"{artifact.name}.{name} could not be measured")
        elif bound.get("min") is not None and value < bound["min"]:
            found.append(
                f"{artifact.name}.{name} is {value:g}, at least {bound.get('min')} was declared"
            )
        elif bound.get("max") is not None and value > bound["max"]:
            found.append(
                f"{artifact.name}.{name} is {value:g}, at most {bound['max']} was declared"
            )
    return found


def refuse_unsigned(role: Role) -> None:
    if not role.may_sign:
        raise NotPermitted(agent=role.name, what="sign a verdict", reason="its role may not sign")


def _answer(tx: Transaction, review: Task) -> Decision | None:
    found = [d for d in decisions.everything(tx) if d.task == review.id and d.choice]
    return found[-1] if found else None


def _judgement(findings: list[str], waiver: Decision | None) -> str:
    if not findings:
        return ACCEPT
    return WAIVED if waiver is not None and waiver.choice == WAIVE else REWORK


def _waived_by(findings: list[str], waiver: Decision | None) -> list[str]:
    if not findings or waiver is None:
        return []
    return [
        f"{waiver.decided_by} chose {waiver.choice} ({waiver.id}): {waiver.note or 'no reason given'}"
    ]
