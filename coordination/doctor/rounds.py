"""The rounds: every check in turn. One that cannot look says so, and the others go on."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from crewboard.coordination.doctor import machine, pages, proof, work
from crewboard.coordination.doctor.finding import Case, Finding, Level, Look
from crewboard.coordination.workspace import Workspace
from crewboard.errors import CrewboardError

T = TypeVar("T")

_GROUND: dict[str, tuple[str, Callable[[Workspace], Iterable[Finding]]]] = {
    "modes": ("ledger and key are closed to others", machine.modes),
    "writable": ("the workspace can be written", machine.writable),
    "file system": ("the workspace lies on a local disk", machine.filesystem),
    "disk": ("there is room on the disk", machine.disk),
    "sqlite": ("SQLite is new enough", machine.sqlite),
    "settings": ("crewboard.toml is valid", machine.settings),
}
_CHECKS: dict[str, tuple[str, Look]] = {
    "keys": ("every key that the model needs is set", lambda case: machine.keys(case.variables)),
    "database": ("the database is whole", proof.database),
    "chain": ("every event follows the one before", proof.chain),
    "tables": ("the tables say what the events say", proof.tables),
    "artifacts": ("every artifact has its bytes", proof.files),
    "verdicts": ("every verdict is as it was signed", proof.signatures),
    "evidence": ("all that is done was accepted by its hash", proof.evidence),
    "crew": ("a crew runs", work.crew),
    "abandoned": ("no task and no call was left half done", work.abandoned),
    "messages": ("every message was delivered", work.letters),
    "decisions": ("every open question can be answered in time", work.questions),
    "clock": ("no event lies ahead", work.clock),
    "board": ("the board is up to date", pages.synced),
    "paths": ("every file that the board names exists", pages.paths),
    "words": ("the board says nothing that cannot be right", pages.words),
}
_SANDBOX = Finding(
    Level.OK,
    "sandbox",
    "none is claimed: tools and plugins run with your own rights",
    "run the crew as a user of its own where that is too much",
)


def doctor(workspace: Workspace, variables: Iterable[str] = ()) -> list[Finding]:
    """One finding at least for each check, in a fixed order.

    Nothing goes over the network, and nothing is changed but what opening the ledger always does: it
    is brought to the newest schema and closed to others. `variables` are the environment variables
    that the configured models need.
    """
    found = [each for name, (fine, look) in _GROUND.items()
             for each in _told(name, fine, look, workspace)]  # fmt: skip
    found.append(_SANDBOX)
    if not (workspace.state / "ledger.sqlite3").exists():
        return [*found, Finding(Level.OK, "database", "nothing was started here yet")]
    try:
        case = Case(workspace, workspace.ledger(), tuple(variables))
    except CrewboardError as error:
        return [*found, _unseen("database", error)]
    for name, (fine, look) in _CHECKS.items():
        found += _told(name, fine, look, case)
    case.ledger.close()
    return found


def _told(name: str, fine: str, look: Callable[[T], Iterable[Finding]], at: T) -> list[Finding]:
    try:
        return list(look(at)) or [Finding(Level.OK, name, fine)]
    except CrewboardError as error:
        return [_unseen(name, error)]
    except Exception as error:  # noqa: BLE001 - what is damaged beyond words must not hide the rest
        says = f"it could not be looked at: {type(error).__name__}: {error}"
        return [Finding(Level.FAIL, name, says, "restore the last backup, or report this")]


def _unseen(name: str, error: CrewboardError) -> Finding:
    cause, _, remedy = str(error).partition(". ")
    return Finding(Level.FAIL, name, f"{cause}.", remedy)
