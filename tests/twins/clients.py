"""Models that talk to the twin provider, and a request to ask them."""

from typing import Any, Protocol

from crewboard.agents.models.contract import Model, ModelRequest, Turn
from crewboard.agents.models.registry import open_model
from crewboard.agents.models.settings import ModelSettings

CANARY = "sk-canary-0123456789abcdef"
NAMES = {"anthropic": "anthropic/claude-haiku-4-5", "openai": "openai/gpt-6-luna"}
PROVIDERS = tuple(NAMES)
KEY = "k" * 64
REQUEST = ModelRequest("lead/plan", "Be brief.", (Turn("user", "Plan the work."),), max_tokens=50)


class Addressed(Protocol):
    """Either form of the twin."""

    @property
    def url(self) -> str: ...
    @property
    def openai_url(self) -> str: ...


def open_at(twin: Addressed, provider: str, **settings: Any) -> Model:
    """The provider's model in `NAMES`, with `CANARY` as its key."""
    base_url = twin.openai_url if provider == "openai" else twin.url
    environ = {"ANTHROPIC_API_KEY": CANARY, "OPENAI_API_KEY": CANARY}
    return open_model(NAMES[provider], ModelSettings(base_url=base_url, **settings), environ)
