from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewboard.agents.models.contract import ModelRequest, Turn, Usage
from crewboard.agents.models.prices import Price, most_tokens, price_of, price_table
from crewboard.agents.models.settings import ModelSettings
from crewboard.errors import ConfigInvalid, PriceUnknown, UsageError

_STANDARD = ModelSettings()


@pytest.mark.parametrize(
    ("provider", "model", "usage", "cost"),
    [
        ("anthropic", "claude-haiku-4-5", Usage(1_000_000, 0), 1_000_000),  # one dollar
        ("anthropic", "claude-haiku-4-5", Usage(0, 1_000_000), 5_000_000),
        ("anthropic", "claude-3-5-haiku", Usage(500, 466), 2_264),  # 6,665 of these: 15 dollars
        ("anthropic", "claude-3-5-haiku-20241022", Usage(500, 466), 2_264),  # a dated snapshot
        ("openai", "gpt-6-luna", Usage(1, 0), 1),  # a tenth of a millionth, rounded up
        ("openai", "gpt-6-luna", Usage(10, 1), 2),  # 1.0 + 0.5, rounded up once
        ("openai", "gpt-6-luna", Usage(), 0),
    ],
)
def test_costs_are_exact_and_rounded_up_once(
    provider: str, model: str, usage: Usage, cost: int
) -> None:
    assert price_of(provider, model, _STANDARD).cost(usage) == cost


def test_an_unknown_price_is_an_error_and_not_nothing() -> None:
    with pytest.raises(PriceUnknown) as caught:
        price_of("openai", "gpt-99", _STANDARD)
    assert isinstance(caught.value, UsageError)
    assert "openai/gpt-99" in str(caught.value)
    assert price_table()["version"] in str(caught.value)


def test_settings_price_what_the_table_does_not_know_and_override_what_it_does() -> None:
    settings = ModelSettings(price_in=0.1, price_out=Decimal("0.4"))
    for model in ("gpt-99", "gpt-6-luna"):
        price = price_of("openai", model, settings)
        assert price.cost(Usage(10, 10)) == 5  # 1 + 4: no trace of binary fractions
        assert price.version == "settings"


@pytest.mark.parametrize(
    "wrong",
    [
        {"price_in": -1, "price_out": 1},
        {"price_in": float("nan"), "price_out": 1},
        {"price_in": float("inf"), "price_out": 1},
        {"price_in": 1},  # half a price
        {"deadline_s": 0},
        {"max_bytes": -1},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigInvalid):
        ModelSettings(**wrong)  # type: ignore[arg-type]


def test_every_price_in_the_table_is_a_decimal_with_a_version() -> None:
    table = dict(price_table())
    assert table.pop("version") == "2026-11"
    rows = [row for provider in table.values() for row in provider.values()]
    assert rows
    assert all(isinstance(row[way], Decimal) for row in rows for way in ("input", "output"))


@given(st.text(), st.text(), st.integers(1, 4096))
def test_no_byte_level_tokenizer_finds_more_tokens_than_the_bound(
    system: str, said: str, max_tokens: int
) -> None:
    request = ModelRequest("p", system, (Turn("user", said),), {"type": "object"}, {}, max_tokens)
    bound = most_tokens(request)
    assert bound.input_tokens > len((system + said).encode())
    assert bound.output_tokens == max_tokens


def test_the_bound_counts_the_schema_and_half_pairs_of_surrogates() -> None:
    plain = ModelRequest("p", "", (Turn("user", "caf\udce9"),))
    told = ModelRequest("p", "", plain.turns, {"type": "object", "description": "x" * 100})
    assert most_tokens(told).input_tokens > most_tokens(plain).input_tokens + 100


def test_free_is_free_whatever_is_used() -> None:
    price = Price(Decimal(0), Decimal(0), "x")
    assert price.free
    assert price.cost(Usage(10**9, 10**9)) == 0
