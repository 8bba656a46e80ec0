"""The one place where the twin numbers, answers and charges requests."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crewboard.canonical import digest
from crewboard.errors import PriceUnknown, RequestRefused
from crewboard.tools.providers.prices import Price, price_of, price_table
from crewboard.tools.providers.settings import ModelSettings
from crewboard.tools.twins.provider.chat import (
    Asked,
    Said,
    read_anthropic,
    read_openai,
    reply,
    speak,
    used,
)
from crewboard.tools.twins.provider.ledger import Charge, Charges
from crewboard.tools.twins.provider.script import Fault, Faults, Script

READERS = {"openai": read_openai, "anthropic": read_anthropic}
_MICRO = 1_000_000
_REMEMBERED = 20_000  # requests, the latest


@dataclass(frozen=True)
class Seen:
    """A request as it arrived, charged or not."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any = None


@dataclass
class Desk:
    """What all requests to one twin share. It belongs to one event loop."""

    script: Script
    charges: Charges
    faults: Faults = field(init=False)
    seen: deque[Seen] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    under_way: int = 0
    peak: int = 0

    def __post_init__(self) -> None:
        self.faults = Faults(self.script.faults)

    @classmethod
    def open(cls, script: Script, charges: Path) -> "Desk":
        return cls(script, Charges(charges))

    def admits(self, key: str) -> bool:
        return not self.script.keys or key in self.script.keys

    @property
    def broke(self) -> bool:
        """Whether what was charged has used the quota up."""
        quota = self.script.quota_usd
        return quota is not None and self.charges.total >= quota * _MICRO

    async def chat(
        self, api: str, body: Any, key: str | None, fault: Fault | None
    ) -> dict[str, Any]:
        """The reply to a chat; charged halfway through the latency, unless its key was before."""
        asked = READERS[api](body)
        price = self.price(api, asked.model)
        await asyncio.sleep(self.script.latency_s / 2)
        known = self.charges.under(key) if self.script.idempotency else None
        answer = known.reply if known else self._charge(asked, body, price, (key, fault))
        await asyncio.sleep(self.script.latency_s / 2)
        return answer

    def price(self, api: str, model: str) -> Price:
        """RequestRefused (404) for a model that the price table does not hold."""
        try:
            return price_of(api, model, ModelSettings())
        except PriceUnknown:
            reason = f"The model {model!r} does not exist"
            raise RequestRefused(provider="the twin", status=404, reason=reason) from None

    def models(self, api: str) -> list[str]:
        return sorted(price_table()[api])

    def stored(self, metadata: Mapping[str, str]) -> list[dict[str, Any]]:
        """The stored chats that carry all of `metadata`, oldest first."""
        wanted = metadata.items()
        return [
            c.reply for c in self.charges if c.kind == "stored" and wanted <= c.metadata.items()
        ]

    def in_batch(self, api: str, body: Any) -> dict[str, Any]:
        """The reply to one request of a batch, charged half."""
        asked = READERS[api](body)
        return self._charge(asked, body, self.price(api, asked.model), (None, None), batch=True)

    def charge_training(self, model: str, trained: int, cost: int) -> None:
        request = digest({"provider": "openai", "model": model, "trained": trained})
        self.charges.commit(Charge("openai", "training", model, request, cost, trained))

    def _charge(
        self,
        asked: Asked,
        body: Any,
        price: Price,
        how: tuple[str | None, Fault | None],
        *,
        batch: bool = False,
    ) -> dict[str, Any]:
        key, fault = how
        said: Said = speak(asked, fault.kind if fault else None, self.script.answers)
        usage, answer = used(asked, said), reply(asked, said)
        cost = price.cost(usage)
        self.charges.commit(
            Charge(
                api=asked.api,
                kind="batch" if batch else "stored" if asked.store else "chat",
                model=asked.model,
                request=digest({"provider": asked.api, "model": asked.model, "body": body}),
                cost=-(-cost // 2) if batch else cost,
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                key=key,
                metadata=asked.metadata,
                reply=answer,
            )
        )
        return answer
