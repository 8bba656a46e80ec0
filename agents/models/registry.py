"""Which providers there are, and the model that a name stands for.

A plugin adds a provider with one line in the entry-point group `crewboard.models`: its name, and a
function (model, settings, environ) -> Model whose docstring's first line says what it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol, cast

from crewboard.agents.models.contract import Model
from crewboard.agents.models.settings import ModelSettings
from crewboard.errors import ConfigInvalid, UnknownName

GROUP = "crewboard.models"


class Opener(Protocol):
    def __call__(
        self, model: str, settings: ModelSettings, environ: Mapping[str, str], /
    ) -> Model: ...


@dataclass(frozen=True)
class Provider:
    """`opener` is `module:function`, imported when a model of the provider is opened."""

    name: str
    summary: str
    opener: str

    def load(self) -> Opener:
        module, _, function = self.opener.partition(":")
        return cast(Opener, getattr(import_module(module), function))


PROVIDERS = (
    Provider(
        "rules",
        "no model: a fixed policy picks and fills in the pipeline that a goal names",
        "crewboard.agents.models.rules:open_rules",
    ),
    Provider(
        "anthropic",
        "Claude, through Anthropic's API (ANTHROPIC_API_KEY)",
        "crewboard.agents.models.anthropic:open_anthropic",
    ),
    Provider(
        "openai",
        "OpenAI's API and compatible servers by base_url (OPENAI_API_KEY)",
        "crewboard.agents.models.openai:open_openai",
    ),
    Provider(
        "local",
        "a transformers model from a folder, on this machine",
        "crewboard.agents.models.local:open_local",
    ),
    Provider(
        "scripted",
        "the answers in a JSON file, for tests and demos",
        "crewboard.agents.models.scripted:open_scripted",
    ),
    Provider(
        "replay",
        "the calls on a recorded tape, without a key",
        "crewboard.agents.models.replay:open_replay",
    ),
)


def open_model(
    name: str, settings: ModelSettings | None = None, environ: Mapping[str, str] | None = None
) -> Model:
    """The model that `name` (`provider/model`, as --model takes it) stands for. Sends nothing.

    UnknownName for an unknown provider or a missing model, and what the provider's opener raises
    for a missing key, price or package. Keys are looked for in `environ` and nowhere else.
    """
    provider, _, model = name.partition("/")
    found = providers()
    if provider not in found:
        raise UnknownName(kind="model provider", name=provider, known=", ".join(sorted(found)))
    if not model and provider != "rules":
        raise UnknownName(kind="model", name=name, known=f"{provider}/MODEL")
    return found[provider].load()(model, settings or ModelSettings(), environ or {})


def providers() -> dict[str, Provider]:
    """The built-in providers and those of plugins; a plugin may not take a name that is taken."""
    found = {each.name: each for each in PROVIDERS}
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        if entry.name in found:
            raise ConfigInvalid(path=GROUP, where=entry.name, reason="two providers bear this name")
        package = entry.dist.name if entry.dist else "a plugin"
        found[entry.name] = Provider(entry.name, f"from {package}", entry.value)
    return found
