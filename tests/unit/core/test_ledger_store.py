"""The door to the database: who may open it, what it refuses, and what its readers see."""

import fcntl
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from unit.core.books import chain_fault, events, open_ledger

from crewboard.coordination.lease import Lease, holder
from crewboard.coordination.ledger import Ledger, store
from crewboard.coordination.ledger.guards import filesystem_of, old_sqlite, refuse_network
from crewboard.errors import (
    CrewRunning,
    LeaseLost,
    LedgerBusy,
    LedgerCorrupt,
    LedgerOnNetwork,
    LedgerTooNew,
    WorkspaceUnwritable,
)


def test_only_the_owner_can_read_the_ledger_and_what_lies_beside_it(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    with ledger.write() as tx:
        tx.event("x", "lead", None, None)
    found = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert found == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}


def test_a_ledger_that_others_can_read_is_closed_to_them_when_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch(0o644)
    open_ledger(tmp_path)
    assert (tmp_path / "ledger.db").stat().st_mode & 0o777 == 0o600


def test_opening_a_ledger_twice_keeps_the_locks_of_the_first(tmp_path: Path) -> None:
    """Without them another process that closes last takes the WAL away under an open connection."""
    first = open_ledger(tmp_path)
    second = open_ledger(tmp_path)
    probe = (
        "import fcntl, os, sys\n"
        "handle = os.open(sys.argv[1], os.O_RDWR)\n"
        # SQLite's shared locks: 510 bytes from 2 past the pending byte (os_unix.c)
        "fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)\n"
    )
    command = [sys.executable, "-c", probe, str(first.path)]
    locked = subprocess.run(command, check=False, capture_output=True)
    assert b"BlockingIOError" in locked.stderr
    second.close()
    first.close()
    assert subprocess.run(command, check=False).returncode == 0


def test_the_schema_is_made_once_and_known_by_number(tmp_path: Path) -> None:
    open_ledger(tmp_path)
    ledger = open_ledger(tmp_path)
    with ledger.read() as tx:
        row = tx.one("get_meta", name="schema")
    assert row is not None
    assert row["value"] == str(len(store._migrations()))


def test_an_older_ledger_is_brought_to_this_version_and_keeps_its_rows(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    with ledger.write() as tx:
        tx.event("old", "lead", None, None)
    newer = [*store._migrations(), "ALTER TABLE tasks ADD COLUMN colour TEXT; -- a comment\n"]
    Ledger(ledger.path)._migrate(newer)
    Ledger(ledger.path)._migrate(newer)  # and once only: the column would be there twice
    with ledger.read() as tx:
        assert "colour" in {
            row["name"] for row in tx.connection.execute("PRAGMA table_info(tasks)")
        }
        assert tx.run("get_meta", name="schema")[0]["value"] == str(len(newer))
    assert chain_fault(ledger) is None
    assert len(events(ledger)) == 1


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    broken = [*store._migrations(), "CREATE TABLE fine (x); CREATE TABLE tasks (x);"]
    with pytest.raises(sqlite3.OperationalError, match="tasks already exists"):
        ledger._migrate(broken)
    with ledger.read() as tx:
        found = tx.connection.execute("SELECT name FROM sqlite_master WHERE name = 'fine'")
        assert found.fetchall() == []
    open_ledger(tmp_path)


def test_a_ledger_of_a_newer_crewboard_is_refused(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    with ledger.write() as tx:
        tx.change("set_meta", name="schema", value="99")
    with pytest.raises(LedgerTooNew, match="has schema 99"):
        open_ledger(tmp_path)


def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(LedgerCorrupt):
        open_ledger(tmp_path)
    assert (tmp_path / "ledger.db").read_bytes().startswith(b"not a database")


def test_a_torn_ledger_is_told_in_crewboards_words(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    for _ in range(200):
        with ledger.write() as tx:
            tx.event("x", "lead", None, None, text="x" * 200)
    ledger.close()
    size = ledger.path.stat().st_size
    with ledger.path.open("r+b") as file:
        file.seek(size // 2)
        file.write(os.urandom(size // 2))
    with pytest.raises(LedgerCorrupt):
        events(open_ledger(tmp_path))


@pytest.mark.parametrize("name", ["missing/ledger.db", "folder"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(WorkspaceUnwritable):
        Ledger.open(tmp_path / name)
    assert (tmp_path / "folder").stat().st_mode & 0o111  # a folder keeps its mode


MOUNTS = """\
/dev/vda / ext4 rw 0 0
host:/home /mnt/home nfs4 rw 0 0
//nas/share /mnt/my\\040share cifs rw 0 0
tmpfs /mnt/home/scratch tmpfs rw 0 0
me@far:/ /mnt/far fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/mnt/home", "nfs4"),
        ("/mnt/home/ada/crew", "nfs4"),
        ("/mnt/homework", "ext4"),  # a name that only begins alike
        ("/mnt/my share/crew", "cifs"),
        ("/mnt/home/scratch/crew", "tmpfs"),  # the innermost mount counts
        ("/mnt/far", "fuse.sshfs"),
    ],
)
def test_a_network_file_system_is_known_and_refused(tmp_path: Path, folder: str, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert filesystem_of(Path(folder), mounts) == kind
    if kind in {"nfs4", "cifs", "fuse.sshfs"}:
        with pytest.raises(LedgerOnNetwork, match=kind):
            refuse_network(Path(folder), mounts)
    else:
        refuse_network(Path(folder), mounts)


def test_a_kernel_that_does_not_say_is_not_guessed(tmp_path: Path) -> None:
    assert filesystem_of(tmp_path, tmp_path / "none") == "unknown"


def test_an_old_sqlite_is_warned_about_and_a_mended_one_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 2))
    assert "WAL-reset bug" in (old_sqlite() or "")
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    assert old_sqlite() is None


def test_a_reader_sees_one_state_however_much_is_written_meanwhile(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    with ledger.read() as view:
        assert view.run("events_after", seq=0, count=9) == []
        writer = threading.Thread(target=_append, args=(ledger, 3))
        writer.start()
        writer.join()
        assert view.run("events_after", seq=0, count=9) == []
    assert len(events(ledger)) == 3


def test_a_reader_inside_a_write_of_its_thread_sees_what_was_written(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    with ledger.write() as tx:
        tx.event("x", "lead", None, None)
        with ledger.read() as view:
            assert len(view.run("events_after", seq=0, count=9)) == 1
    assert len(events(ledger)) == 1


def test_a_write_inside_a_write_is_an_error_and_not_a_deadlock(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    with pytest.raises(RuntimeError, match="open in this thread"), ledger.write() as tx:  # noqa: PT012 - both stand here
        tx.event("x", "lead", None, None)
        with ledger.write():
            raise AssertionError("unreachable")
    assert events(ledger) == []


def test_a_writer_that_waited_too_long_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_WAIT_S", 0.05)
    ledger = open_ledger(tmp_path)
    other = open_ledger(tmp_path)
    with ledger.write(), pytest.raises(LedgerBusy), other.write():
        raise AssertionError("unreachable")
    with other.write() as tx:
        tx.event("x", "lead", None, None)


def test_a_commit_wakes_who_waits_and_a_rollback_does_not(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    seen = ledger.wait(-1, 0)
    assert ledger.wait(seen, 0) == seen
    with pytest.raises(KeyError), ledger.write():
        raise KeyError
    assert ledger.wait(seen, 0) == seen
    woken: list[int] = []
    waiter = threading.Thread(target=lambda: woken.append(ledger.wait(seen, 60)))
    waiter.start()
    _append(ledger, 1)
    waiter.join(60)
    assert woken == [seen + 1]


def test_data_version_moves_when_another_connection_commits(tmp_path: Path) -> None:
    ledger, other = open_ledger(tmp_path), open_ledger(tmp_path)
    before = ledger.data_version()
    _append(ledger, 1)
    assert ledger.data_version() == before
    _append(other, 1)
    assert ledger.data_version() != before


def test_a_second_crew_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    ledger, other = open_ledger(tmp_path), open_ledger(tmp_path)
    lock = tmp_path / "crew.lock"
    lease = Lease(ledger, lock)
    assert holder(lock) is None
    assert lease.take() == 1
    assert holder(lock) == os.getpid()
    with pytest.raises(CrewRunning, match=str(os.getpid())):
        Lease(other, lock).take()
    lease.end()
    assert holder(lock) is None
    assert Lease(other, lock).take() == 2


def test_a_crew_whose_lease_was_taken_over_writes_nothing_more(tmp_path: Path) -> None:
    """The first loses its lock while it sleeps, as a removed lock file or a stopped host lets it."""
    lock = tmp_path / "crew.lock"
    asleep, awake = open_ledger(tmp_path), open_ledger(tmp_path)
    old = Lease(asleep, lock)
    old.take()
    _append(asleep, 1)
    lock.unlink()
    Lease(awake, lock).take()
    with pytest.raises(LeaseLost), asleep.write() as tx:
        tx.event("late", "lead", None, None)
    for late in (old.renew, old.end):
        with pytest.raises(LeaseLost):
            late()
    with pytest.raises(LeaseLost), asleep.write():  # `end` gave no way back in
        raise AssertionError("unreachable")
    _append(awake, 1)
    assert [event.kind for event in events(awake)] == ["x", "x"]
    assert chain_fault(awake) is None


def test_a_lease_that_was_lost_still_lets_go_of_its_file(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    lease = Lease(ledger, tmp_path / "crew.lock")
    lease.take()
    with sqlite3.connect(ledger.path) as connection:
        connection.execute("UPDATE leases SET fence = 9")
    connection.close()
    with pytest.raises(LeaseLost):
        lease.end()
    handle = os.open(tmp_path / "crew.lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)


def _append(ledger: Ledger, count: int) -> None:
    for _ in range(count):
        with ledger.write() as tx:
            tx.event("x", "lead", None, None)
