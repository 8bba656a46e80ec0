"""The ledger under many writers, under kill -9 and on a full disk."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import crewboard
from crewboard.coordination.ledger import Event, Ledger, verify
from crewboard.errors import DiskFull

PROCESS = Path(__file__).with_name("ledger_process.py")
KILLS = 30
SAME_CODE = {**os.environ, "PYTHONPATH": str(Path(crewboard.__file__).parents[1])}
"""Whatever else is installed: the child runs the package that this test runs."""


def run(verb: str, ledger: Path, who: str, what: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, str(PROCESS), verb, str(ledger), who, str(what)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=SAME_CODE)


def events(path: Path) -> list[Event]:
    ledger = Ledger.open(path)
    with ledger.read() as tx:
        found = [Event.of(row) for row in tx.run("events_after", seq=0, count=1_000_000)]
    ledger.close()
    return found


def test_four_processes_and_eight_threads_lose_nothing_and_keep_one_chain(tmp_path: Path) -> None:
    """F7. The ledger does not exist yet: its making is part of the race."""
    path = tmp_path / "ledger.db"
    processes = [run("append", path, f"p{number}", 40) for number in range(4)]
    ledger = Ledger.open(path)
    failures: list[BaseException] = []

    def append(who: str) -> None:
        try:
            for number in range(20):
                with ledger.write() as tx:
                    tx.event("n", who, None, None, number=number)
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failures.append(error)

    threads = [threading.Thread(target=append, args=(f"t{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(120) for process in processes] == [0] * 4
    for process in processes:
        process.communicate()
    assert failures == []
    found = events(path)
    assert verify(found) is None
    assert Counter(event.actor for event in found) == {
        **{f"p{number}": 40 for number in range(4)},
        **{f"t{number}": 20 for number in range(8)},
    }
    for who in ("p0", "t0"):  # and each writer's own order is kept
        numbers = [event.data["number"] for event in found if event.actor == who]
        assert numbers == sorted(numbers)


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    """The acknowledgement is written after the commit, so each one must be in the ledger."""
    path, acks = tmp_path / "ledger.db", tmp_path / "acks"
    chance = random.Random(7)
    for _ in range(KILLS):
        before = acks.stat().st_size if acks.exists() else 0
        process = run("acknowledge", path, "writer", acks)
        while process.poll() is None and (acks.stat().st_size if acks.exists() else 0) == before:
            threading.Event().wait(0.002)
        threading.Event().wait(chance.random() * 0.03)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    acknowledged = [int(line) for line in acks.read_text().split("\n")[:-1]]
    found = events(path)
    assert verify(found) is None
    assert set(acknowledged) <= {event.seq for event in found}
    assert len(set(acknowledged)) == len(acknowledged) >= KILLS
    # at most the one commit of each life that died before it could be acknowledged
    assert len(found) - len(acknowledged) <= KILLS


def test_a_file_that_may_grow_no_more_is_told_and_nothing_is_half_written(tmp_path: Path) -> None:
    """F28."""
    path = tmp_path / "ledger.db"
    told, _ = run("fill", path, "filler", 1024).communicate(timeout=120)
    assert told == b"WorkspaceUnwritable"
    _holds_and_goes_on(path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False)
    if made.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_told_as_one_and_nothing_is_half_written(small_disk: Path) -> None:
    """F28: a full disk stops the crew with its cause, and costs nothing that was committed."""
    path = small_disk / "ledger.db"
    told, _ = run("fill", path, "filler", 0).communicate(timeout=120)
    assert told == b"DiskFull"
    kept = small_disk.parent / "kept.db"
    for name in ("", "-wal"):
        if (small_disk / f"ledger.db{name}").exists():
            shutil.copy(small_disk / f"ledger.db{name}", f"{kept}{name}")
    _holds_and_goes_on(kept)


def test_a_transaction_that_fills_the_disk_is_undone_as_a_whole(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.db")
    with ledger.read() as tx:
        pages = int(tx.connection.execute("PRAGMA page_count").fetchone()[0])
        tx.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFull), ledger.write() as tx:  # noqa: PT012 - all of it is undone
        tx.change("set_meta", name="half", value="written")
        for _ in range(100):
            tx.event("n", "filler", None, None, text="x" * 4000)
    with ledger.read() as tx:
        tx.connection.execute("PRAGMA max_page_count = 1000000")
        assert tx.one("get_meta", name="half") is None
    with ledger.write() as tx:
        assert tx.event("n", "filler", None, None).seq == 1


def _holds_and_goes_on(path: Path) -> None:
    found = events(path)
    assert len(found) > 10
    assert verify(found) is None
    ledger = Ledger.open(path)
    with ledger.write() as tx:
        tx.event("n", "after", None, None)
    assert verify(events(path)) is None
    assert len(events(path)) == len(found) + 1
