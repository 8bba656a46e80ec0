"""No model at all: a policy that picks the pipeline a goal names and fills in what the goal says.

It reads a request's facts and never its prompt. It cannot write, judge or invent; where thinking of
its own is asked for, it says so. What the goal leaves open it lists under `assumed`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from crewboard.agents.models.contract import ModelReply, ModelRequest
from crewboard.agents.models.settings import ModelSettings
from crewboard.errors import NoModel
from crewboard.tools.contract.effect import PURE

NAME = "rules"
_PATTERNS: tuple[tuple[str, str, Any], ...] = (
    (
        "test_share",
        r"(?:hold out|held[- ]out|test)\D{0,20}?(\d+(?:\.\d+)?) ?%",
        lambda n: float(n) / 100,
    ),
    ("max_words", r"(?:at most|max(?:imum)?|under|up to) (\d+) words", int),
    ("rank", r"rank (\d+)", int),
    ("max_steps", r"(\d+) (?:training )?steps", int),
    ("seed", r"seed (\d+)", int),
)


class RulesModel:
    """The embedded default. Free, deterministic, and honest about what it is."""

    name = NAME
    provider = NAME
    effect = PURE

    def estimate(self, request: ModelRequest) -> int:  # noqa: ARG002 - a port
        return 0

    def ask(self, request: ModelRequest, key: str) -> ModelReply:  # noqa: ARG002 - a port
        answers = {
            "lead/understand": _understand,
            "lead/plan": _plan,
            "lead/replan": _give_up,
        }
        if request.purpose not in answers:
            raise NoModel(what=request.purpose)
        said = answers[request.purpose](request.facts)
        return ModelReply(json.dumps(said, ensure_ascii=False), NAME)

    def find(self, request: ModelRequest, key: str) -> ModelReply | None:  # noqa: ARG002 - a port
        return None


def _understand(facts: Mapping[str, Any]) -> dict[str, Any]:
    pipeline = facts.get("pipeline") or _named(facts)
    return {
        "summary": facts["goal"],
        "pipeline": pipeline,
        "not_understood": [] if pipeline else ["no pipeline is named in the goal"],
    }


def _plan(facts: Mapping[str, Any]) -> dict[str, Any]:
    pipeline = facts.get("pipeline") or _named(facts)
    if pipeline is None:
        known = ", ".join(facts["pipelines"])
        raise NoModel(what=f"A goal that names no pipeline ({known})")
    known = facts["pipelines"][pipeline]["parameters"]
    said = {
        name: convert(found[1])
        for name, pattern, convert in _PATTERNS
        if name in known and (found := re.search(pattern, facts["goal"], re.IGNORECASE))
    }
    parameters = {**said, **facts.get("parameters", {})}
    assumed = [f"{name}: its default" for name in known if name not in parameters]
    return {"pipeline": pipeline, "parameters": parameters, "steps": [], "assumed": assumed}


def _give_up(facts: Mapping[str, Any]) -> dict[str, Any]:
    failed = ", ".join(each["title"] for each in facts["failed"])
    return {"give_up": f"rules cannot work around a failure ({failed})"}


def _named(facts: Mapping[str, Any]) -> str | None:
    """The pipeline whose words the goal uses most; the first one on a tie, none without a word."""
    words = set(re.findall(r"[a-z][a-z-]*", facts["goal"].lower()))
    hits = {name: len(words & set(each["words"])) for name, each in facts["pipelines"].items()}
    best = max(hits, key=lambda name: hits[name], default=None)
    return best if best is not None and hits[best] else None


def open_rules(_model: str, _settings: ModelSettings, _environ: Mapping[str, str]) -> RulesModel:
    """There is one of it, and it needs neither key nor settings."""
    return RulesModel()
