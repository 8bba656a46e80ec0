"""Who is asked: a model by its name, or nobody at all."""

from collections.abc import Mapping

from pydantic import SecretStr

from crewboard.errors import UnknownName
from crewboard.tools.generate.dialects import DIALECTS, OpenAIChat, dialect_of
from crewboard.tools.generate.provenance import OFFLINE
from crewboard.tools.generate.recipe import Recipe
from crewboard.tools.generate.requests import Target
from crewboard.tools.providers.endpoint import Endpoint, open_endpoint
from crewboard.tools.providers.prices import FREE, price_of
from crewboard.tools.providers.settings import ModelSettings


def open_target(name: str, settings: ModelSettings, environ: Mapping[str, str]) -> Target:
    """The model that `name` (provider/model) stands for. UnknownName, KeyMissing, PriceUnknown."""
    provider, _, model = name.partition("/")
    dialect = dialect_of(provider)
    if not model:
        known = ", ".join(f"{each}/MODEL" for each in DIALECTS)
        raise UnknownName(kind="model", name=name, known=known)
    endpoint = open_endpoint(dialect.service, settings, environ)
    return Target(dialect, model, endpoint, price_of(provider, model, settings))


def offline_target(recipe: Recipe) -> Target:
    """Templates: free, and called what they are."""
    endpoint = Endpoint(OFFLINE, "", "", SecretStr(""), ModelSettings())
    return Target(OpenAIChat(), recipe.file.grammar or "none", endpoint, FREE)
