"""`crewboard data generate`: rows from a recipe, without a crew."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crewboard.cli.options import option, with_json

if TYPE_CHECKING:
    from crewboard.tools.generate.engine import Engine
    from crewboard.tools.generate.recipe import Recipe
    from crewboard.tools.generate.run import Order

_FILE = click.Path(path_type=Path)


@click.command
@click.argument("recipe", metavar="RECIPE")
@option(
    "--out", type=_FILE, required=True, metavar="DIR", help="Where the rows and their record go."
)
@option("--model", metavar="P/M", help="Who writes them; the recipe's templates when absent.")
@option("--base-url", metavar="URL", help="A compatible server instead of the provider's own.")
@option("--idempotency", is_flag=True, help="That server does one Idempotency-Key once.")
@option("--batch", is_flag=True, help="By the batch API: half the price, within a day.")
@option(
    "--budget", type=Decimal, metavar="USD", help="The most that it may cost; needed with --model."
)
@option("--concurrency", type=click.IntRange(1, 512), default=32, show_default=True)
@option("--rows", type=click.IntRange(min=1), help="Instead of the recipe's number.")
@option("--examples", type=_FILE, metavar="FILE", help="Seed examples instead of the recipe's own.")
@option("--existing", type=_FILE, multiple=True, metavar="FILE", help="Rows not to be repeated.")
@option(
    "--poll",
    type=click.FloatRange(min=0.01),
    default=30.0,
    help="Seconds between looks at a batch.",
)
@option("--dry-run", is_flag=True, help="Show the plan, the estimate and a prompt; send nothing.")
@with_json
def generate(recipe: str, *, as_json: bool, **given: Any) -> None:
    """Generate rows from RECIPE: a TOML file, or the name of one that comes with crewboard.

    Run it again with the same --out to go on where it stopped: what was answered is not paid again.
    Keys come from the environment: ANTHROPIC_API_KEY, OPENAI_API_KEY.
    """
    from crewboard.cli.terminal import document, talk
    from crewboard.tools.generate.manifest import write_manifest
    from crewboard.tools.generate.run import carry_out

    order = _order(_recipe(recipe, given), given)
    if given["dry_run"]:
        _show(order, as_json=as_json)
        return
    result = carry_out(order, _Told(talk), _stop_on_interrupt)
    write_manifest(order, result, _inputs(recipe, given))
    if as_json:
        document(result.report)
    else:
        _tell(result.report, result.rows)


def _recipe(name: str, given: dict[str, Any]) -> "Recipe":
    from crewboard.tools.generate.recipe import load_recipe
    from crewboard.tools.generate.shipped import shipped

    recipe = load_recipe(shipped(name) or Path(name), given["examples"])
    return recipe if given["rows"] is None else recipe.with_rows(given["rows"])


def _inputs(recipe: str, given: dict[str, Any]) -> dict[str, Path]:
    """The files that the rows are made of, by their role. A recipe of the package is named by its hash."""
    from crewboard.tools.generate.shipped import shipped

    own = {} if shipped(recipe) else {"recipe": Path(recipe)}
    examples = {"examples": given["examples"]} if given["examples"] else {}
    existing = {f"existing.{n}": path for n, path in enumerate(given["existing"])}
    return own | examples | existing


def _order(recipe: "Recipe", given: dict[str, Any]) -> "Order":
    import os

    from crewboard.errors import OptionInvalid
    from crewboard.tools.generate.admission import Pace
    from crewboard.tools.generate.estimate import MICRO
    from crewboard.tools.generate.offline import Templates
    from crewboard.tools.generate.order import offline_target, open_target
    from crewboard.tools.generate.run import Order
    from crewboard.tools.providers.settings import ModelSettings

    budget = given["budget"]
    if given["model"] is None:
        Templates(recipe).check()
        return Order(recipe, offline_target(recipe), given["out"], existing=given["existing"])
    settings = ModelSettings(
        base_url=given["base_url"],
        idempotency=given["idempotency"],
        key_variable="" if given["dry_run"] else None,  # nothing is sent, so no key is needed
    )
    target = open_target(given["model"], settings, os.environ)
    if budget is None and not target.price.free and not given["dry_run"]:
        reason = "a paid model needs one; --dry-run tells what it may cost"
        raise OptionInvalid(option="--budget", value="", reason=reason)
    return Order(
        recipe=recipe,
        target=target,
        out=given["out"],
        budget=None if budget is None else int(budget * MICRO),
        batch=given["batch"],
        pace=Pace(most=given["concurrency"]),
        existing=given["existing"],
        poll_s=given["poll"],
    )


def _stop_on_interrupt(engine: "Engine") -> None:
    """Ctrl-C sends nothing more, and waits for the answers that are paid for already."""
    import asyncio
    import signal
    import threading

    if threading.current_thread() is threading.main_thread():
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, engine.stop, KeyboardInterrupt())


def _show(order: "Order", *, as_json: bool) -> None:
    from crewboard.cli.terminal import document, out, safe, table
    from crewboard.tools.generate.run import estimate_of, first_request

    plan = [cell for cell in order.recipe.cells() if cell.quota]
    if as_json:
        planned = {cell.name: cell.quota for cell in plan}
        told = {"recipe": order.recipe.name, "model": order.target.name, "planned": planned}
        document(told | {"estimate": estimate_of(order).as_json()})
        return
    table([(cell.name, cell.quota) for cell in plan], ("stratum", "rows"))
    out(f"\n{order.recipe.file.rows:,} rows in {len(plan)} strata, by {order.target.name}")
    out(estimate_of(order).told())
    request = first_request(order)
    out(f"\nthe first question ({request.key[:12]}):\n")
    out(safe("\n".join((request.question.system, *(turn.text for turn in request.question.turns)))))


def _tell(report: dict[str, Any], rows: Path) -> None:
    from crewboard.cli.terminal import line, out, table
    from crewboard.tools.generate.estimate import usd
    from crewboard.tools.providers.prices import FREE

    for axis, labels in report["by_axis"].items():
        table([(label, n) for label, n in labels.items()], (axis, "rows"))
        out()
    rejected = ", ".join(f"{reason} {n}" for reason, n in report["rejected"].items()) or "none"
    actual, estimate = report["actual"], report["estimate"]
    out(f"{report['rows']:,} rows in {line(rows)}")
    out(f"rejected: {rejected}")
    if estimate["prices"] == FREE.version:
        return
    out(f"estimated {usd(estimate['cost'])} USD before (prices of {estimate['prices']})")
    out(
        f"actual    {actual['cost_usd']} USD for {actual['answers']:,} answers, {actual['lost']} lost"
    )


class _Told:
    """How far it is, on stderr, each twentieth of the way."""

    def __init__(self, talk: Any) -> None:
        self._talk = talk
        self._shown = -1

    def __call__(self, done: int, rows: int) -> None:
        step = done * 20 // rows
        if step != self._shown:
            self._shown = step
            self._talk(f"{done:,} of {rows:,} rows")
