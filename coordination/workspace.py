"""A workspace: the folder that a crew works in, and where everything in it lies."""

import json
import os
import pwd
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from crewboard.clock import Clock
from crewboard.coordination.ledger import Ledger
from crewboard.errors import WorkspaceMissing, WorkspaceUnwritable

CONFIG = "crewboard.toml"


@dataclass(frozen=True)
class Workspace:
    """Paths only; nothing is opened until it is asked for."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> "Workspace":
        """The workspace that `start` lies in. WorkspaceMissing when there is none above it."""
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / CONFIG).is_file():
                return cls(_text(folder))
        raise WorkspaceMissing(path=start)

    @classmethod
    def init(cls, root: Path, owner: str) -> tuple["Workspace", list[str]]:
        """Make a workspace of `root`; the names of what was created. What exists is left alone."""
        from crewboard.coordination.board import template

        made: list[str] = []
        _text(root.resolve())
        try:
            for name in (".", "memory", "data", "reports", ".crewboard"):
                (root / name).mkdir(
                    mode=0o700 if name == ".crewboard" else 0o755, exist_ok=True, parents=True
                )
            name = root.resolve().name
            starting = {
                CONFIG: _template("crewboard.toml")
                .format(name=_toml(name), owner=_toml(owner))
                .encode(),
                "KANBAN.md": template(name),
                ".gitignore": _template("gitignore").encode(),
            }
            for file, content in starting.items():
                if not (root / file).exists():
                    (root / file).write_bytes(content)
                    made.append(file)
        except OSError as error:
            raise WorkspaceUnwritable(path=root, reason=error.strerror) from error
        return cls(root.resolve()), made

    @property
    def config(self) -> Path:
        return self.root / CONFIG

    @property
    def board(self) -> Path:
        return self.root / "KANBAN.md"

    @property
    def notes(self) -> Path:
        return self.root / "memory"

    @property
    def state(self) -> Path:
        return self.root / ".crewboard"

    @property
    def crew_lock(self) -> Path:
        return self.state / "crew.lock"

    @property
    def log(self) -> Path:
        return self.state / "crew.log"

    def job_folder(self, task: str, name: str) -> Path:
        return self.state / "jobs" / task / name

    def ledger(self, clock: Clock | None = None) -> Ledger:
        """The opened ledger; WorkspaceUnwritable where its folder cannot be made."""
        try:
            self.state.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise WorkspaceUnwritable(path=self.root, reason=error.strerror) from error
        return Ledger.open(self.state / "ledger.sqlite3", clock)


def human() -> str:
    """Who sits at this machine, as the ledger names them: by their user id, not by what the environment
    claims. A user id without a name, as in containers, goes by its number."""
    try:
        return f"human:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"human:{os.getuid()}"


def _text(root: Path) -> Path:
    """The path itself: manifests, events and notes name it, so it has to be text."""
    if any("\ud800" <= each <= "\udfff" for each in str(root)):
        raise WorkspaceUnwritable(path=root, reason="its path is not UTF-8 text")
    return root


def _toml(text: str) -> str:
    """A string as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _template(name: str) -> str:
    return (files("crewboard.coordination") / "templates" / name).read_text("utf-8")
