"""A read lease: nobody writes while it is held, and nothing happens to who holds it."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from crewboard.errors import PageBusy
from crewboard.memory import lease, swap
from crewboard.memory.lease import Grant, broken, leased
from crewboard.memory.look import steady
from crewboard.memory.page import rewrite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_bytes(b"the page\n" * 100)
    with path.open("rb") as file, leased(file.fileno()) as grant:
        if grant is not Grant.HELD:
            pytest.skip("this system or file system has no leases")
    return path


EDITOR = """
import sys
with open(sys.argv[1], "wb") as file:
    file.write(b"saved\\n")
"""


def test_a_save_in_place_waits_until_the_lease_is_given_back(path: Path) -> None:
    """The bytes are whole as long as it is held, even though the editor opens to truncate."""
    with path.open("rb") as file:
        with leased(file.fileno()) as grant:
            assert grant is Grant.HELD
            editor = subprocess.Popen([sys.executable, "-c", EDITOR, str(path)])
            while not broken(file.fileno()):
                time.sleep(0.005)
            time.sleep(0.1)
            assert file.read() == b"the page\n" * 100
            assert editor.poll() is None
        assert editor.wait(10) == 0
    assert path.read_bytes() == b"saved\n"


def test_it_is_refused_while_somebody_has_the_file_open_for_writing(path: Path) -> None:
    with path.open("rb") as file, path.open("ab"), leased(file.fileno()) as grant:
        assert grant is Grant.BUSY
    with path.open("rb") as file, leased(file.fileno()) as grant:
        assert grant is Grant.HELD


HOLDER = """
import sys, time
from crewboard.memory.lease import Grant, broken, leased
with open(sys.argv[1], "rb") as file, leased(file.fileno()) as grant:
    assert grant is Grant.HELD
    if sys.argv[2] == "as it would be":
        import fcntl
        fcntl.fcntl(file.fileno(), fcntl.F_SETSIG, 0)
    print("held", flush=True)
    while not broken(file.fileno()):
        time.sleep(0.005)
    time.sleep(0.1)
print("alive", flush=True)
"""


@pytest.mark.parametrize(
    ("setting", "said", "code"), [("as we do", "alive\n", 0), ("as it would be", "", -signal.SIGIO)]
)
def test_the_signal_of_a_break_does_not_end_us(
    path: Path, setting: str, said: str, code: int
) -> None:
    """The kernel's own choice, SIGIO, would: the second row shows that the first proves something."""
    command = [sys.executable, "-c", HOLDER, str(path), setting]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        subprocess.run([sys.executable, "-c", EDITOR, str(path)], check=True)
        assert holder.stdout.read() == said
    assert holder.returncode == code


def test_it_works_from_any_thread(path: Path) -> None:
    seen: list[bytes] = []

    def hold() -> None:
        with path.open("rb") as file, leased(file.fileno()) as grant:
            assert grant is Grant.HELD
            held.set()
            while not broken(file.fileno()):
                time.sleep(0.005)
            seen.append(file.read())

    held = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    subprocess.run([sys.executable, "-c", EDITOR, str(path)], check=True)
    thread.join()
    assert seen == [b"the page\n" * 100]


def test_a_file_that_is_being_written_is_not_read(path: Path) -> None:
    with path.open("r+b") as editor:
        editor.truncate(0)
        with pytest.raises(PageBusy):
            steady(path, patience=0.1)
        editor.write(b"the new page\n")
    found = steady(path)
    assert found
    assert found.data == b"the new page\n"
    assert not found.open


def test_a_file_that_a_program_keeps_open_is_read_when_it_has_rested(path: Path) -> None:
    with path.open("ab"):
        found = steady(path)
    assert found
    assert found.open


@pytest.fixture
def editors(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """An editor that comes in the instant of the swap: it has found the old file, and waits for it."""
    come: list[subprocess.Popen[bytes]] = []
    real = swap.exchange

    def exchange(one: Path, other: Path) -> bool:
        if not come:
            come.append(subprocess.Popen([sys.executable, "-c", EDITOR, str(path)]))
            wait_for_break(path)
        return real(one, other)

    monkeypatch.setattr(swap, "exchange", exchange)
    return come


def test_who_comes_in_the_instant_of_the_swap_goes_first(
    path: Path, editors: list[subprocess.Popen[bytes]]
) -> None:
    """The file that they wait for is the page again, and ours is staged still."""
    before = steady(path)
    assert before
    swap.stage(path, b"ours\n")
    assert not swap.put(path, before.mark)
    assert editors[0].wait(10) == 0
    assert path.read_bytes() == b"saved\n"
    assert swap.draft_of(path).read_bytes() == b"ours\n"


def test_a_page_is_rewritten_after_who_came_in_the_instant_of_the_swap(
    path: Path, editors: list[subprocess.Popen[bytes]]
) -> None:
    assert rewrite(path, lambda old: old.removesuffix(b"ours\n") + b"ours\n")
    assert editors[0].wait(10) == 0
    assert path.read_bytes() == b"saved\nours\n"
    assert [each.name for each in path.parent.iterdir()] == ["page.md"]


def wait_for_break(path: Path) -> None:
    """Until /proc/locks tells that a lease on the file is being broken."""
    inode = f":{path.stat().st_ino} "
    while not any(
        "BREAKING" in line and inode in line for line in Path("/proc/locks").read_text().split("\n")
    ):
        time.sleep(0.005)


def test_without_leases_a_file_that_rests_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "PAGE_LEASE", False)
    with path.open("rb") as file, leased(file.fileno()) as grant:
        assert grant is Grant.REFUSED
    assert rewrite(path, lambda _: b"ours\n")
    assert path.read_bytes() == b"ours\n"
