"""`crewboard board log`, `undo`: what was done to the board, by whom, and taking it back."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crewboard.cli.board.desk import Desk, clean, wants_json
from crewboard.cli.options import in_workspace, option, reading

if TYPE_CHECKING:
    from crewboard.coordination.board.changes import Change
    from crewboard.coordination.board.history import Version
    from crewboard.coordination.board.store import BoardStore

_WIDTH = 60


@click.command
@option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="The newest so many.",
)
@reading
def log(workspace: Path | None, limit: int, *, as_json: bool) -> None:
    """Every change of the board: its number, who made it, and what they did."""
    from crewboard.cli.terminal import document, out, table

    store = Desk.at(workspace).store
    store.take_in()
    told = [_told(store, version) for version in store.versions()[-limit:]]
    if wants_json(as_json):
        document({"versions": told})
    elif told:
        rows = ((t["number"], t["at"][:16], t["by"], _summary(t), t["why"]) for t in told)
        table(rows, ("no", "at (UTC)", "by", "did", "why"))
    else:
        out("Nothing was done to the board yet.")


@click.command
@click.argument("number", type=click.IntRange(1), required=False, metavar="[NUMBER]")
@in_workspace
def undo(number: int | None, workspace: Path | None) -> None:
    """Take back what version NUMBER changed; what came after it stays.

    Without NUMBER: the last thing that a human did. Undone twice, it is there again. Cards that
    `archive` had put away come back, and leave the archive.
    """
    from crewboard.cli.terminal import line, out
    from crewboard.coordination.board.archive import bring_back

    desk = Desk.at(workspace)
    store, by = desk.store, desk.by()
    store.take_in()
    undone = _version(store, number)
    version = store.undo(undone.number, by)
    back = bring_back(desk.place.root, desk.archive_lock, store.text(version.sha256), undone.why)
    out(f"version {undone.number} is taken back ({line(undone.by)}: {line(undone.why, _WIDTH)})")
    if back:
        out(f"{len(back)} card{'s'[: len(back) > 1]} left the archive")
    out(f"it is version {version.number} now; `crewboard board undo {version.number}` undoes that")


def _version(store: "BoardStore", number: int | None) -> "Version":
    from crewboard.errors import UnknownName

    versions = store.versions()
    of_people = [each for each in versions if each.by.startswith("human:") and each.parent]
    found = [each for each in versions if each.number == number] if number else of_people[-1:]
    if not found:
        known = f"1 to {versions[-1].number}" if versions else "none yet"
        raise UnknownName(kind="version of the board", name=number or "human", known=known)
    return found[0]


def _told(store: "BoardStore", version: "Version") -> dict[str, Any]:
    done = _done(store, version)
    return {
        "number": version.number,
        "at": version.at,
        "by": version.by,
        "why": version.why,
        "sha256": version.sha256,
        "parent": version.parent,
        "changes": None if done is None else [_change(each) for each in done],
    }


def _done(store: "BoardStore", version: "Version") -> "tuple[Change, ...] | None":
    """What people would say was done; None where the bytes are no longer kept."""
    from crewboard.coordination.board.changes import changes
    from crewboard.errors import VersionGone

    try:
        before = store.text(version.parent) if version.parent else b""
        return changes(before, store.text(version.sha256))
    except VersionGone:
        return None


def _change(change: "Change") -> dict[str, Any]:
    return {
        "did": change.did.value,
        "card": change.card,
        "title": clean(change.title),
        "lane": clean(change.lane),
        "was": clean(change.was),
        "now": clean(change.now),
        "line": change.line,
    }


def _summary(told: dict[str, Any]) -> str:
    """One change in full, several by their kinds."""
    done = told["changes"]
    if done is None:
        return "(no longer kept)"
    if len(done) == 1:
        only = done[0]
        return f"{only['did']} {'^' * bool(only['card'])}{only['card'] or only['title'][:_WIDTH]}"
    counts = Counter(each["did"] for each in done)
    return ", ".join(f"{count} {did}" for did, count in counts.items()) or "-"
