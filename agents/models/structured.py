"""Answers as values: asked for as JSON, checked by a pydantic model, repaired a few times at most.

Whatever the provider promises about its structured outputs, the answer is checked here again.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from crewboard.agents.models.contract import ModelReply, ModelRequest, Turn
from crewboard.agents.models.prompts import render
from crewboard.errors import ReplyInvalid, UsageError

_FENCED = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
_MOST_FAULTS = 10
_LONGEST_REASON = 2000
_LONGEST_ANSWER = 200_000  # characters; no plan is longer, and a flood is

Value = TypeVar("Value", bound=BaseModel)


def ask_structured(
    ask: Callable[[ModelRequest], ModelReply],
    request: ModelRequest,
    schema_model: type[Value],
    check: Callable[[Value], object] = lambda _: None,
    repairs: int = 2,
) -> Value:
    """The answer to `request` as a `schema_model` that `check` raises no UsageError for.

    A wrong answer is shown to the model again with what is wrong with it, `repairs` times at most.
    Every repair is another request, so a journal behind `ask` gives it a key and a reservation of
    its own. ReplyInvalid at the end, with the last answer in its `text` fact.
    """
    if request.schema is None:
        request = replace(request, schema=_schema(schema_model))
    provider, reason, text = "the model", "", ""
    for _ in range(repairs + 1):
        try:
            reply = ask(request)
            provider, text = reply.model, reply.text[:_LONGEST_ANSWER]
            value = read_value(reply, schema_model)
            check(value)
            return value  # noqa: TRY300 - one way out
        except (Unusable, UsageError) as fault:
            reason = str(fault)
            said = [Turn("assistant", text)]
        except ReplyInvalid as error:  # no answer to show: a broken body, or an empty one
            provider, reason = str(error.facts.get("provider")), str(error.facts.get("reason"))
            said, text = [], ""
        repair = Turn("user", render("repair", reason=reason))
        request = replace(request, turns=(*request.turns, *said, repair))
    raise ReplyInvalid(provider=provider, tries=repairs + 1, reason=reason, text=text)


@lru_cache(maxsize=64)
def _schema(schema_model: type[BaseModel]) -> dict[str, Any]:
    return schema_model.model_json_schema()


class Unusable(ValueError):
    """An answer that does not read as the value asked for; its text says why."""


def read_value(reply: ModelReply, schema_model: type[Value]) -> Value:
    """The value in an answer, which stands alone or in a code fence; Unusable if it is none."""
    if len(reply.text) > _LONGEST_ANSWER:
        raise Unusable(f"it is longer than {_LONGEST_ANSWER:,} characters")
    try:
        return schema_model.model_validate_json(json_text(reply.text))
    except ValidationError as error:
        cut = (
            "it was cut off at its length limit, so be shorter; "
            if reply.finish == "length"
            else ""
        )
        raise Unusable(cut + _faults(error)) from None


def json_text(text: str) -> str:
    """The JSON in `text`: what the only code fence holds, else all of it."""
    stripped = text.strip()
    if stripped.startswith(("{", "[")):
        return stripped
    fenced = _FENCED.findall(stripped)
    return str(fenced[0]) if len(fenced) == 1 else stripped


def _faults(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [
        f"{'.'.join(str(step) for step in fault['loc']) or 'the answer'}: {fault['msg']}"
        for fault in faults[:_MOST_FAULTS]
    ]
    more = len(faults) - _MOST_FAULTS
    return "; ".join(lines + ([f"and {more} more"] if more > 0 else []))[:_LONGEST_REASON]
