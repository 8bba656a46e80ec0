"""Board and ledger in step around a verb, while no crew keeps them so."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from crewboard.cli.terminal import complain
from crewboard.coordination.lease import holder
from crewboard.coordination.workspace import Workspace

if TYPE_CHECKING:
    from crewboard.coordination.ledger import Ledger

_LAST_LINE = 4096  # bytes; a line of the journal is a few hundred


def caught_up(workspace: Workspace) -> Workspace:
    """Obey what people did on the board since somebody looked. Costs a read of it when they did nothing."""
    if _is_news(workspace):
        show_board(workspace, workspace.ledger())
    return workspace


def board_bytes(workspace: Workspace) -> bytes:
    """The board as it lies there, looked at without a lock. InputMissing, BoardNotAFile, InputUnreadable."""
    from crewboard.errors import BoardNotAFile, InputMissing, InputUnreadable

    try:
        return workspace.board.read_bytes()
    except FileNotFoundError:
        raise InputMissing(path=workspace.board) from None
    except IsADirectoryError:
        raise BoardNotAFile(path=workspace.board) from None
    except OSError as error:
        raise InputUnreadable(path=workspace.board, where="", reason=error.strerror) from error


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


def _is_news(workspace: Workspace) -> bool:
    """Whether the board is another than the newest of its versions, or that one is a human's."""
    try:
        board = workspace.board.read_bytes()
    except OSError:
        return True  # whoever looks closer will say what is wrong with it
    last = _last_version(workspace)
    if not last:
        from crewboard.coordination.board import template

        return board != template(workspace.root.name)
    return last.get("by") != "crew" or last.get("sha256") != hashlib.sha256(board).hexdigest()


def _last_version(workspace: Workspace) -> dict[str, Any]:
    """The last whole line of the board's journal; empty without one."""
    try:
        with (workspace.state / "board" / "journal.jsonl").open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _LAST_LINE))
            lines = file.read().split(b"\n")
    except OSError:
        return {}
    try:
        found: dict[str, Any] = json.loads(lines[-2]) if len(lines) > 1 else {}
    except ValueError:
        return {}
    return found
