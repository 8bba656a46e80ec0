"""Rows that break a rule: mended where a mending means the same, else left out, and each one told."""

from crewboard.tools.repair.arguments import RepairArguments, load_repair
from crewboard.tools.repair.offers import Offer, offers
from crewboard.tools.repair.repair import repair

__all__ = ["Offer", "RepairArguments", "load_repair", "offers", "repair"]
