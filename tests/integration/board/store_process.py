"""People and processes at one board: run as `python store_process.py ROLE HOW BOARD NAME COUNT`.

ROLE is what makes COUNT edits, each with a token of its own, `NAME.0 ` and so on:

    crew       reads the board, adds a line beneath a card, writes it back
    in-place   an editor that empties the file and fills it in pieces; it reloads before each edit
    rename     an editor that writes a new file and renames it into place, likewise
    stale-in-place, stale-rename    the same, but nothing is ever reloaded
    git        saves, and pulls with --autostash what a colleague has committed meanwhile

A `+` behind a person's role: they do not wait for anybody.

HOW is what the crew does to keep edits apart: `naive` (read, write), `atomic` (read, write beside,
rename), `locked` (the same under a lock), `store` (BoardStore) or `portable` (BoardStore without
leases). With the last two, people wait until their save has been taken in before somebody else saves:
what one person covers before anybody has seen it, nobody can give back.

Every token is printed once its edit is made.
"""

import fcntl
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crewboard.coordination.board.store import BoardStore
from crewboard.errors import PageBusy
from crewboard.memory import lease

Change = Callable[[bytes], bytes]
PIECES = 3
SLOW_S = 0.004  # between the pieces of a save in place
TAKEN_S = 60.0
GIT = (
    "git",
    "-c",
    "user.name=P",
    "-c",
    "user.email=p@example.org",
    "-c",
    "init.defaultBranch=main",
)


def begin(board: Path, cards: int) -> None:
    lanes = ("Backlog", "In Progress", "Done")
    text = ["# Races", ""]
    for lane in lanes:
        text += [f"## {lane}", ""]
        text += [
            f"- **{lane} {n}** some words ^t{lane[0].lower()}{n:04d}" for n in range(cards // 3)
        ]
        text += [""]
    board.write_text("\n".join(text), encoding="utf-8")


def adding(token: str, chance: random.Random) -> Change:
    """A new line beneath one of the cards."""
    where = chance.random()

    def change(data: bytes) -> bytes:
        lines = data.split(b"\n")
        cards = [n for n, line in enumerate(lines) if line.startswith(b"- ")]
        at = cards[int(where * len(cards))] + 1 if cards else len(lines)
        return b"\n".join([*lines[:at], f"  - {token} ".encode(), *lines[at:]])

    return change


# ── what the crew does ─────────────────────────────────────────────────────────────────────────


def naive(board: Path, change: Change) -> None:
    board.write_bytes(change(board.read_bytes()))


def atomic(board: Path, change: Change) -> None:
    draft = board.with_name(f".draft-{os.getpid()}")
    draft.write_bytes(change(board.read_bytes()))
    draft.replace(board)


def under_lock(board: Path, change: Change) -> None:
    with held(board.with_name("crew.lock")):
        atomic(board, change)


def crew(how: str, board: Path) -> Callable[[Change], object]:
    if how in {"store", "portable"}:
        store = opened(how, board)
        return lambda change: edit_when_free(store, change)
    by_hand = {"naive": naive, "atomic": atomic, "locked": under_lock}[how]
    return lambda change: by_hand(board, change)


def edit_when_free(store: BoardStore, change: Change) -> None:
    """As the crew does it: an edit that finds the board busy was not made, and is made later."""
    while True:
        try:
            store.edit(change, "crew", "an edit")
        except PageBusy:
            continue
        return


def opened(how: str, board: Path) -> BoardStore:
    lease.PAGE_LEASE = how == "store"
    store = BoardStore(board, board.parent / ".crewboard")
    store.patience = 60
    return store


# ── what people do ─────────────────────────────────────────────────────────────────────────────


def save_in_place(board: Path, data: bytes) -> None:
    with board.open("wb", buffering=0) as file:
        size = len(data) // PIECES + 1
        for start in range(0, len(data), size):
            time.sleep(SLOW_S)
            file.write(data[start : start + size])


def save_by_rename(board: Path, data: bytes) -> None:
    draft = board.with_name(f"save-{os.getpid()}")
    draft.write_bytes(data)
    draft.replace(board)


@contextmanager
def held(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def taken(how: str, board: Path, token: str) -> bool:
    """Whether an edit has reached the newest version of the board; at once where there are none."""
    if how not in {"store", "portable"}:
        return True
    store = BoardStore(board, board.parent / ".crewboard")
    deadline = time.monotonic() + TAKEN_S
    while time.monotonic() < deadline:
        versions = store.versions()
        if versions and f"  - {token} ".encode() in store.text(versions[-1].sha256):
            return True
        time.sleep(0.02)
    sys.stderr.write(f"{token} was not taken in\n")
    return False


def edit_as_person(role: str, how: str, board: Path, tokens: list[str]) -> None:
    waits, role = not role.endswith("+"), role.rstrip("+")
    save = save_in_place if role.endswith("in-place") else save_by_rename
    stale, chance = role.startswith("stale"), random.Random(role)
    with held(
        board.with_name("desk")
    ):  # not while somebody saves: half a text would be all it ever had
        buffer = whole(board)
    for token in tokens:
        time.sleep(
            chance.uniform(0.5, 2.0) if stale and len(tokens) < 20 else chance.uniform(0.02, 0.2)
        )
        with held(board.with_name("desk")):
            buffer = adding(token, chance)(buffer if stale else whole(board))
            save(board, buffer)
            if not waits or taken(how, board, token):
                say(token)


def whole(board: Path) -> bytes:
    """What an editor loads: not the moment in which another one has emptied the file."""
    while not (data := board.read_bytes()):
        time.sleep(0.001)
    return data


# ── what git does ──────────────────────────────────────────────────────────────────────────────


def git(folder: Path, *arguments: str, check: bool = True) -> str:
    done = subprocess.run(
        [*GIT, *arguments], cwd=folder, check=False, capture_output=True, text=True
    )
    if check and done.returncode:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def share(board: Path) -> Path:
    """Put the board under git, and give a colleague a clone of it."""
    mine, colleague = board.parent, board.parent.with_name("colleague")
    git(mine, "init", "-q")
    (mine / ".git" / "info" / "exclude").write_text("*\n!KANBAN.md\n")
    git(mine, "add", board.name)
    git(mine, "commit", "-qm", "the board")
    git(mine, "clone", "-q", str(mine), str(colleague))
    git(mine, "remote", "add", "origin", str(colleague))
    git(mine, "fetch", "-q", "origin")
    git(mine, "branch", "-q", "--set-upstream-to=origin/main")
    return colleague


def edit_with_git(how: str, board: Path, tokens: list[str]) -> None:
    chance, mine, colleague = random.Random(5), board.parent, board.parent.with_name("colleague")
    for token in tokens:
        time.sleep(chance.uniform(0.1, 0.5))
        theirs, ours = f"{token}.theirs", f"{token}.ours"
        naive(colleague / board.name, adding(theirs, chance))
        git(colleague, "commit", "-qam", theirs)
        with held(board.with_name("desk")):
            save_by_rename(board, adding(ours, chance)(whole(board)))
            while theirs not in git(mine, "log", "-1", "--format=%s"):
                pull(how, board, ours)  # git refuses where somebody writes in the midst of it
            for each in (theirs, ours):
                if taken(how, board, each):
                    say(each)


def pull(how: str, board: Path, ours: str) -> None:
    mine = board.parent
    git(mine, "pull", "-q", "--autostash", "--no-rebase", check=False)
    git(mine, "reset", "-q")  # a stash that met a conflict leaves the index unmerged
    if git(mine, "stash", "list"):  # what git could not bring back, a person does
        time.sleep(0.5)
        git(mine, "checkout", "-q", "stash@{0}", "--", board.name)
        git(mine, "reset", "-q")
        git(mine, "stash", "drop", "-q")
        taken(how, board, ours)


def say(token: str) -> None:
    sys.stdout.write(f"{token}\n")
    sys.stdout.flush()


def main(role: str, how: str, board: Path, name: str, count: int) -> None:
    tokens = [f"{name}.{n}" for n in range(count)]
    if role == "git":
        edit_with_git(how, board, tokens)
    elif role != "crew":
        edit_as_person(role, how, board, tokens)
    else:
        chance, edit = random.Random(name), crew(how, board)
        for token in tokens:
            time.sleep(chance.uniform(0, 0.02))
            edit(adding(token, chance))
            say(token)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
