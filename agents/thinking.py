"""Asking a model through the journal: every call is written down, paid once and played back for ever."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from crewboard.agents.models.contract import Model, ModelReply, ModelRequest, Turn, Usage
from crewboard.agents.models.digests import request_digest
from crewboard.agents.models.rules import NAME as RULES
from crewboard.agents.models.rules import RulesModel
from crewboard.agents.models.settings import ModelSettings
from crewboard.agents.models.structured import ask_structured, read_value
from crewboard.agents.office import Office
from crewboard.agents.prompts import prompt
from crewboard.coordination.tasks import Task
from crewboard.errors import EffectSkipped, ReplyInvalid, RequestRefused
from crewboard.tools.contract import EffectCall
from crewboard.tools.contract.context import Performed

Value = TypeVar("Value", bound=BaseModel)


@dataclass(frozen=True)
class Wanted(Generic[Value]):
    """The form of an answer, and one more rule for it: what `check` raises as a UsageError is a fault
    that the model is shown and may repair."""

    form: type[Value]
    check: Callable[[Value], object] = lambda _: None


def think(
    office: Office, task: Task, purpose: str, facts: Mapping[str, Any], wanted: Wanted[Value]
) -> Value:
    """The answer of the task's model to a purpose (`lead/plan`), as a checked value.

    When a call's outcome was unknown and a human said to leave it, `rules` answers instead.
    """
    model = office.model(task)
    system, turn = prompt(purpose, facts, office.role(task.role).prompt)
    request = ModelRequest(purpose, system, (Turn("user", turn),), facts=facts)

    def by_rules() -> Value:
        """What does not fit the first time never will: its fault is the goal's, and told as it is."""
        value = read_value(_ask(office, task, RulesModel(), request), wanted.form)
        wanted.check(value)
        return value

    if model.provider == RULES:
        return by_rules()
    try:
        return ask_structured(
            lambda each: _ask(office, task, model, each), request, wanted.form, wanted.check
        )
    except EffectSkipped:
        return by_rules()


def _ask(office: Office, task: Task, model: Model, request: ModelRequest) -> ModelReply:
    def act(key: str) -> Performed:
        try:
            return _performed(model.ask(request, key))
        except (ReplyInvalid, RequestRefused) as error:
            if not error.facts.get("cost"):
                raise
            return _useless(error)

    def find(key: str) -> Performed | None:
        reply = model.find(request, key)
        return _performed(reply) if reply else None

    call = EffectCall(
        step=request.purpose,
        tool=f"model {model.name}",
        effect=model.effect,
        arguments={"request": request_digest(request)},
        estimate=model.estimate(request),
        provider=model.provider,
        lookup=find,
        settles_s=float(office.settings.models.get("deadline_s", ModelSettings.deadline_s)),
    )
    told = office.journal(task).perform(call, act, granted=False)
    if "useless" in told:
        raise _USELESS[told["useless"]](**told["facts"])
    return ModelReply(**{**told, "usage": Usage(**told["usage"])})


def _performed(reply: ModelReply) -> Performed:
    return Performed({**vars(reply), "usage": vars(reply.usage)}, reply.cost)


_USELESS = {each.__name__: each for each in (ReplyInvalid, RequestRefused)}


def _useless(error: ReplyInvalid | RequestRefused) -> Performed:
    """An answer of no use that was charged: written down like any other, so that it is not paid again
    when the same question comes up again."""
    facts = {name: error.facts.get(name) for name in ("provider", "tries", "status", "reason")}
    return Performed(
        {"useless": type(error).__name__, "facts": facts}, int(str(error.facts["cost"]))
    )
