"""Who made a save that the crew did not make, as far as that can be known.

A file has no author. The save is put down to whoever sits at this machine; but where git has just put
the committed board there, to the author of the last commit that touched it. That is a claim: git asks
nobody to prove their name, so it must never release what needs an authenticated person.

git is run with a time limit, without hooks, monitors, pagers, signatures or the network, and only when
the board has changed and lies in a repository.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from crewboard.coordination.workspace import human
from crewboard.memory.inert import plain

_TIMEOUT_S = 5.0
_LONGEST = 80
_GIT = (
    "git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
    "-c", "log.showSignature=false", "-c", "protocol.allow=never",
)  # fmt: skip
_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
_AUTOSTASH = ("MERGE_AUTOSTASH", "rebase-merge/autostash", "rebase-apply/autostash")


def author_of(path: Path, data: bytes) -> str:
    """`human:git/NAME` when `data` is what HEAD holds for `path`, else `human:NAME`."""
    if git_folder(path.parent) is None or shutil.which("git") is None:
        return human()
    held = _git(path.parent, "rev-parse", "--verify", "--quiet", f"HEAD:./{path.name}")
    if not held or held != _blob(data, len(held)):
        return human()
    name = _git(path.parent, "log", "-1", "--format=%an", "HEAD", "--", path.name)
    return f"human:git/{plain(name, _LONGEST)}" if name else human()


def git_folder(folder: Path) -> Path | None:
    """Where the repository that `folder` lies in keeps its state for this checkout."""
    for each in (folder, *folder.parents):
        found = each / ".git"
        if found.is_dir():
            return found
        if found.is_file():  # a linked worktree or a submodule
            named = found.read_text("utf-8", "replace").removeprefix("gitdir:").strip()
            return each / named
    return None


def git_at_work(folder: Path) -> Path | None:
    """The file by which git says that it is reading or changing the checkout, if there is one.

    `autostash`: git has put away what was not committed, and the board lacks it until it comes back.
    `index*.lock`: git reads or writes files, and tears one that grows between its two looks at it. It
    may also belong to a git that was killed, or that waits for somebody to write a message.
    """
    state = git_folder(folder)
    if state is None or not state.is_dir():
        return None
    names = (n for n in os.listdir(state) if n.startswith("index") and n.endswith(".lock"))  # noqa: PTH208
    marks = (*_AUTOSTASH, *names)
    return next((state / mark for mark in marks if (state / mark).exists()), None)


def _blob(data: bytes, digits: int) -> str:
    """The name that git gives to these bytes, in a repository with names of so many digits."""
    hasher = hashlib.sha1 if digits == 40 else hashlib.sha256  # noqa: PLR2004 - SHA-1 in hex
    return hasher(b"blob %d\0" % len(data) + data).hexdigest()


def _git(folder: Path, *arguments: str) -> str:
    """What git answers, "" when it does not: then nobody is named by it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | _QUIET
    try:
        done = subprocess.run(  # noqa: S603 - a list, and no shell
            [*_GIT, *arguments], cwd=folder, env=environment, timeout=_TIMEOUT_S,
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""
