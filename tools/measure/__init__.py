"""An artifact measured anew from its bytes, by whoever has to judge it."""

from crewboard.tools.measure.measure import KINDS, measure

__all__ = ["KINDS", "measure"]
