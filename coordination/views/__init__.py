"""Views: what people read of the ledger. Board, notes and stand-ups say nothing that it does not hold."""

from crewboard.coordination.views.board import board_view
from crewboard.coordination.views.books import Books
from crewboard.coordination.views.pages import refresh
from crewboard.coordination.views.standups import standup_of

__all__ = ["Books", "board_view", "refresh", "standup_of"]
