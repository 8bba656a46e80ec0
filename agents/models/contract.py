"""The one Protocol between an agent and whatever thinks for it.

A request carries its *facts* (plain JSON) beside the prompt that was rendered from them. Providers
with a language model read the prompt; `rules` reads the facts. Both answer in the same schema, so
an agent cannot tell which of them it asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from crewboard.tools.contract.effect import Effect
from crewboard.tools.providers.prices import Usage

__all__ = ["Model", "ModelReply", "ModelRequest", "Turn", "Usage"]


@dataclass(frozen=True)
class Turn:
    """One message of a conversation. Whatever stems from rows, pages or peers stands in a `user`
    turn and is quoted as data; `system` is the project's own text only."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class ModelRequest:
    """One call. `schema` is the answer's JSON Schema; `purpose` names the prompt (`lead/plan`)."""

    purpose: str
    system: str
    turns: tuple[Turn, ...]
    schema: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    max_tokens: int = 2048


@dataclass(frozen=True)
class ModelReply:
    """An answer: `text` as it came; `cost` in millionths of a US dollar."""

    text: str
    model: str
    usage: Usage = field(default_factory=Usage)
    cost: int = 0
    finish: str = "stop"


class Model(Protocol):
    """A provider and a model of it.

    Errors are those of `crewboard.errors`: Retryable ones are worth another try, unless
    `signals.outcome_unknown` says that the call may have been charged; the others are not. An error
    for an answer that was charged and is of no use carries what it cost as its `cost` fact.
    """

    name: str
    """`provider/model`, as --model takes it."""
    provider: str
    effect: Effect
    """How far a call may be repeated: keyed, lookup, at_most_once; `PURE` where it is free."""

    def estimate(self, request: ModelRequest) -> int:
        """The most that the call may cost, in millionths of a US dollar."""
        ...

    def ask(self, request: ModelRequest, key: str) -> ModelReply:
        """One HTTP request at most, under idempotency key `key`."""
        ...

    def find(self, request: ModelRequest, key: str) -> ModelReply | None:
        """What an earlier call under `key` answered; None if it was not made.

        For `lookup` effects; NotPermitted where nobody could tell.
        """
        ...
