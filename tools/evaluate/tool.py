"""The tool that a crew calls to evaluate an adapter. The numbers come from a sealed result only."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import Field

from crewboard.canonical import canonical_json
from crewboard.errors import InputsChanged, NotHeldOut
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
from crewboard.tools.evaluate.plan import EvaluationPlan
from crewboard.tools.evaluate.worker import inputs_of
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.finetune.adapter import read_card
from crewboard.tools.finetune.preflight import require_extra
from crewboard.tools.finetune.rows import read_chats
from crewboard.tools.finetune.tool import sound_result
from crewboard.tools.jobs.module import run_module

_WORKER = "crewboard.tools.evaluate.worker"


class EvaluateArguments(Arguments):
    test: InputPath
    base: InputPath
    adapter: InputPath
    max_rows: int | None = Field(default=None, ge=1)
    """Rows to score at most, drawn by seed; all when absent."""
    batch_size: int = Field(default=1, ge=1)
    """Changes speed, and numbers in the sixth digit at most."""
    seed: int | None = Field(default=None, ge=0, lt=2**32)
    """The run's own seed when absent."""


def preflight(arguments: EvaluateArguments, context: ToolContext) -> None:
    require_extra("evaluate")
    plan = _plan(arguments, context)
    read_chats(Path(plan.test))
    if read_card(Path(plan.adapter))["inputs"]["data"] == inputs_of(plan)["data"]:
        raise NotHeldOut(test=arguments.test, adapter=arguments.adapter)


@tool(
    "evaluate",
    "Compare an adapter with its base on held-out rows, with a paired confidence interval.",
    produces={"evaluation": "evaluation", "examples": "evaluation-examples"},
    effect=Effect(EffectKind.IDEMPOTENT, OnUnknown.RETRY),
    preflight=preflight,
)
def evaluate(arguments: EvaluateArguments, context: ToolContext) -> Outcome:
    """AdapterMismatch when the adapter was trained on another base, NotHeldOut on its own training
    rows, SelfCheckFailed when the job ended well and left no sound result."""
    plan = _plan(arguments, context)
    run_module("evaluate", _WORKER, _written(plan), context.progress)
    result = Path(plan.folder) / "result"
    sound_result("evaluate", result).require(inputs_of(plan))
    evaluation = json.loads((result / "evaluation.json").read_text())
    return _outcome(evaluation, result, context.out)


def _plan(arguments: EvaluateArguments, context: ToolContext) -> EvaluationPlan:
    return EvaluationPlan(
        test=str(context.read(arguments.test)),
        base=str(context.read(arguments.base)),
        adapter=str(context.read(arguments.adapter)),
        folder=str(context.job_folder("evaluate").resolve()),
        max_rows=arguments.max_rows,
        batch_size=arguments.batch_size,
        seed=context.seed if arguments.seed is None else arguments.seed,
    )


def _written(plan: EvaluationPlan) -> Path:
    """plan.json of the job. InputsChanged when the folder holds a job with another plan."""
    path, text = Path(plan.folder) / "plan.json", canonical_json(asdict(plan)) + "\n"
    if path.exists() and path.read_text() != text:
        raise InputsChanged(what="plan")
    write_whole(path, text.encode())
    return path


def _outcome(evaluation: dict[str, Any], result: Path, out: Path) -> Outcome:
    shutil.copyfile(result / "evaluation.json", out / "evaluation.json")
    shutil.copyfile(result / "examples.jsonl", out / "examples.jsonl")
    n, (low, high) = evaluation["n"], evaluation["ci95"]
    summary = (
        f"nll {evaluation['base']['nll']:.3f} to {evaluation['tuned']['nll']:.3f} on {n} rows "
        f"({evaluation['tokens']} tokens): {evaluation['delta']:+.3f}, "
        f"95 % [{low:+.3f}, {high:+.3f}]"
    )
    return Outcome(
        made=(
            Made("evaluation", out / "evaluation.json"),
            Made("examples", out / "examples.jsonl", rows=n),
        ),
        summary=summary,
        rows=RowAccount(evaluation["rows_in"], n, evaluation["rows_dropped"]),
        measured=evaluation,
    )
