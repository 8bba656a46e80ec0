"""What it would cost to have a recipe answered, by a model that is only asked for its price."""

from typing import Any

from pydantic import SecretStr

from crewboard.errors import UnknownName
from crewboard.tools.generate.dialects import DIALECTS, dialect_of
from crewboard.tools.generate.recipe import Recipe
from crewboard.tools.generate.requests import Target
from crewboard.tools.generate.run import Order, estimate_of
from crewboard.tools.providers.endpoint import Endpoint
from crewboard.tools.providers.prices import price_of
from crewboard.tools.providers.settings import ModelSettings


def cost_of(recipe: Recipe, model: str | None) -> dict[str, Any] | None:
    """The estimate of `data generate --dry-run`, without a key; None without a model. UnknownName,
    PriceUnknown."""
    if model is None:
        return None
    provider, _, name = model.partition("/")
    dialect = dialect_of(provider)
    if not name:
        known = ", ".join(f"{each}/MODEL" for each in DIALECTS)
        raise UnknownName(kind="model", name=model, known=known)
    settings = ModelSettings()
    endpoint = Endpoint(provider, "", "", SecretStr(""), settings)
    target = Target(dialect, name, endpoint, price_of(provider, name, settings))
    return estimate_of(Order(recipe, target, recipe.folder)).as_json()
