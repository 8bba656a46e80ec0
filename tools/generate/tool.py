"""The tools that a crew calls: rows from a recipe, by a model that is paid, or offline by templates.

The journal holds one effect for a whole run, and the run's own record holds one line for each request:
see docs/decisions/0007-generation.md. A run that stops half-way says that its outcome is not settled, so
its intent and its reservation stay, and the same task goes on from the record.
"""

import os
import shutil
from decimal import Decimal
from typing import Any

import orjson
from pydantic import Field

from crewboard.canonical import sha256_file
from crewboard.errors import Cancelled, CrewboardError, SelfCheckFailed
from crewboard.tools.contract import (
    Arguments,
    Effect,
    EffectCall,
    EffectKind,
    InputPath,
    Made,
    OnUnknown,
    Outcome,
    RowAccount,
    ToolContext,
    tool,
)
from crewboard.tools.contract.context import Performed
from crewboard.tools.generate.admission import Pace
from crewboard.tools.generate.estimate import MICRO
from crewboard.tools.generate.order import offline_target, open_target
from crewboard.tools.generate.recipe import Recipe, load_recipe
from crewboard.tools.generate.run import Order, Result, carry_out, estimate_of
from crewboard.tools.providers.settings import ModelSettings

_PRODUCES = {"rows": "rows-jsonl", "rejected": "rejected-jsonl", "report": "generation-report"}
_PAID = Effect(EffectKind.KEYED, OnUnknown.RETRY, spends=True)


class RecipeArguments(Arguments):
    recipe: InputPath
    examples: InputPath | None = None
    """Seed examples (JSONL) in place of the recipe's own."""
    existing: list[InputPath] = Field(default_factory=list)
    """Rows that new ones must not repeat."""
    rows: int | None = Field(default=None, ge=1)
    """Instead of the recipe's number."""


class GenerateArguments(RecipeArguments):
    model: str
    """provider/model, as `crewboard models` lists them."""
    budget_usd: Decimal = Field(gt=0, le=100_000)
    """The most that the run may cost: it stops before the call that could go beyond."""
    base_url: str | None = None
    idempotency: bool = False
    """The server does one Idempotency-Key once: only then is a question ever sent twice."""
    concurrency: int = Field(default=32, ge=1, le=512)
    batch: bool = False


def _preflight(arguments: GenerateArguments, context: ToolContext) -> None:
    """The recipe reads, the model has a price and a key, and two questions are never the same."""
    estimate_of(_order(arguments, context))


def _most(arguments: GenerateArguments) -> int:
    return int(arguments.budget_usd * MICRO)


@tool(
    "generate",
    "Generate rows from a recipe with a paid model, within a budget, each request paid once.",
    produces=_PRODUCES,
    effect=_PAID,
    preflight=_preflight,
    estimate=_most,
    named=frozenset({"base_url"}),
)
def generate(arguments: GenerateArguments, context: ToolContext) -> Outcome:
    order = _order(arguments, context)
    call = EffectCall(
        step="generate",
        tool="generate",
        effect=_PAID,
        arguments={
            "recipe": order.recipe.sha256,
            "rows": order.recipe.file.rows,
            "model": order.target.name,
        },
        estimate=_most(arguments),
        provider=order.target.endpoint.provider,
    )
    done = context.perform(call, lambda _key: _paid(order, context))
    return _outcome(_finished(order, done["sha256"]), context)


def _offline_preflight(arguments: RecipeArguments, context: ToolContext) -> None:
    from crewboard.tools.generate.offline import Templates

    recipe = _recipe(arguments, context)
    Templates(recipe).check()


@tool(
    "generate-offline",
    "Generate rows from a recipe's templates: no model, no cost, every row labelled so.",
    produces=_PRODUCES,
    preflight=_offline_preflight,
)
def generate_offline(arguments: RecipeArguments, context: ToolContext) -> Outcome:
    recipe = _recipe(arguments, context)
    existing = tuple(context.read(path) for path in arguments.existing)
    out = context.job_folder("generate-offline", lasting=True)
    order = Order(recipe, offline_target(recipe), out, existing=existing)
    return _outcome(_carried_out(order, context), context)


def _paid(order: Order, context: ToolContext) -> Performed:
    """The whole run as one effect. Whatever stops it leaves the effect open, but for a task that was
    cancelled: nobody comes back to that, so what it cost is settled now."""
    try:
        result = _carried_out(order, context)
    except Cancelled as error:
        error.facts["cost"] = _report(order)["actual"]["cost_microusd"]
        raise
    except CrewboardError as error:
        error.facts["outcome_unknown"] = True
        raise
    actual = result.report["actual"]
    value = {"rows": result.report["rows"], "sha256": sha256_file(result.rows), "actual": actual}
    return Performed(value, actual["cost_microusd"])


def _finished(order: Order, sha256: str) -> Result:
    """The files of a run that the journal knows as done. They are never made again: that would be paid."""
    rows = order.out / "rows.jsonl"
    if not rows.exists() or sha256_file(rows) != sha256:
        reason = f"{rows} is not what was generated and paid for; restore it from a copy"
        raise SelfCheckFailed(tool="generate", reason=reason)
    return Result(rows, order.out / "rejected.jsonl", _report(order))


def _report(order: Order) -> dict[str, Any]:
    report: dict[str, Any] = orjson.loads((order.out / "report.json").read_bytes())
    return report


def _carried_out(order: Order, context: ToolContext) -> Result:
    return carry_out(order, lambda done, rows: context.progress(done, rows, "rows generated"))


def _recipe(arguments: RecipeArguments, context: ToolContext) -> Recipe:
    examples = context.read(arguments.examples) if arguments.examples else None
    recipe = load_recipe(context.read(arguments.recipe), examples)
    return recipe if arguments.rows is None else recipe.with_rows(arguments.rows)


def _order(arguments: GenerateArguments, context: ToolContext) -> Order:
    settings = ModelSettings(base_url=arguments.base_url, idempotency=arguments.idempotency)
    return Order(
        recipe=_recipe(arguments, context),
        target=open_target(arguments.model, settings, os.environ),
        out=context.job_folder("generate", lasting=True),
        budget=_most(arguments),
        batch=arguments.batch,
        pace=Pace(most=arguments.concurrency),
        existing=tuple(context.read(path) for path in arguments.existing),
    )


def _outcome(result: Result, context: ToolContext) -> Outcome:
    """The run's files, copied: its folder keeps the record."""
    report: dict[str, Any] = result.report
    out = {name: context.out / name for name in ("rows.jsonl", "rejected.jsonl", "report.json")}
    for name, path in out.items():
        shutil.copyfile(result.rows.parent / name, path)
    dropped, rows = report["rejected"], report["rows"]
    account = RowAccount(0, rows, dropped, made=rows + sum(dropped.values()))
    return Outcome(
        (
            Made("rows", out["rows.jsonl"], rows),
            Made("rejected", out["rejected.jsonl"], sum(dropped.values())),
            Made("report", out["report.json"]),
        ),
        f"{rows:,} rows, {sum(dropped.values()):,} rejected, {report['actual']['cost_usd']} USD",
        account,
        report,
    )
