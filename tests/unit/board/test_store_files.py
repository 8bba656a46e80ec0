"""Which files the store refuses, and that it leaves them, and its own journal, as they were."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crewboard.clock import ManualClock
from crewboard.coordination.board.agreement import Agreement
from crewboard.coordination.board.history import Version
from crewboard.coordination.board.store import BoardStore
from crewboard.errors import (
    BoardNotAFile,
    CrewboardError,
    InputUnreadable,
    PathOutside,
    WorkspaceUnwritable,
)

START = b"# Board\n\n## Backlog\n\n- **First** ^t00001\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "KANBAN.md").write_bytes(START)
    return workspace


def store_of(root: Path) -> BoardStore:
    store = BoardStore(root / "KANBAN.md", root / ".crewboard", root)
    store.patience = 2
    return store


def more(now: bytes) -> bytes:
    return now + b"- more\n"


def state(path: Path) -> tuple[int, ...]:
    """All of it but the time of the last look."""
    found = path.lstat()
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_nlink


def a_folder(board: Path) -> None:
    board.unlink()
    board.mkdir()


def a_pipe(board: Path) -> None:
    board.unlink()
    os.mkfifo(board)


def a_link_out(board: Path) -> None:
    board.rename(board.parent.parent / "outside.md")
    board.symlink_to("../outside.md")


def utf_16(board: Path) -> None:
    board.write_bytes("\ufeff# Board\n".encode("utf-16-le"))


def giant(board: Path) -> None:
    with board.open("wb") as file:
        file.truncate(100 << 20)


@pytest.mark.parametrize(
    ("made", "error", "words"),
    [
        (a_folder, BoardNotAFile, "KANBAN"),
        (a_pipe, BoardNotAFile, "KANBAN"),
        (a_link_out, PathOutside, "outside the workspace"),
        (utf_16, InputUnreadable, "UTF-16"),
        (giant, InputUnreadable, "100 MB, and a board holds 64 MB at most"),
    ],
)
@pytest.mark.parametrize("known", [True, False], ids=["known before", "found so"])
def test_what_is_no_board_is_refused_and_left_alone(
    root: Path, made: Callable[[Path], None], error: type[CrewboardError], words: str, known: object
) -> None:
    store = store_of(root)
    if known:
        store.take_in()
    made(root / "KANBAN.md")
    before = state(root / "KANBAN.md")
    for call in (store.take_in, store.peek, lambda: store.edit(more, "crew", "an edit")):
        with pytest.raises(error, match=words):
            call()
    assert state(root / "KANBAN.md") == before
    assert len(store.versions()) == (1 if known else 0)
    assert sorted(each.name for each in root.iterdir()) == [".crewboard", "KANBAN.md"]


def test_a_board_may_be_a_link_within_the_workspace(root: Path) -> None:
    (root / "docs").mkdir()
    (root / "KANBAN.md").rename(root / "docs" / "board.md")
    (root / "KANBAN.md").symlink_to("docs/board.md")
    store = store_of(root)
    assert store.edit(more, "crew", "an edit")
    assert (root / "KANBAN.md").is_symlink()
    assert (root / "docs" / "board.md").read_bytes() == more(START)
    assert store.take_in() == more(START)


def test_a_board_that_somebody_made_read_only_is_not_written(root: Path) -> None:
    store = store_of(root)
    store.take_in()
    (root / "KANBAN.md").chmod(0o444)
    with pytest.raises(WorkspaceUnwritable, match="read-only"):
        store.edit(more, "crew", "an edit")
    assert (root / "KANBAN.md").read_bytes() == START
    assert len(store.versions()) == 1
    (root / "KANBAN.md").chmod(0o644)
    store.edit(more, "crew", "an edit")
    assert (root / "KANBAN.md").read_bytes() == more(START)


def test_a_save_on_a_board_that_is_read_only_waits_for_its_merge(root: Path) -> None:
    store = store_of(root)
    store.take_in()
    store.edit(lambda now: now.replace(b"^t00001\n", b"^t00001\n  - begun\n"), "crew", "an edit")
    (root / "KANBAN.md").write_bytes(START + b"- mine\n")
    (root / "KANBAN.md").chmod(0o444)
    with pytest.raises(WorkspaceUnwritable):
        store.take_in()
    assert (root / "KANBAN.md").read_bytes() == START + b"- mine\n"
    (root / "KANBAN.md").chmod(0o644)
    assert store.take_in() == START + b"  - begun\n- mine\n"


def test_an_edit_that_cannot_be_put_in_place_did_not_happen(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in the journal by then, so the journal takes it back."""
    store = store_of(root)
    store.take_in()

    def refuse(*_: object) -> bool:
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr("crewboard.memory.swap.exchange", refuse)
        with pytest.raises(WorkspaceUnwritable, match="not permitted"):
            store.edit(more, "crew", "an edit")
    assert store.take_in() == START == (root / "KANBAN.md").read_bytes()
    found, made, taken_back = store.versions()
    assert (taken_back.sha256, taken_back.parent) == (found.sha256, made.sha256)
    assert taken_back.why.startswith("taken back")


def test_an_edit_on_a_board_that_becomes_a_folder_did_not_happen(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(root)
    store.take_in()
    real = Agreement.record

    def record(self: Agreement, *what: Any) -> Version:
        version = real(self, *what)
        a_folder(root / "KANBAN.md")
        return version

    with monkeypatch.context() as patch:
        patch.setattr(Agreement, "record", record)
        with pytest.raises(BoardNotAFile):
            store.edit(more, "crew", "an edit")
    (root / "KANBAN.md").rmdir()
    assert store.take_in() == START == (root / "KANBAN.md").read_bytes()


FULL = """
import resource, sys
from pathlib import Path
from crewboard.coordination.board.store import BoardStore
from crewboard.errors import DiskFull
root = Path(sys.argv[1])
store = BoardStore(root / "KANBAN.md", root / ".crewboard")
store.take_in()
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    store.edit(lambda now: now + bytes(range(32, 127)) * 100, "crew", "an edit")
except DiskFull as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [1000, 10])
def test_a_file_that_may_not_grow_leaves_everything_as_it_was(root: Path, limit: int) -> None:
    """F28: a write that does not fit is a typed error, and nothing is lost."""
    store_of(root).take_in()
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(root), str(limit)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("No space left"), done.stderr
    store = store_of(root)
    assert store.take_in() == START == (root / "KANBAN.md").read_bytes()
    assert len(store.versions()) == 1
    store.edit(more, "crew", "an edit")
    assert store.take_in() == more(START)


ON_A_SMALL_DISK = """
import os, sys
from pathlib import Path
from crewboard.coordination.board.store import BoardStore
from crewboard.errors import DiskFull
root = Path(sys.argv[1])
board = root / "KANBAN.md"
board.write_bytes(b"# Board\\n\\n## Backlog\\n\\n- **First** ^t00001\\n")
store = BoardStore(board, root / ".crewboard")
store.take_in()
done, refused = 0, 0
for n in range(40):
    line = b"- %d %s\\n" % (n, os.urandom(4000).hex().encode())
    before = board.read_bytes()
    try:
        store.edit(lambda now: now + line, "crew", "an edit")
        done += 1
    except DiskFull:
        refused += 1
        assert board.read_bytes() == before
assert refused and done, (done, refused)
for each in (root / ".crewboard" / "retired").iterdir():
    each.unlink()
store = BoardStore(board, root / ".crewboard")
assert store.take_in().count(b"\\n- ") == done + 1
assert len(store.versions()) == done + 1
assert store.edit(lambda now: now + b"- more\\n", "crew", "an edit")
print(f"{done} done, {refused} refused")
"""


def test_a_disk_that_fills_up_loses_nothing(tmp_path: Path) -> None:
    """F28: on a real file system of 1 MB, until nothing fits any more."""
    command = 'mount -t tmpfs -o size=1m board "$1" && exec "$2" -c "$3" "$1"'
    arguments = [str(tmp_path), sys.executable, ON_A_SMALL_DISK]
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", command, "sh", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip(f"no small disk can be had here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert "refused" in done.stdout


def test_a_clock_that_goes_back_an_hour_breaks_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers order the versions; what is waited for is waited for no longer."""
    clock = ManualClock()
    store = BoardStore(root / "KANBAN.md", root / ".crewboard", root, clock)
    store.edit(more, "crew", "an edit")
    clock.advance(hours=-1)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 3600 * 10**9)
    before = time.monotonic()
    store.edit(more, "crew", "an edit")
    (root / "KANBAN.md").write_bytes(store.take_in() + b"- mine\n")
    assert store.take_in().endswith(b"- mine\n")
    store.edit(more, "crew", "an edit")
    assert time.monotonic() - before < store.patience
    versions = store.versions()
    assert [each.number for each in versions] == [1, 2, 3, 4, 5]
    assert versions[2].at < versions[1].at
    assert store.take_in() == (root / "KANBAN.md").read_bytes()


def test_the_mode_of_the_board_stays(root: Path) -> None:
    (root / "KANBAN.md").chmod(0o640)
    store_of(root).edit(more, "crew", "an edit")
    assert (root / "KANBAN.md").stat().st_mode & 0o777 == 0o640


def test_nothing_but_the_board_is_left_beside_it(root: Path) -> None:
    (root / ".KANBAN.md.draft").write_bytes(b"half a bo")
    store_of(root).edit(more, "crew", "an edit")
    assert sorted(each.name for each in root.iterdir()) == [".crewboard", "KANBAN.md"]
    assert sorted(each.name for each in (root / ".crewboard").iterdir()) == [
        "board", "board.lock", "retired",
    ]  # fmt: skip
