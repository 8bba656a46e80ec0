"""Cross-agent expansion: each agent's training set is filled up from those of agents that are close to it.

`matrix` says how close, `shares` how many rows come from whom, `sampling` which ones, `expand` does it.
"""

from crewboard.tools.expand.matrix import Compatibility, load_matrix
from crewboard.tools.expand.sampling import copies
from crewboard.tools.expand.shares import Ask, Rounding, shares
from crewboard.tools.expand.tool import ExpandArguments, expand

__all__ = [
    "Ask",
    "Compatibility",
    "ExpandArguments",
    "Rounding",
    "copies",
    "expand",
    "load_matrix",
    "shares",
]
