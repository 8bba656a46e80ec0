"""Near duplicates: all pairs of texts whose sets of word 5-grams overlap to a share or more."""

from crewboard.tools.near.engine import CROWD, Near, NearPair, near_pairs
from crewboard.tools.near.gramfile import GramPart, Grams, GramWriter
from crewboard.tools.near.shingles import GRAM, LONGEST

__all__ = [
    "CROWD",
    "GRAM",
    "LONGEST",
    "GramPart",
    "GramWriter",
    "Grams",
    "Near",
    "NearPair",
    "near_pairs",
]
