"""The board: what the ledger knows, written into a Markdown file that people own.

The crew's lines are those that end with one of its ids (`^t41x9`) and, beneath them, those that
begin with one of its labels. Every other byte belongs to somebody else and stays as it is.

    bytes ─> outline ─> changes (what people did)      merge (three texts to one, by card)
    view  ─> render ──> store  (lock, journal of versions, and the file)
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
from crewboard.coordination.board.redacted import redacted
from crewboard.coordination.board.render import render_into, template
from crewboard.errors import BoardNotAFile

__all__ = [
    "Answered",
    "Blocker",
    "BoardNotAFile",
    "BoardView",
    "Card",
    "Choice",
    "Column",
    "DecisionCard",
    "Evidence",
    "redacted",
    "render_into",
    "template",
]
