"""Training data of the project's own making: word problems, and faults planted on request."""

from crewboard.tools.generate.generate import GenerateArguments, generate
from crewboard.tools.generate.planting import Faults, word_problems

__all__ = ["Faults", "GenerateArguments", "generate", "word_problems"]
