"""Rows that no trainer can use are left out, each with its reason."""

from crewboard.tools.filter.filter import FilterArguments, filter_rows

__all__ = ["FilterArguments", "filter_rows"]
