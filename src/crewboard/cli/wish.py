"""A goal as a human states it: checked before anything is written, then written in one transaction."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from crewboard.canonical import sha256_file
from crewboard.coordination.workspace import Workspace, human
from crewboard.errors import OptionInvalid

if TYPE_CHECKING:
    from crewboard.coordination.settings import Settings


@dataclass(frozen=True)
class Wish:
    """What stood on the command line."""

    goal: str
    pipeline: str | None = None
    data: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    budget: str | None = None
    model: str | None = None


@dataclass(frozen=True)
class Understood:
    """A checked wish. `sources` maps each file's real path to its sha256; `ceiling` in millionths of a
    US dollar."""

    text: str
    pipeline: str | None
    parameters: Mapping[str, Any]
    sources: Mapping[str, str]
    model: str | None
    ceiling: int


def understood(workspace: Workspace, wish: Wish) -> Understood:
    """UsageError or KeyMissing for whatever would stop the goal before its first step; nothing is
    written and no file is hashed until all the rest is in order."""
    from crewboard.coordination.settings import Settings, micro

    settings = Settings.load(workspace.config)
    if not wish.goal.strip():
        raise OptionInvalid(option="GOAL", value=wish.goal, reason="it says nothing")
    files = [Path(name) for name in wish.data]
    for file in files:
        _check_source(file)
    parameters = dict(_pair(text) for text in wish.pairs)
    ceiling = micro(settings.budget.goal_usd if wish.budget is None else _usd(wish.budget))
    found = Understood(wish.goal, wish.pipeline, parameters, {}, wish.model, ceiling)
    check_model(settings, wish.model, os.environ)
    _check_plan(found, [str(file.resolve()) for file in files], settings.crew.model)
    return replace(found, sources={str(f.resolve()): _hash(f) for f in files})


def state(workspace: Workspace, asked: Understood) -> str:
    """Send the goal to the lead, with its ceiling, in one transaction; the goal's id."""
    from crewboard.coordination import budget
    from crewboard.coordination.bus import ingress
    from crewboard.coordination.bus.envelope import Envelope

    data = {
        "kind": "goal",
        "pipeline": asked.pipeline,
        "parameters": dict(asked.parameters),
        "sources": dict(asked.sources),
        "model": asked.model,
    }
    letter = Envelope(human(), "lead", str(uuid4()), asked.text, data)
    with workspace.ledger().write() as tx:
        receipt = ingress.receive(tx, letter)
        budget.set_ceiling(tx, f"goal:{receipt.task}", asked.ceiling)
    return receipt.task


def _pair(text: str) -> tuple[str, Any]:
    """`name=value`: the value as JSON where it is JSON, else as the text it is."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise OptionInvalid(option="--set", value=text, reason="write it as NAME=VALUE")
    try:
        return name.strip(), json.loads(value, parse_constant=_no_number)
    except ValueError:
        return name.strip(), value


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _usd(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise OptionInvalid(
            option="--budget", value=text, reason="it is an amount of US dollars, 0 or more"
        )
    return amount


def check_model(settings: "Settings", named: str | None, environ: Mapping[str, str]) -> None:
    """Open it: a wrong name, a missing key or package shows now. Nothing is sent."""
    from crewboard.agents.models.registry import open_model
    from crewboard.agents.models.rules import NAME
    from crewboard.agents.models.settings import ModelSettings
    from crewboard.errors import ConfigInvalid

    name = named or settings.crew.model
    if name == NAME:
        return
    try:
        table = ModelSettings(**settings.models)
    except TypeError as error:
        raise ConfigInvalid(path="crewboard.toml", where="models", reason=error) from None
    open_model(name, table, environ)


def _check_plan(asked: Understood, sources: list[str], configured: str) -> None:
    """Make the plan once, where it is known already, and throw it away: that of the named pipeline, or
    the one that `rules` will pick. NoModel where `rules` cannot pick one."""
    from crewboard.agents.models.contract import ModelRequest
    from crewboard.agents.models.rules import NAME, RulesModel
    from crewboard.pipelines import PIPELINES, Wanted, find

    pipeline, parameters = asked.pipeline, dict(asked.parameters)
    if pipeline is None and (asked.model or configured) == NAME:
        facts = {
            "goal": asked.text,
            "parameters": parameters,
            "pipelines": {
                p.name: {"words": sorted(p.words), "parameters": p.parameters.model_fields.keys()}
                for p in PIPELINES.values()
            },
        }
        reply = RulesModel().ask(ModelRequest("lead/plan", "", (), facts=facts), "")
        picked = json.loads(reply.text)
        pipeline, parameters = picked["pipeline"], picked["parameters"]
    if pipeline is not None:
        find(pipeline).plan(Wanted(sources, parameters))


def _check_source(file: Path) -> None:
    """A file that holds one row at least, or is text where a tool reads a recipe or a table; what is wrong
    with its other lines the audit tells, and with a recipe the tool that reads it."""
    from crewboard.errors import InputUnreadable
    from crewboard.tools.files.jsonl import Line, check_readable
    from crewboard.tools.files.rows import read_rows

    if file.suffix not in _TEXTS:
        next(item for item in read_rows(file) if isinstance(item, Line))
        return
    check_readable(file)
    try:
        file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputUnreadable(path=file, where="", reason=error) from None


_TEXTS = frozenset({".toml", ".csv", ".md"})
"""What a human names besides rows: recipes, matrices."""


def _hash(file: Path) -> str:
    from crewboard.errors import InputUnreadable

    try:
        return sha256_file(file)
    except OSError as error:
        raise InputUnreadable(path=file, where="", reason=error.strerror) from error
