"""A crew that outlives this terminal: `resume --stay` in a session of its own, its output in the log."""

import os
import subprocess
import sys
import time

from crewboard.coordination.lease import holder
from crewboard.coordination.workspace import Workspace
from crewboard.errors import CrewNotStarted

_PATIENCE_S = 60.0
_LOOK_S = 0.05


def crew_in_background(workspace: Workspace) -> int:
    """The process id of the crew that will take the goal: the one at work, else a new one, once it has
    the lease. CrewNotStarted."""
    alive = holder(workspace.crew_lock)
    if alive is not None:
        return alive
    handle = os.open(workspace.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            [sys.executable, "-m", "crewboard", "resume", "--stay", "-C", str(workspace.root)],
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            cwd=workspace.root,
            start_new_session=True,
        )
    finally:
        os.close(handle)
    return _taken(workspace, child)


def _taken(workspace: Workspace, child: "subprocess.Popen[bytes]") -> int:
    ends = time.monotonic() + _PATIENCE_S
    while time.monotonic() < ends:
        alive = holder(workspace.crew_lock)
        if alive is not None:
            return alive
        if child.poll() not in {None, 0, 3, 4}:
            raise CrewNotStarted(code=child.returncode, log=workspace.log)
        if child.poll() is not None:  # it took the goal as far as it goes already
            return child.pid
        time.sleep(_LOOK_S)
    return child.pid
