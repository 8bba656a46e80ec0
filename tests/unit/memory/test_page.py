"""A page is replaced whole, under a lock, and never over somebody's newer bytes."""

import fcntl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from crewboard.errors import PageBusy, WorkspaceUnwritable
from crewboard.memory import swap
from crewboard.memory.page import locked, rewrite, settled


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "page.md"


def names(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir())


def test_a_change_is_written_and_leaves_nothing_beside_it(path: Path) -> None:
    path.write_bytes(b"old")
    assert rewrite(path, lambda old: old + b" new")
    assert path.read_bytes() == b"old new"
    assert names(path) == ["page.md"]


def test_no_change_writes_nothing(path: Path) -> None:
    path.write_bytes(b"old")
    inode = path.stat().st_ino
    assert not rewrite(path, lambda old: old)
    assert path.stat().st_ino == inode
    assert not rewrite(path.with_name("missing.md"), lambda _: b"")
    assert names(path) == ["page.md"]


def test_a_file_keeps_its_mode(path: Path) -> None:
    path.write_bytes(b"old")
    path.chmod(0o640)
    rewrite(path, lambda _: b"new")
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_a_killed_writer_left_behind_is_cleared(path: Path) -> None:
    path.with_name(".page.md.next").write_bytes(b"half a bo")
    rewrite(path, lambda _: b"new")
    assert names(path) == ["page.md"]


def save(path: Path, data: bytes) -> None:
    """What an editor does: a new file, renamed into place."""
    draft = path.with_name("draft")
    draft.write_bytes(data)
    draft.replace(path)


@pytest.mark.parametrize("exchange", [swap.exchange, lambda *_: False], ids=["linux", "other"])
def test_a_save_between_read_and_write_is_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch, exchange: Callable[[Path, Path], bool]
) -> None:
    """The change runs again on the newer bytes."""
    monkeypatch.setattr(swap, "exchange", exchange)
    path.write_bytes(b"old")
    seen: list[bytes] = []

    def change(data: bytes) -> bytes:
        if not seen:
            save(path, b"saved meanwhile")
        seen.append(data)
        return data + b" + ours"

    assert rewrite(path, change)
    assert seen == [b"old", b"saved meanwhile"]
    assert path.read_bytes() == b"saved meanwhile + ours"


def test_a_file_that_appears_meanwhile_is_kept(path: Path) -> None:
    def change(data: bytes) -> bytes:
        if not path.exists():
            save(path, b"theirs")
        return data + b" + ours"

    assert rewrite(path, change)
    assert path.read_bytes() == b"theirs + ours"


@pytest.mark.parametrize("saves", [1, 2, 3])
def test_saves_in_the_instant_of_the_exchange_are_given_back(
    path: Path, monkeypatch: pytest.MonkeyPatch, saves: int
) -> None:
    """The newest of them stands in the end, with our change made to it."""
    path.write_bytes(b"old")
    real, left = swap.exchange, list(range(saves))

    def exchange(one: Path, other: Path) -> bool:
        if left:
            save(path, f"save {left.pop(0)}".encode())
        return real(one, other)

    monkeypatch.setattr(swap, "exchange", exchange)
    assert rewrite(path, lambda old: old.removesuffix(b" + ours") + b" + ours")
    assert path.read_bytes() == f"save {saves - 1} + ours".encode()


def test_without_an_exchange_the_page_is_still_replaced_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "exchange", lambda *_: False)
    path.write_bytes(b"old")
    assert rewrite(path, lambda _: b"new")
    assert path.read_bytes() == b"new"


def test_a_save_in_place_is_read_when_it_is_finished(path: Path) -> None:
    """An editor that truncates first and writes later does not make us see an empty page."""
    path.write_bytes(b"the whole page\n" * 100)
    begun, go = threading.Event(), threading.Event()

    def editor() -> None:
        with path.open("wb") as file:
            begun.set()
            go.wait()
            file.write(b"edited\n" * 100)

    thread = threading.Thread(target=editor)
    thread.start()
    begun.wait()
    threading.Timer(0.1, go.set).start()
    assert settled(path) == b"edited\n" * 100
    thread.join()


def test_a_lock_that_others_keep_is_told(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(PageBusy, match="lock"), locked(lock, patience=0.05):
            pass
    with locked(lock, patience=0.05):
        pass


def test_a_page_that_never_rests_is_told(path: Path) -> None:
    saves = iter(range(10**9))

    def change(_: bytes) -> bytes:
        save(path, str(next(saves)).encode())
        return b"ours"

    path.write_bytes(b"old")
    with pytest.raises(PageBusy):
        rewrite(path, change, patience=0.3)


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs a folder that nobody can write")
def test_a_folder_that_cannot_be_written_is_told() -> None:
    with pytest.raises(WorkspaceUnwritable, match="page"):
        rewrite(Path("/sys/kernel/page.md"), lambda _: b"new")


FULL = """
import resource, sys
from pathlib import Path
from crewboard.errors import DiskFull
from crewboard.memory.page import rewrite
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    rewrite(Path(sys.argv[1]), lambda old: b"x" * 100_000)
except DiskFull as error:
    print(error)
"""


def test_a_full_disk_leaves_the_page_as_it_was(path: Path) -> None:
    """F28: a write that does not fit is a typed error, and nothing is lost."""
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("No space left"), done.stderr
    assert path.read_bytes() == b"old"
    assert names(path) == ["page.md"]
