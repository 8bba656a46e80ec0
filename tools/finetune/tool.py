"""The tool that a crew calls to fine-tune. It starts, finds or continues one job, and judges its
end."""

import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import Field

from crewboard.canonical import canonical_json, sha256_file
from crewboard.errors import InputMissing, InputsChanged, SelfCheckFailed
from crewboard.tools.contract import (
    Arguments,
    Effect,
    EffectKind,
    InputPath,
    Made,
    OnUnknown,
    Outcome,
    RowAccount,
    ToolContext,
    tool,
)
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.finetune.plan import TINY, Plan
from crewboard.tools.finetune.preflight import check_training, require_extra
from crewboard.tools.finetune.seal import Seal, opened
from crewboard.tools.jobs.module import run_module

_WORKER = "crewboard.tools.finetune.worker"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


class FinetuneArguments(Arguments):
    train: InputPath
    base: str = TINY
    """`tiny`, a folder in the workspace, or a hub id (downloaded unless HF_HUB_OFFLINE says no)."""
    rank: int = Field(default=16, ge=1, le=1024)
    alpha: int = Field(default=32, ge=1)
    learning_rate: float | None = Field(default=None, gt=0, lt=1)
    """1e-2 for tiny, 2e-4 for any other base, when absent."""
    epochs: float | None = Field(default=None, gt=0)
    max_steps: int | None = Field(default=None, ge=1)
    """Optimizer steps; wins over `epochs`. With neither: 200 for tiny, one epoch otherwise."""
    batch_size: int = Field(default=8, ge=1)
    gradient_accumulation: int = Field(default=1, ge=1)
    max_length: int = Field(default=512, ge=8)
    """Tokens; what is longer is cut there, and counted."""
    save_every: int = Field(default=50, ge=1)
    seed: int | None = Field(default=None, ge=0, lt=2**32)
    """The run's own seed when absent."""


def preflight(arguments: FinetuneArguments, context: ToolContext) -> None:
    require_extra("finetune")
    check_training(_plan(arguments, context))


@tool(
    "finetune",
    "Train a LoRA adapter on chat rows, in a job that outlives the crew.",
    produces={"adapter": "adapter", "base": "base-model", "log": "training-log"},
    effect=Effect(EffectKind.IDEMPOTENT, OnUnknown.RETRY),
    preflight=preflight,
    judged=frozenset({"train"}),
    named=frozenset({"base"}),
)
def finetune(arguments: FinetuneArguments, context: ToolContext) -> Outcome:
    """Called again, it finds the job, living or ended, and never makes a second one.
    SelfCheckFailed when the job says that it succeeded and left no sound result; otherwise what the
    worker raised."""
    plan = _plan(arguments, context)
    run_module("finetune", _WORKER, _written(plan), context.progress)
    result = Path(plan.folder) / "result"
    sound = sound_result("finetune", result)
    sound.require({**sound.inputs, "data": sha256_file(Path(plan.data))})
    report = json.loads((result / "report.json").read_text())
    return _outcome(report, result, context.out)


def sound_result(tool_name: str, result: Path) -> Seal:
    """The seal of a job's result; SelfCheckFailed when the exit code was 0 and the artifact is
    not."""
    found = opened(result)
    if not isinstance(found, Seal):
        raise SelfCheckFailed(
            tool=tool_name, reason=f"its job ended well, but of its result {found}"
        )
    return found


def _plan(arguments: FinetuneArguments, context: ToolContext) -> Plan:
    given = arguments.model_dump(exclude={"train", "base", "seed"})
    return Plan(
        data=str(context.read(arguments.train)),
        folder=str(context.job_folder("train").resolve()),
        base=_base(arguments.base, context),
        seed=context.seed if arguments.seed is None else arguments.seed,
        **given,
    )


def _base(name: str, context: ToolContext) -> str:
    """A folder of the workspace by its real path; any other name that looks like one, as a hub
    id."""
    if name == TINY:
        return TINY
    try:
        return str(context.read(name))
    except InputMissing:
        if _HUB_ID.fullmatch(name):
            return name
        raise


def _written(plan: Plan) -> Path:
    """plan.json of the job. InputsChanged when the folder holds a job with another plan."""
    path, text = Path(plan.folder) / "plan.json", canonical_json(asdict(plan)) + "\n"
    if path.exists() and path.read_text() != text:
        raise InputsChanged(what="plan")
    write_whole(path, text.encode())
    return path


def _outcome(report: dict[str, Any], result: Path, out: Path) -> Outcome:
    measured = report["measured"]
    if not measured["supervised_tokens"]:
        raise SelfCheckFailed(tool="finetune", reason="no token was supervised")
    shutil.copytree(result / "adapter", out / "adapter", dirs_exist_ok=True)
    shutil.copytree(result / "base", out / "base", dirs_exist_ok=True)
    shutil.copyfile(result / "log.jsonl", out / "log.jsonl")
    steps = measured["steps_done"]
    return Outcome(
        made=(
            Made("adapter", out / "adapter"),
            Made("base", out / "base"),
            Made("log", out / "log.jsonl", rows=_lines(out / "log.jsonl")),
        ),
        summary=_summary(measured, report["run"]),
        rows=RowAccount(measured["rows_in"], measured["rows_trained"], measured["rows_dropped"]),
        measured=measured | {"steps": f"{steps} of {measured['steps_planned']}"},
    )


def _summary(measured: dict[str, Any], run: dict[str, Any]) -> str:
    told = [
        f"{measured['steps_done']} of {measured['steps_planned']} steps",
        f"loss {measured['loss_first']:.3f} to {measured['loss_last']:.3f}",
        f"{measured['supervised_share']:.0%} of tokens supervised",
    ]
    if cut := measured["rows_truncated"]:
        told.append(f"{cut} rows cut at {measured['settings']['max_length']} tokens")
    if run["resumed_from"]:
        told.append(f"resumed at step {run['resumed_from']}")
    if bad := run["quarantined"]:
        told.append(f"{len(bad)} damaged checkpoints set aside")
    return ", ".join(told)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
