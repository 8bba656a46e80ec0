"""A dataset parts into train and test, and what is asked in one is not asked in the other."""

from crewboard.tools.split.split import SplitArguments, split

__all__ = ["SplitArguments", "split"]
