"""Rows brought to target shares: left out, repeated, or asked for by a recipe."""

from crewboard.tools.rebalance.arguments import RebalanceArguments, RecipeArguments
from crewboard.tools.rebalance.rebalance import rebalance
from crewboard.tools.rebalance.recipe import rebalance_recipe

__all__ = ["RebalanceArguments", "RecipeArguments", "rebalance", "rebalance_recipe"]
