"""The board: what the ledger knows, written into a Markdown file that people own.

The crew's lines are those that end with one of its ids (`^t41x9`) and, beneath them, those that
begin with one of its labels. Every other byte belongs to somebody else and stays as it is.
"""

from crewboard.coordination.board.card import (
    Answered,
    Blocker,
    BoardView,
    Card,
    Choice,
    Column,
    DecisionCard,
    Evidence,
)
from crewboard.coordination.board.render import render_into, template
from crewboard.coordination.board.writer import BoardWriter
from crewboard.errors import BoardNotAFile

__all__ = [
    "Answered",
    "Blocker",
    "BoardNotAFile",
    "BoardView",
    "BoardWriter",
    "Card",
    "Choice",
    "Column",
    "DecisionCard",
    "Evidence",
    "render_into",
    "template",
]
