"""Personal data and secrets out of rows, at their source: typed replacements, the same for the same."""

from crewboard.tools.scrub.arguments import ScrubArguments
from crewboard.tools.scrub.tool import scrub

__all__ = ["ScrubArguments", "scrub"]
