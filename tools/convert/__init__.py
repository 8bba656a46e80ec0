"""Conversations and trajectories between the shapes that trainers, providers and agents use.

`read` takes a row into the hub, `fit` writes one of it and tells what it lost, `convert` is the tool.
"""

from crewboard.tools.convert.catalogue import FORMATS, format_named, format_of
from crewboard.tools.convert.format import Fitted, Format, fit, read
from crewboard.tools.convert.model import Call, Conversation, Turn, Unfit
from crewboard.tools.convert.tool import ConvertArguments, convert

__all__ = [
    "FORMATS",
    "Call",
    "Conversation",
    "ConvertArguments",
    "Fitted",
    "Format",
    "Turn",
    "Unfit",
    "convert",
    "fit",
    "format_named",
    "format_of",
    "read",
]
