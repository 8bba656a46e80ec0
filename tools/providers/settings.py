"""How a model is reached and what it costs: the `[models]` table of crewboard.toml, frozen."""

from dataclasses import dataclass
from decimal import Decimal

from crewboard.errors import ConfigInvalid


@dataclass(frozen=True)
class ModelSettings:
    """Every field has the default that is right for the provider's own service.

    `base_url` points at a compatible server (OpenRouter, vLLM, Ollama, a proxy). `key_variable`
    names the environment variable that holds the key; "" sends no key. `idempotency` says that the
    server does one `Idempotency-Key` once, `lookup` that it stores chats and lists them by their
    metadata: neither is assumed, because a wrong assumption pays twice. `json_schema = false` is
    for models without structured outputs: the schema is then told in words. Prices are US dollars
    per million tokens, and override the price table. `download` lets `local` models come from the
    hub.

    One call may take `connect_s` to connect, `read_s` between two bytes, `deadline_s` in all, and
    its answer `max_bytes`.
    """

    base_url: str | None = None
    key_variable: str | None = None
    idempotency: bool = False
    lookup: bool = False
    json_schema: bool = True
    price_in: Decimal | float | None = None
    price_out: Decimal | float | None = None
    temperature: float | None = None
    connect_s: float = 5.0
    read_s: float = 120.0
    deadline_s: float = 300.0
    max_bytes: int = 8 << 20
    download: bool = False

    def __post_init__(self) -> None:
        for name in ("price_in", "price_out"):
            price = getattr(self, name)
            if price is not None and not 0 <= price < float("inf"):
                raise _invalid(name, "a price is a number of US dollars, 0 or more")
        if (self.price_in is None) != (self.price_out is None):
            raise _invalid("price_in", "price_in and price_out are set together")
        for name in ("connect_s", "read_s", "deadline_s", "max_bytes"):
            if not getattr(self, name) > 0:
                raise _invalid(name, "it must be more than 0")


def _invalid(name: str, reason: str) -> ConfigInvalid:
    return ConfigInvalid(path="crewboard.toml", where=f"models.{name}", reason=reason)
