"""What the rules need to know and the file does not say: looked up here, once, and put into the case."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crewboard.clock import parse_stamp
from crewboard.coordination.board.limits import read_limits
from crewboard.coordination.board.lint import named
from crewboard.coordination.board.lint.rule import LedgerFacts, LintCase, Page, TaskFact

if TYPE_CHECKING:
    from crewboard.coordination.board.card import BoardView
    from crewboard.coordination.deciding.quorum import Rights
    from crewboard.coordination.ledger import Ledger, Transaction
    from crewboard.coordination.workspace import Workspace

_GIT = (
    "git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never",
)  # fmt: skip
_QUIET = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
_PATIENCE_S = 10
_MOST_STARS = 4
_BATCH = 1000
_EVER = "9999"  # also what rests before another try


def case_of(data: bytes, workspace: "Workspace", *, whole: bool = True) -> LintCase:
    """A board of a workspace with everything that is known there. `whole` False: `data` is another file
    of the workspace, which the crew does not sync. ConfigInvalid."""
    from crewboard.clock import SystemClock

    case = LintCase(
        data,
        SystemClock().now(),
        missing=missing_paths(data, workspace.root),
        lost=lost_commits(data, workspace.root),
        limits=read_limits(workspace.config) if whole else {},
    )
    if not (workspace.state / "ledger.sqlite3").exists():
        return case
    ledger = workspace.ledger()
    facts = facts_of(workspace, ledger, _rights(workspace))
    if not whole:
        return replace(case, facts=replace(facts, last=None))
    return replace(case, facts=facts, view=view_of(workspace, ledger))


def missing_paths(data: bytes, root: Path) -> frozenset[str]:
    """The paths that a board names and that are not beneath `root`.

    A file that is named without its folder counts as there when any folder that the board names
    elsewhere holds it.
    """
    page = Page.of(LintCase(data))
    names = list(dict.fromkeys(each.name for each in named.paths(page.shown)))
    folders = sorted({name.rpartition("/")[0] for name in names if "/" in name} - {""})
    return frozenset(name for name in names if not _is_there(name, root, folders))


def lost_commits(data: bytes, root: Path) -> frozenset[str]:
    """The commits that a board names and that the repository around `root` does not have; none where
    there is no repository, or no git, to ask."""
    page = Page.of(LintCase(data))
    names = list(dict.fromkeys(each.name for each in named.commits(page.shown)))
    return frozenset(_unknown(names, root)) if names else frozenset()


def facts_of(workspace: "Workspace", ledger: "Ledger", rights: "Rights | None") -> LedgerFacts:
    """What the ledger says. Without `rights` (settings that cannot be read) every decision counts as
    one that somebody can answer."""
    from crewboard.coordination import artifacts, decisions, tasks
    from crewboard.coordination.lease import holder
    from crewboard.coordination.tasks import Task

    with ledger.read() as tx:
        found, asked = tasks.everything(tx), decisions.everything(tx)
        made, latest = artifacts.everything(tx), _latest(tx)
        stirring = {Task.of(row).goal for row in tx.run("runnable_tasks", at=_EVER)}
    stirring |= {task.goal for task in found if task.holder is not None}
    stuck = {each.id: rights.deadlock(each) for each in asked if rights and each.waiting}
    return LedgerFacts(
        ids=frozenset([*(task.id for task in found), *(each.id for each in asked)]),
        hashes=frozenset([each.sha256 for each in made] + _cited(e.evidence for e in asked)),
        tasks={
            task.id: TaskFact(
                task.state,
                task.role,
                parse_stamp(latest.get(task.id, task.updated)),
                task.goal not in stirring,
            )
            for task in found
        },
        decided=frozenset(each.id for each in asked if each.choice),
        unanswerable={name: why for name, why in stuck.items() if why},
        last=parse_stamp(latest[""]) if latest else None,
        crew_alive=holder(workspace.crew_lock) is not None,
    )


def view_of(workspace: "Workspace", ledger: "Ledger") -> "BoardView | None":
    """What the crew would write; None before the first event."""
    from crewboard.coordination.board.redacted import redacted
    from crewboard.coordination.views import Books, board_view

    with ledger.read() as tx:
        last = tx.one("last_event")
        if last is None:
            return None
        at = tx.run("events_after", seq=last["seq"] - 1, count=1)[0]["at"]
        return redacted(board_view(Books.read(tx), workspace.root.name, parse_stamp(at)))


def _rights(workspace: "Workspace") -> "Rights":
    from crewboard.coordination.settings import Settings

    return Settings.load(workspace.config).rulebook().rights


def _is_there(name: str, root: Path, folders: Iterable[str]) -> bool:
    if "/" in name:
        return _exists(root, name)
    return any(_exists(root, f"{folder}/{name}") for folder in ("", *folders))


def _exists(root: Path, name: str) -> bool:
    """A pattern is there when something matches it. A name that the system refuses is not there."""
    name = name.lstrip("/")
    try:
        if "*" in name or "?" in name:
            return name.count("*") <= _MOST_STARS and any(root.glob(name))
        return (root / name).exists()
    except (OSError, ValueError, NotImplementedError):
        return False


def _unknown(names: list[str], root: Path) -> list[str]:
    """Ask git for all of them at once. Only hex digits reach it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the names go to its stdin
            [*_GIT, "-C", str(root), "cat-file", "--batch-check=%(objecttype)"],
            input="".join(f"{name}^{{commit}}\n" for name in names).encode(),
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
            env={**kept, **_QUIET},
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return []
    answers = done.stdout.decode("utf-8", "replace").splitlines()
    if done.returncode or len(answers) != len(names):
        return []
    return [n for n, told in zip(names, answers, strict=True) if told.endswith(" missing")]


def _latest(tx: "Transaction") -> Mapping[str, str]:
    """When the last event of each task was; that of all events under ""."""
    found: dict[str, str] = {}
    seq = 0
    while rows := tx.run("events_after", seq=seq, count=_BATCH):
        for row in rows:
            found[row["task"] or ""] = found[""] = row["at"]
        seq = rows[-1]["seq"]
    return found


def _cited(evidence: Iterable[Iterable[str]]) -> list[str]:
    """The hashes that decisions were shown, wherever they came from."""
    texts = (each.partition(" sha256:")[2] for cited in evidence for each in cited)
    return [text.strip() for text in texts if text]
