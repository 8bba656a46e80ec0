"""The tool that asks for what is missing: recipes whose strata are the gap between rows and target shares.

`data generate` fills them, and pays for nothing else. The rows that are there all stay.
"""

from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

import orjson

from crewboard.errors import ConfigInvalid, SelfCheckFailed
from crewboard.tools.contract import Made, Outcome, ToolContext, tool
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.files.sieve import inputs_fit
from crewboard.tools.generate.estimate import usd
from crewboard.tools.generate.recipe import Recipe, load_recipe
from crewboard.tools.rebalance.arguments import RecipeArguments
from crewboard.tools.rebalance.census import Census, told
from crewboard.tools.rebalance.cost import cost_of
from crewboard.tools.rebalance.shortage import least_rows, out_of_reach
from crewboard.tools.rebalance.solve import smallest, solved
from crewboard.tools.rebalance.targets import Cell, Targets
from crewboard.tools.rebalance.written import RECIPES, write_recipe

PLAN = "plan"


@tool(
    "rebalance-recipe",
    "Write recipes that generate exactly the rows that target shares lack.",
    produces={RECIPES: "recipes", PLAN: "rebalance-plan"},
    preflight=inputs_fit,
)
def rebalance_recipe(arguments: RecipeArguments, context: ToolContext) -> Outcome:
    """One recipe for each combination of all fields but the last: a recipe's own axes are independent of
    each other, and what is missing seldom is. `measured` tells each with its rows and cost.

    RecipeInvalid where the recipe that is given does not ask for a field or label of the target.
    """
    base = load_recipe(context.read(arguments.recipe))
    paths = [context.read(path) for path in arguments.data]
    census = Census(arguments.plan).take(paths, context.progress)
    wanted = wanted_rows(arguments, census)
    missing = {cell: rows - census.rows.get(cell, 0) for cell, rows in wanted.items()}
    recipes = _written(base, arguments, missing, context.out)
    plan = {
        "rows": sum(wanted.values()),
        "missing": sum(missing.values()),
        "not_in_plan": census.elsewhere,
        "tolerance": arguments.tolerance,
        "axes": told(arguments.plan, census.rows, wanted),
        "recipes": recipes,
        "cost": _summed(recipes),
    }
    place = context.out / "plan.json"
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    write_whole(place, orjson.dumps(plan, option=options))
    made = (Made(RECIPES, context.out / RECIPES), Made(PLAN, place))
    return Outcome(made, _summary(plan), measured=plan)


def wanted_rows(arguments: RecipeArguments, census: Census) -> dict[Cell, int]:
    """The rows that each cell has in the end: all that it has now, and more."""
    plan, have = arguments.plan, census.rows
    likely = _bound(plan, have)
    highest = max(likely, arguments.rows or 0)
    puzzle = census.puzzle(lambda rows: (rows, highest), arguments.slack, new=True)
    total = arguments.rows or smallest(puzzle, highest)
    found = solved(puzzle, total) if total else None
    if found is None:
        asked = ("generating", arguments.rows or least_rows(puzzle), 1)
        raise out_of_reach(plan, have, puzzle, asked)
    return {cell: found[census.place(cell)] for cell in plan.cells()}


def _bound(plan: Targets, have: Mapping[Cell, int]) -> int:
    """A number of rows with which the shares can surely be met: no cell is beyond its own share of it."""
    worst = 1
    for cell, rows in have.items():
        share = 1.0
        for axis, label in zip(plan.axes, cell, strict=True):
            share *= float(axis.shares[label])
        worst = max(worst, ceil(rows / share) + len(plan.cells()))
    return worst


def _written(
    base: Recipe, arguments: RecipeArguments, missing: Mapping[Cell, int], out: Path
) -> list[dict[str, Any]]:
    groups = _grouped(arguments.plan, missing)
    if not groups:
        raise ConfigInvalid(
            path=arguments.recipe, where="the target", reason="nothing is missing to meet it"
        )
    folder, told_of = out / RECIPES, list[dict[str, Any]]()
    folder.mkdir()
    for number, group in enumerate(groups, 1):
        suffix = "" if len(groups) == 1 else f"-{number}"
        place = write_recipe(base, Path(arguments.recipe), group, (folder, suffix))
        made = load_recipe(place)
        _check(made, group)
        rows = made.file.rows
        labels = {field: list(weights) for field, weights in group.items()}
        cost = cost_of(made, arguments.model)
        told_of.append({"recipe": place.name, "rows": rows, "labels": labels, "estimate": cost})
    return told_of


Group = dict[str, dict[str, int]]
"""By field the rows of each value; every field but the last has one value."""


def _grouped(plan: Targets, missing: Mapping[Cell, int]) -> list[Group]:
    groups: dict[tuple[tuple[str, str], ...], Group] = {}
    for cell, rows in missing.items():
        if not rows:
            continue
        values = [
            pair
            for axis, label in zip(plan.axes, cell, strict=True)
            for pair in axis.values(label).items()
        ]
        *fixed, (last, value) = values
        group = groups.setdefault(tuple(fixed), {field: {label: 0} for field, label in fixed})
        group.setdefault(last, {})[value] = rows
    for group in groups.values():
        total = sum(list(group.values())[-1].values())
        for weights in list(group.values())[:-1]:
            weights.update(dict.fromkeys(weights, total))
    return list(groups.values())


def _check(made: Recipe, group: Group) -> None:
    """The strata of what was written add up to what is missing."""
    last = list(group)[-1]
    quotas = dict.fromkeys(group[last], 0)
    for cell in made.cells():
        quotas[cell.labels[last]] += cell.quota
    if quotas != group[last]:
        reason = f"the strata of {made.name} do not add up to what is missing"
        raise SelfCheckFailed(tool="rebalance-recipe", reason=reason)


def _summed(recipes: list[dict[str, Any]]) -> int | None:
    """Millionths of a US dollar; None where no model was named."""
    costs = [each["estimate"]["cost"] for each in recipes if each["estimate"]]
    return sum(costs) if len(costs) == len(recipes) else None


def _summary(plan: Mapping[str, Any]) -> str:
    cost = "" if plan["cost"] is None else f", about {usd(plan['cost'])} USD"
    return (
        f"{plan['missing']:,} rows are missing, in {len(plan['recipes'])} recipes{cost}; "
        f"with them there are {plan['rows']:,}"
    )
