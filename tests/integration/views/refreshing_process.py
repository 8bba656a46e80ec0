"""Another process that keeps the pages of a workspace true until it is told to stop."""

import sys
from pathlib import Path

from crewboard.coordination import views
from crewboard.coordination.workspace import Workspace


def main(root: str) -> None:
    workspace = Workspace(Path(root))
    ledger = workspace.ledger()
    while not (workspace.state / "stop").exists():
        views.refresh(workspace, ledger)
    views.refresh(workspace, ledger)


if __name__ == "__main__":
    main(sys.argv[1])
