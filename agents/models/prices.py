"""The price table, under the name that agents know it by."""

from crewboard.tools.providers.prices import FREE, Price, most_tokens, price_of, price_table

__all__ = ["FREE", "Price", "most_tokens", "price_of", "price_table"]
