"""What a run will cost, before; what it did cost, after. Two figures that are never mixed.

An estimate is tokens times rate: prompts at four bytes a token (a rule of thumb for English, and marked
as such), answers at what the recipe says they usually take. It holds for every row being accepted at the
first try. The most that a run may cost is the budget, which every call is checked against before it
leaves, at the bound that no tokenizer exceeds.

Batches are charged half (OpenAI, "Batch API"; Anthropic, "Message Batches": 50 % of standard prices).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from crewboard.canonical import canonical_json
from crewboard.tools.generate.dialects import Question
from crewboard.tools.generate.requests import Request
from crewboard.tools.providers.prices import FREE, Price, Usage

BATCH_SHARE = Fraction(1, 2)
_BYTES_PER_TOKEN = 4
MICRO = 1_000_000


@dataclass(frozen=True)
class Estimate:
    """`cost` in millionths of a US dollar; the rates in US dollars per million tokens; `kind` is the
    kind of operation that the rates are for."""

    requests: int
    input_tokens: int
    output_tokens: int
    input_rate: str
    output_rate: str
    kind: str
    prices: str
    cost: int
    basis: str = f"prompts at {_BYTES_PER_TOKEN} bytes a token, answers as the recipe says"

    def told(self) -> str:
        """The arithmetic, beside the figure."""
        sizes = f"{self.requests:,} requests, {self.input_tokens:,} tokens in"
        if self.prices == FREE.version:
            return f"{sizes}, free"
        return (
            f"{sizes} at {self.input_rate} and {self.output_tokens:,} out at {self.output_rate} USD "
            f"per million ({self.kind}, prices of {self.prices}): about {usd(self.cost)} USD"
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def estimated(
    sample: Sequence[Request], rows: int, price: Price, answer: int, *, batch: bool
) -> Estimate:
    """For `rows` requests like those of the sample, and answers of `answer` tokens each."""
    size = Fraction(sum(_tokens(request.question) for request in sample), len(sample))
    usage = Usage(ceil(size * rows), answer * rows)
    share = BATCH_SHARE if batch else Fraction(1)
    return Estimate(
        requests=rows,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        input_rate=_rate(Fraction(price.input) * share),
        output_rate=_rate(Fraction(price.output) * share),
        kind="batch inference" if batch else "inference",
        prices=price.version,
        cost=shared(price.cost(usage), batch=batch),
    )


def shared(cost: int, *, batch: bool) -> int:
    """What a call costs, when it may have gone by batch."""
    return ceil(cost * BATCH_SHARE) if batch else cost


def usd(micro: int) -> str:
    """Millionths as dollars for people: four digits, because a call often costs less than a cent."""
    return f"{micro / MICRO:.4f}"


def _tokens(question: Question) -> int:
    texts = [
        question.system,
        *(turn.text for turn in question.turns),
        canonical_json(question.schema),
    ]
    return ceil(
        sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / _BYTES_PER_TOKEN
    )


def _rate(rate: Fraction) -> str:
    return f"{float(rate):.4f}".rstrip("0").rstrip(".")
