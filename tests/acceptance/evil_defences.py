"""The defences of a crew, how each is switched off, and the attack that then succeeds.

A row with several switches is a defence in layers: any one of them is enough to stop its attack.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import ANY

import pytest
from acceptance import evil_attacks as attacks
from acceptance.evil_scene import Scene
from pydantic import Field

from crewboard import redact
from crewboard.agents import bench, draft, lead, preflight, qa, roles, work
from crewboard.agents.models import structured
from crewboard.agents.office import Office
from crewboard.coordination import budget, decisions, gates, grants, tasks, verdicts
from crewboard.coordination.bus import ingress
from crewboard.coordination.effects import Journal
from crewboard.coordination.grants import Grant
from crewboard.coordination.policy import Rulebook
from crewboard.coordination.tasks import Task
from crewboard.memory import inert
from crewboard.tools.files.beneath import Beneath

Switch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Defence:
    """`harm` is what `attack` does once every one of `off` was used."""

    name: str
    attack: Callable[[Scene], None]
    harm: str
    off: tuple[Switch, ...]


class LooseStep(draft.DraftStep):
    """A step whose name may be anything."""

    name: str


class LoosePlan(draft.PlanDraft):
    steps: list[LooseStep] = Field(default_factory=list)  # type: ignore[assignment]


class EndlessPlan(draft.PlanDraft):
    steps: list[draft.DraftStep] = Field(default_factory=list)


def instead(function: Any, other: Callable[..., Any]) -> Switch:
    """Give a function another body, wherever its name has been imported to. The names that the body
    uses are looked up where the function stands."""

    def switch(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(function, "__code__", other.__code__)

    return switch


def put(where: Any, name: str, value: Any) -> Switch:
    return lambda patch: patch.setattr(where, name, value)


def nothing(*_: object, **__: object) -> None: ...


def always(*_: object, **__: object) -> bool:
    return True


def never(*_: object, **__: object) -> bool:
    return False


def _found(tx: Any, action: str, used_by: str) -> Grant:
    return Grant("none.1", action, 10**9, used_by)


def _any_task(tx: Any, task_id: str, sender: str) -> Task:
    return tasks.get(tx, task_id)


def _any_parent(tx: Any, envelope: Any) -> Task:
    return tasks.get(tx, envelope.parent)


def _answer(self: Rulebook, tx: Any, decision_id: str, given: Any) -> Any:
    return decisions.answer(tx, decision_id, given)


def _unbounded(office: Office, task: Task) -> Journal:
    return Journal(office.ledger, office.rulebook, task, task.role)


def _same(text: str, *_: object) -> str:
    return text


def _drafted(plan: draft.PlanDraft, _: Task) -> draft.PlanDraft:
    return plan


def _thinks(office: Office, task: Task) -> bool:
    return task.attempts < 1


DEFENCES = (
    Defence("an agent answers no decision", attacks.answer_as_agent, "answered",
            (instead(decisions.refuse_agent, nothing),)),
    Defence("rules speak only when asked", attacks.answer_as_a_rule, "answered",
            (put(Rulebook, "answer", _answer),)),
    Defence("a maker does not sign", attacks.sign_own_work, "signed",
            (instead(verdicts.refuse_maker, nothing),)),
    Defence("only a role that may sign signs", attacks.review_by_whoever, "signed",
            (instead(qa.refuse_unsigned, nothing),)),
    Defence("a role has its own tools", attacks.use_a_foreign_tool, "foreign",
            (instead(roles.permit, nothing),)),
    Defence("a step's name is a plain word", attacks.write_outside, "touched",
            (put(lead, "PlanDraft", LoosePlan),)),
    Defence("inputs lie beneath the workspace", attacks.read_outside, "read",
            (put(Beneath, "_readable", always),)),
    Defence("the crew's state is no input", attacks.read_the_crews_state, "read",
            (put(Beneath, "_readable", Beneath._inside),)),
    Defence("what spends is approved", attacks.spend_unapproved, "spent",
            (instead(preflight._check_approved, nothing), put(grants, "consume", _found))),
    Defence("a call that spends needs a grant", attacks.spend_in_disguise, "spent",
            (put(grants, "consume", _found),)),
    Defence("what was approved is what is done", attacks.spend_other_than_approved, "spent",
            (instead(work.may_rework, _thinks), instead(preflight._check_approved, nothing))),
    Defence("a grant is used once", attacks.spend_a_grant_twice, "spent",
            (put(grants, "consume", _found),)),
    Defence("thinking stays within the goal's budget", attacks.think_dearly, "spent",
            (instead(budget.reserve, nothing),)),
    Defence("a peer's goal has the workspace's budget", attacks.think_for_a_peer, "spent",
            (put(Office, "journal", _unbounded),)),
    Defence("a gate holds", attacks.train_before_the_decision, "trained",
            (instead(gates.check, nothing),)),
    Defence("a training without a question is asked about", attacks.train_without_asking, "trained",
            (instead(preflight.needs_approval, never),)),
    Defence("training data is judged", attacks.train_on_unjudged_rows, "trained",
            (instead(preflight._check_judged, nothing),)),
    Defence("a human names what is fetched", attacks.fetch_a_base, "trained",
            (instead(preflight._check_named, nothing),)),
    Defence("the pipeline that a human named is used", attacks.ignore_the_pipeline, "strayed",
            (instead(draft.as_asked, _drafted),)),
    Defence("an artifact is what was registered", attacks.swap_the_data, "swapped",
            (instead(preflight._check_registered, nothing),)),
    Defence("a source is what was named", attacks.swap_the_source, "swapped",
            (put(bench, "sha256_file", lambda _: ANY),)),
    Defence("a sender sees its own tasks", attacks.start_anothers_step, "early",
            (instead(ingress.visible, _any_task),)),
    Defence("nobody works below another's goal", attacks.burrow, "intruded",
            (instead(ingress._parent, _any_parent),)),
    Defence("a plan has so many steps", attacks.plan_a_flood, "flooded",
            (put(lead, "PlanDraft", EndlessPlan),)),
    Defence("an answer has so many characters", attacks.answer_a_flood, "flooded",
            (put(structured, "_LONGEST_ANSWER", 10**9),)),
    Defence("text is no Markdown", attacks.forge_the_board, "forged",
            (instead(inert.inert, _same),)),
    Defence("text is one line", attacks.forge_the_board, "forged",
            (instead(inert.plain, _same),)),
    Defence("secrets are masked", attacks.leak, "leaked",
            (instead(redact._masked, _same),)),
)  # fmt: skip

LAYERED = tuple(each for each in DEFENCES if len(each.off) > 1)
