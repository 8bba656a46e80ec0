"""The settings of a model, under the name that agents know them by."""

from crewboard.tools.providers.settings import ModelSettings

__all__ = ["ModelSettings"]
