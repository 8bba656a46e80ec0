"""The ground that a crew stands on: disk, file modes, SQLite, settings, keys."""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from crewboard.coordination.doctor.finding import Finding, Level
from crewboard.coordination.ledger.guards import old_sqlite, refuse_network
from crewboard.coordination.workspace import Workspace
from crewboard.errors import ConfigInvalid, LedgerOnNetwork

_SCARCE, _NEEDED = 100 << 20, 1 << 30
_PRIVATE = ("ledger.sqlite3", "ledger.sqlite3-wal", "ledger.sqlite3-shm", "key")
_OTHERS = 0o077


def modes(workspace: Workspace) -> Iterator[Finding]:
    """Who can write the ledger can steer a crew, and who can read the key can sign for it."""
    for path in (workspace.state, *(workspace.state / name for name in _PRIVATE)):
        if path.exists() and (mode := path.stat().st_mode & 0o777) & _OTHERS:
            says = f"{_short(workspace, path)} is open to others (mode {mode:04o})"
            fit = "700" if path.is_dir() else "600"
            yield Finding(Level.FAIL, "modes", says, f"chmod {fit} {path}")


def filesystem(workspace: Workspace) -> Iterator[Finding]:
    try:
        refuse_network(workspace.root)
    except LedgerOnNetwork as error:
        yield Finding(Level.FAIL, "file system", str(error), "move the workspace to a local disk")


def disk(workspace: Workspace) -> Iterator[Finding]:
    free = shutil.disk_usage(workspace.root).free
    if free < _NEEDED:
        level = Level.FAIL if free < _SCARCE else Level.WARN
        says = f"{free >> 20} MiB are free on the disk of the workspace"
        yield Finding(level, "disk", says, "free some: a crew that runs out of disk waits for you")


def writable(workspace: Workspace) -> Iterator[Finding]:
    for path in (workspace.root, workspace.state, workspace.notes, workspace.board):
        if path.exists() and not os.access(path, os.W_OK):
            says = f"{_short(workspace, path)} cannot be written"
            yield Finding(Level.FAIL, "writable", says, f"give yourself the right to write {path}")


def sqlite(_: Workspace) -> Iterator[Finding]:
    if told := old_sqlite():
        yield Finding(Level.WARN, "sqlite", told, "use a Python with SQLite 3.51.3 or newer")


def settings(workspace: Workspace) -> Iterator[Finding]:
    from crewboard.coordination.settings import Settings

    try:
        Settings.load(workspace.config)
    except ConfigInvalid as error:
        yield Finding(Level.FAIL, "settings", str(error), f"correct {workspace.config.name}")


def keys(variables: Iterable[str]) -> Iterator[Finding]:
    """Whether a key is there; whether it is valid only the provider knows, who is not asked."""
    for name in variables:
        if not os.environ.get(name):
            says = f"{name} is not set, and the configured model needs it"
            yield Finding(Level.FAIL, "keys", says, f"set {name}, or start with --model rules")


def _short(workspace: Workspace, path: Path) -> str:
    return (
        "the workspace" if path == workspace.root else path.relative_to(workspace.root).as_posix()
    )
