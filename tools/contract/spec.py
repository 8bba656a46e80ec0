"""The tool itself: what is known about it before it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import get_annotations
from typing import Any, TypeVar

from pydantic import ValidationError

from crewboard.errors import ArgumentsInvalid
from crewboard.tools.contract.arguments import Arguments
from crewboard.tools.contract.context import ToolContext
from crewboard.tools.contract.effect import PURE, Effect
from crewboard.tools.contract.outcome import Outcome

A = TypeVar("A", bound=Arguments)
Run = Callable[[A, ToolContext], Outcome]


@dataclass(frozen=True)
class Tool:
    """One capability. `produces` maps the name of each artifact to its kind (`chat-jsonl`, ...).

    `preflight` raises what would make the run fail, before anything is spent; `estimate` is the most
    that a run may cost in millionths of a US dollar; `rehearse` says that a run on the first ten rows
    of its inputs is cheap and touches nothing, so that it is tried before the real one. `judged` are
    the inputs whose bytes must bear an accepting verdict, and `named` the arguments that make it reach
    out of the workspace, which only a human's word may fill; the crew holds a tool to both.
    """

    name: str
    summary: str
    arguments: type[Arguments]
    run: Callable[[Any, ToolContext], Outcome]
    produces: Mapping[str, str]
    effect: Effect = PURE
    version: str = "1"
    preflight: Callable[[Any, ToolContext], None] | None = None
    estimate: Callable[[Any], int] | None = None
    rehearse: bool = False
    judged: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.effect.spends and self.estimate is None:
            raise ValueError(f"{self.name} spends, so it must estimate")
        if self.rehearse and self.effect != PURE:
            raise ValueError(f"{self.name} acts outside, so it cannot be rehearsed")

    def parse(self, arguments: Mapping[str, Any]) -> Arguments:
        """The typed arguments; ArgumentsInvalid tells each fault by its field."""
        try:
            return self.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            faults = "; ".join(_told(each["loc"], each["msg"]) for each in error.errors())
            raise ArgumentsInvalid(tool=self.name, reason=faults) from None


def _told(where: tuple[int | str, ...], fault: str) -> str:
    """A fault by its field; one of them all together stands for itself."""
    said = fault.removeprefix("Value error, ")
    return f"{'.'.join(map(str, where))}: {said}" if where else said


def tool(
    name: str, summary: str, *, produces: Mapping[str, str], **more: Any
) -> Callable[[Run[A]], Tool]:
    """Make a tool of a function `(arguments, context) -> Outcome`; its first annotation is the
    arguments' type. `more` is whatever else `Tool` takes. ValueError for a paid tool that nobody
    can estimate, TypeError for a function whose arguments are untyped."""

    def make(run: Run[A]) -> Tool:
        arguments = next(iter(get_annotations(run, eval_str=True).values()), None)
        if not (isinstance(arguments, type) and issubclass(arguments, Arguments)):
            raise TypeError(f"the first parameter of {name} must be annotated with its Arguments")
        return Tool(name, summary, arguments, run, produces, **more)

    return make
