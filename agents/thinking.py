"""Asking a model through the journal: every call is written down, paid once and played back for ever."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from pydantic import BaseModel, create_model, model_validator

from crewboard.agents.models.contract import Model, ModelReply, ModelRequest, Turn, Usage
from crewboard.agents.models.digests import request_digest
from crewboard.agents.models.rules import RulesModel
from crewboard.agents.models.structured import ask_structured
from crewboard.agents.office import Office
from crewboard.agents.prompts import prompt
from crewboard.coordination.tasks import Task
from crewboard.errors import EffectSkipped, UsageError
from crewboard.tools.contract import EffectCall
from crewboard.tools.contract.context import Performed

Value = TypeVar("Value", bound=BaseModel)


def think(
    office: Office,
    task: Task,
    purpose: str,
    facts: Mapping[str, Any],
    answer: type[Value],
) -> Value:
    """The answer of the task's model to a purpose (`lead/plan`), as a checked value.

    When a call's outcome was unknown and a human said to leave it, `rules` answers instead.
    """
    model = office.model(task)
    system, turn = prompt(purpose, facts, office.role(task.role).prompt)
    request = ModelRequest(purpose, system, (Turn("user", turn),), facts=facts)
    try:
        return ask_structured(lambda r: _ask(office, task, model, r), request, answer)
    except EffectSkipped:
        return ask_structured(lambda r: _ask(office, task, RulesModel(), r), request, answer)


def checked(answer: type[Value], check: Callable[[Value], object]) -> type[Value]:
    """`answer` with one more rule: what `check` raises as a UsageError is a fault of the answer, which
    the model is shown and may repair."""

    def _check(self: Value) -> Value:
        try:
            check(self)
        except UsageError as error:
            raise ValueError(str(error)) from None
        return self

    validator: Any = model_validator(mode="after")(_check)
    return create_model(answer.__name__, __base__=answer, __validators__={"check": validator})


def _ask(office: Office, task: Task, model: Model, request: ModelRequest) -> ModelReply:
    def act(key: str) -> Performed:
        reply = model.ask(request, key)
        return Performed(asdict(reply), reply.cost)

    def find(key: str) -> Performed | None:
        reply = model.find(request, key)
        return Performed(asdict(reply), reply.cost) if reply else None

    call = EffectCall(
        step=request.purpose,
        tool=f"model {model.name}",
        effect=model.effect,
        arguments={"request": request_digest(request)},
        estimate=model.estimate(request),
        provider=model.provider,
        lookup=find,
    )
    told = office.journal(task).perform(call, act, granted=False)
    return ModelReply(**{**told, "usage": Usage(**told["usage"])})
