"""The artifacts behind a report, read from their bytes and checked for what the report needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import orjson

from crewboard.canonical import sha256_file
from crewboard.errors import InputUnreadable
from crewboard.tools.contract import ToolContext
from crewboard.tools.files.jsonl import Line, check_readable, read_jsonl

SHORT = 8


@dataclass(frozen=True)
class Source:
    """The artifact that a number comes from."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Audit:
    source: Source
    rows: int
    rules: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Training:
    """`steps` and `losses` pair up, in the order of the log."""

    source: Source
    steps: tuple[int, ...]
    losses: tuple[float, ...]


@dataclass(frozen=True)
class Evaluation:
    """Mean negative log-likelihood per token, before and after; `low` to `high` bound `delta`."""

    source: Source
    n: int
    base: float
    tuned: float
    delta: float
    low: float
    high: float


@dataclass(frozen=True)
class Artifact:
    """A manifest of another step. `accounting` is None where rows mean nothing."""

    source: Source
    name: str
    kind: str
    path: str
    sha256: str
    tool: str
    rows: int | None
    seed: int
    accounting: Mapping[str, Any] | None
    measured: Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    audit: Audit | None
    training: Training | None
    evaluation: Evaluation | None
    artifacts: tuple[Artifact, ...]


def load_audit(context: ToolContext, path: str) -> Audit:
    found, source = _json(context, path)
    try:
        return Audit(source, int(found["data"]["rows"]), tuple(found["rules"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _unlike(path, "an audit report", error) from error


def load_training(context: ToolContext, path: str) -> Training:
    """Load a training log; InputUnreadable when it has no loss, or one that is not finite."""
    real = context.read(path)
    rows = [item.row for item in read_jsonl(real) if isinstance(item, Line) and "loss" in item.row]
    try:
        steps = tuple(int(row["step"]) for row in rows)
        losses = tuple(float(row["loss"]) for row in rows)
    except (KeyError, TypeError, ValueError) as error:
        raise _unlike(path, "a training log", error) from error
    if not losses or not all(map(isfinite, losses)):
        raise InputUnreadable(path=path, where="", reason="it holds no finite losses")
    return Training(_source(path, real), steps, losses)


def load_evaluation(context: ToolContext, path: str) -> Evaluation:
    found, source = _json(context, path)
    try:
        low, high = (float(end) for end in found["ci95"])
        base, tuned = float(found["base"]["nll"]), float(found["tuned"]["nll"])
        return Evaluation(source, int(found["n"]), base, tuned, float(found["delta"]), low, high)
    except (KeyError, TypeError, ValueError) as error:
        raise _unlike(path, "an evaluation", error) from error


def load_artifact(context: ToolContext, path: str) -> Artifact:
    found, source = _json(context, path)
    names = ("name", "kind", "path", "sha256", "tool", "rows", "seed", "accounting", "measured")
    try:
        return Artifact(source, **{name: found[name] for name in names})
    except (KeyError, TypeError) as error:
        raise _unlike(path, "a manifest", error) from error


def _json(context: ToolContext, path: str) -> tuple[Any, Source]:
    real = context.read(path)
    check_readable(real)
    try:
        return orjson.loads(real.read_bytes()), _source(path, real)
    except orjson.JSONDecodeError as error:
        raise _unlike(path, "JSON", error) from error


def _source(path: str, real: Path) -> Source:
    return Source(path, sha256_file(real))


def _unlike(path: str, what: str, error: Exception) -> InputUnreadable:
    return InputUnreadable(path=path, where="", reason=f"it is not {what} ({error!r})")
