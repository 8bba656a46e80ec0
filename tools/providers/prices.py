"""What a call costs, in whole millionths of a US dollar.

A price of one dollar per million tokens is one millionth of a dollar per token, so a cost is
tokens x price, added up exactly and rounded up once. Discounts (batches, cached prompts) are not
counted: a figure here is never less than the bill for it.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from math import ceil
from typing import Any, Protocol

from crewboard.canonical import canonical_json
from crewboard.errors import PriceUnknown
from crewboard.tools.providers.settings import ModelSettings

_FRAMING_TOKENS = 64  # the role marks and preambles that providers put around a conversation
_FRAMING_PER_TURN = 8
_DATED = 8  # digits of the date that ends a snapshot's name: claude-haiku-4-5-20251001


@dataclass(frozen=True)
class Usage:
    """Tokens as the provider counted them."""

    input_tokens: int = 0
    output_tokens: int = 0


class Said(Protocol):
    """One turn of what is asked."""

    @property
    def text(self) -> str: ...


class Asked(Protocol):
    """What a request must tell to be bounded."""

    @property
    def system(self) -> str: ...
    @property
    def turns(self) -> Sequence[Said]: ...
    @property
    def schema(self) -> Mapping[str, Any] | None: ...
    @property
    def max_tokens(self) -> int: ...


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens. `version` names the table they stand in, or `settings`."""

    input: Decimal
    output: Decimal
    version: str

    @property
    def free(self) -> bool:
        return self.input == self.output == 0

    def cost(self, usage: Usage) -> int:
        """Millionths of a US dollar for `usage`, rounded up."""
        return ceil(
            usage.input_tokens * Fraction(self.input) + usage.output_tokens * Fraction(self.output)
        )

    def most(self, request: Asked) -> int:
        """The most that `request` may cost: see `most_tokens`."""
        return self.cost(most_tokens(request))


FREE = Price(Decimal(0), Decimal(0), "free")


def most_tokens(request: Asked) -> Usage:
    """A bound that holds for every byte-level tokenizer: a token stands for one byte at least.

    Plain English needs about a quarter of it; base64 and rare scripts come close.
    """
    texts = [request.system, *(turn.text for turn in request.turns)]
    if request.schema is not None:
        texts.append(canonical_json(request.schema))
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    framing = _FRAMING_TOKENS + _FRAMING_PER_TURN * len(request.turns)
    return Usage(size + framing, request.max_tokens)


def price_of(provider: str, model: str, settings: ModelSettings) -> Price:
    """The price in `settings`, else in the table, under the model's name with or without its date.

    PriceUnknown when neither holds it: an unknown price is not a price of nothing.
    """
    if settings.price_in is not None and settings.price_out is not None:
        return Price(_decimal(settings.price_in), _decimal(settings.price_out), "settings")
    table = price_table()
    rows = table.get(provider, {})
    row = rows.get(model) or rows.get(_undated(model))
    if row is None:
        raise PriceUnknown(version=table["version"], model=f"{provider}/{model}")
    return Price(row["input"], row["output"], table["version"])


@cache
def price_table() -> dict[str, Any]:
    """prices.toml: `version`, and {provider: {model: {"input": Decimal, "output": Decimal}}}."""
    text = files("crewboard.tools.providers").joinpath("prices.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def _undated(model: str) -> str:
    stem, _, date = model.rpartition("-")
    return stem if date.isdecimal() and len(date) == _DATED else model


def _decimal(price: Decimal | float) -> Decimal:
    return price if isinstance(price, Decimal) else Decimal(str(price))
