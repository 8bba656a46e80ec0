"""The language that a text is written in."""

from crewboard.tools.language.detect import UNKNOWN, Detector, plainly_english

__all__ = ["UNKNOWN", "Detector", "plainly_english"]
