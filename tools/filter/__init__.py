"""Rows that no trainer can use, or nobody wants, are left out, each with its reason."""

from crewboard.tools.filter.arguments import FilterArguments
from crewboard.tools.filter.filter import filter_rows

__all__ = ["FilterArguments", "filter_rows"]
