"""Views: what people read of the ledger. Board, notes and stand-ups say nothing that it does not hold."""

from typing import TYPE_CHECKING

from crewboard.coordination.views.board import board_view
from crewboard.coordination.views.books import Books
from crewboard.coordination.views.standups import standup_of

if TYPE_CHECKING:
    from crewboard.coordination.ledger import Ledger
    from crewboard.coordination.workspace import Workspace

__all__ = ["Books", "board_view", "refresh", "standup_of", "touched"]


def refresh(workspace: "Workspace", ledger: "Ledger") -> None:
    """Bring board and notes up to date, and obey what people did there: see `views.pages`. Looking
    needs none of what that takes, so it is loaded here."""
    from crewboard.coordination.views import pages

    pages.refresh(workspace, ledger)


def touched(workspace: "Workspace", ledger: "Ledger") -> bool:
    """Whether somebody saved the board since the last refresh."""
    from crewboard.coordination.views import pages

    return pages.touched(workspace, ledger)
