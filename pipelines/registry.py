"""Which pipelines there are, and how a goal's words lead to one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from crewboard.errors import ArgumentsInvalid, UnknownName
from crewboard.pipelines.cross_agent import CrossAgentWanted, cross_agent
from crewboard.pipelines.data import data
from crewboard.pipelines.plan import Plan
from crewboard.pipelines.sft import SftWanted, sft


@dataclass(frozen=True)
class Wanted:
    """What is asked of a pipeline: raw `sources` by path, and `parameters` by name."""

    sources: Sequence[str]
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Pipeline:
    """`words` are those that, in a goal, speak for it."""

    name: str
    summary: str
    parameters: type[BaseModel]
    build: Callable[[Sequence[str], Any], Plan]
    words: frozenset[str]

    def plan(self, wanted: Wanted) -> Plan:
        """The checked plan. ArgumentsInvalid names each wrong parameter."""
        if not wanted.sources:
            raise ArgumentsInvalid(tool=self.name, reason="it needs data: name it with --data FILE")
        try:
            parameters = self.parameters.model_validate(dict(wanted.parameters))
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(map(str, e['loc'])) or 'parameters'}: {e['msg']}"
                for e in error.errors()
            )
            raise ArgumentsInvalid(tool=self.name, reason=faults) from None
        return self.build(wanted.sources, parameters).check()


PIPELINES: Mapping[str, Pipeline] = {
    each.name: each
    for each in (
        Pipeline(
            "sft",
            "raw rows to chat, audit, decision, clean, split, LoRA, evaluation, report",
            SftWanted,
            sft,
            frozenset({"fine-tune", "finetune", "fine", "tune", "train", "lora", "sft", "model"}),
        ),
        Pipeline(
            "data",
            "raw rows to clean, split chat rows, without training",
            SftWanted,
            data,
            frozenset({"clean", "data", "dataset", "convert", "dedup", "split", "rows", "chat"}),
        ),
        Pipeline(
            "cross_agent",
            "a recipe and a matrix to generated rows, ADP, a filled-up set for each agent, audited",
            CrossAgentWanted,
            cross_agent,
            frozenset({"cross-agent", "cross", "agents", "generate", "expand", "recipe", "matrix"}),
        ),
    )
}


def find(name: str) -> Pipeline:
    if name not in PIPELINES:
        raise UnknownName(kind="pipeline", name=name, known=", ".join(PIPELINES))
    return PIPELINES[name]
