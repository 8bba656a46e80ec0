"""A plan as a model drafts it, and the way from there to one that the crew can carry out."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field, FiniteFloat

from crewboard.agents.foresight import foresee
from crewboard.agents.roles import Role, find_role, permit
from crewboard.coordination.tasks import Task
from crewboard.errors import NotPermitted, PlanInvalid
from crewboard.pipelines import Plan, Step, Wanted, find
from crewboard.pipelines.plan import references
from crewboard.tools.contract import Registry

_MOST_STEPS = 50
_LONGEST_TITLE, _LONGEST_TEXT = 200, 4000


class Understanding(BaseModel):
    """What the lead makes of a goal."""

    summary: str
    pipeline: str | None = None
    not_understood: list[str] = Field(default_factory=list)


class DraftStep(BaseModel):
    """One step of a plan of the model's own."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    title: str = Field(max_length=_LONGEST_TITLE)
    tool: str | None = None
    instruction: str | None = Field(default=None, max_length=_LONGEST_TEXT)
    arguments: dict[str, Any] = Field(default_factory=dict)
    needs: list[str] = Field(default_factory=list)
    role: str = "executor"
    accept: dict[str, dict[str, dict[str, FiniteFloat]]] = Field(default_factory=dict)


class PlanDraft(BaseModel):
    """A pipeline with parameters, or steps; or, when planning again, why there is no other way."""

    pipeline: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    steps: list[DraftStep] = Field(default_factory=list, max_length=_MOST_STEPS)
    assumed: list[str] = Field(default_factory=list)
    give_up: str | None = None


def build(
    draft: PlanDraft, sources: Mapping[str, str], registry: Registry, roles: Mapping[str, Role]
) -> Plan:
    """The plan that a draft means. A UsageError tells the first thing that is wrong with it."""
    if draft.pipeline is not None:
        return find(draft.pipeline).plan(Wanted(list(sources), draft.parameters))
    plan = Plan(
        f"{len(draft.steps)} steps of the lead's own", tuple(map(_step, draft.steps))
    ).check()
    for step in plan.steps:
        _check(step, registry, roles)
    return plan


def as_asked(draft: PlanDraft, goal: Task) -> PlanDraft:
    """The draft with what the human set for the pipeline; PlanInvalid for another than they named."""
    asked = goal.spec.get("pipeline")
    if asked is not None and draft.pipeline != asked:
        raise PlanInvalid(reason=f"the goal asks for the pipeline {asked!r} and for no other plan")
    if draft.pipeline is None:
        return draft
    set_by_human = goal.spec.get("parameters", {})
    return draft.model_copy(update={"parameters": {**draft.parameters, **set_by_human}})


def _step(draft: DraftStep) -> Step:
    needs = {*draft.needs, *references(draft.arguments)}
    return Step(
        name=draft.name,
        title=draft.title,
        tool=draft.tool,
        instruction=None if draft.tool else draft.instruction or draft.title,
        arguments=draft.arguments,
        needs=tuple(sorted(needs)),
        role=draft.role,
        accept=draft.accept,
    )


def _check(step: Step, registry: Registry, roles: Mapping[str, Role]) -> None:
    role = find_role(roles, step.role)
    if role.graph != "executor":
        raise PlanInvalid(reason=f"{step.name} is given to {role.name}, who carries out no steps")
    if step.tool is None:
        return
    try:
        permit(role, step.tool)
    except NotPermitted as error:
        raise PlanInvalid(reason=f"{step.name}: {error}") from None
    foresee(registry[step.tool], step.arguments)
