"""What a failed call means, under the name that agents know it by."""

from crewboard.tools.providers.signals import (
    Signal,
    error_in_answer,
    meaning,
    pause_asked,
    retry_after,
)

__all__ = ["Signal", "error_in_answer", "meaning", "pause_asked", "retry_after"]
