"""Crewboard: crews of role agents that build training data and fine-tune models."""

__all__ = ["__version__"]

__version__ = "0.1.0"
