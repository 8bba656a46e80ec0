"""Board and notes after a verb that wrote to the ledger while no crew keeps them."""

from typing import TYPE_CHECKING

from crewboard.cli.terminal import complain
from crewboard.coordination.lease import holder
from crewboard.coordination.workspace import Workspace

if TYPE_CHECKING:
    from crewboard.coordination.ledger import Ledger


def show_board(workspace: Workspace, ledger: "Ledger") -> None:
    """Bring them up to date, unless a living crew does. The ledger holds the truth already, so a board
    that cannot be written is told and not raised."""
    from crewboard.coordination import views
    from crewboard.errors import CrewboardError

    if holder(workspace.crew_lock) is not None:
        return
    try:
        views.refresh(workspace, ledger)
    except CrewboardError as error:
        complain(str(error))
