"""Several datasets become one, in the proportions asked for, and the same bytes wherever it is done."""

from crewboard.tools.mix.arguments import MixArguments
from crewboard.tools.mix.mix import mix
from crewboard.tools.mix.recipe import load_mix

__all__ = ["MixArguments", "load_mix", "mix"]
