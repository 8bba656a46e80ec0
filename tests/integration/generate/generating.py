"""A small recipe, the twin to ask, and one run: what the tests of generation have in common."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from crewboard.tools.generate.admission import Pace
from crewboard.tools.generate.order import open_target
from crewboard.tools.generate.recipe import Recipe, load_recipe
from crewboard.tools.generate.run import Order, Result, carry_out
from crewboard.tools.generate.shipped import shipped
from crewboard.tools.providers.settings import ModelSettings
from crewboard.tools.twins.provider.server import ProviderTwin

CANARY = "sk-canary-0123456789abcdef"
ENVIRON = {"ANTHROPIC_API_KEY": CANARY, "OPENAI_API_KEY": CANARY}
MODELS = {"anthropic": "anthropic/claude-haiku-4-5", "openai": "openai/gpt-6-luna"}
PROVIDERS = tuple(MODELS)
FAST = Pace(most=16, start=4, base_s=0.002, cap_s=0.1)


def desk(rows: int) -> Recipe:
    """The support desk of crewboard's own recipes, in another size."""
    path = shipped("support-desk")
    assert path is not None
    return load_recipe(path).with_rows(rows)


@dataclass(frozen=True)
class Ask:
    """How a run asks the twin."""

    provider: str = "openai"
    idempotency: bool = False
    budget: int | None = 100_000_000
    batch: bool = False
    pace: Pace = FAST
    settings: Mapping[str, Any] = field(default_factory=dict)


def order(twin: ProviderTwin, out: Path, recipe: Recipe, ask: Ask | None = None) -> Order:
    ask = ask or Ask()
    url = twin.openai_url if ask.provider == "openai" else twin.url
    settings = ModelSettings(base_url=url, idempotency=ask.idempotency, **ask.settings)
    target = open_target(MODELS[ask.provider], settings, ENVIRON)
    made = Order(recipe, target, out, budget=ask.budget, batch=ask.batch, pace=ask.pace)
    return replace(made, poll_s=0.01)


def run(twin: ProviderTwin, out: Path, rows: int, ask: Ask | None = None) -> Result:
    return carry_out(order(twin, out, desk(rows), ask))


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def report_of(out: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((out / "report.json").read_text())
    return report


def distinct_charges(twin: ProviderTwin) -> tuple[int, int]:
    """How many charges there are, and how many different requests they are for."""
    charges = list(twin.charges)
    return len(charges), len({charge.request for charge in charges})
