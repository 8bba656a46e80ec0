"""Several datasets become one, in the proportions asked for."""

from crewboard.tools.mix.mix import MixArguments, mix

__all__ = ["MixArguments", "mix"]
