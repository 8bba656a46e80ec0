"""The one door to the database: short write transactions and plain reads.

SQLite in WAL mode, synchronous=FULL (a commit survives a power cut), `BEGIN IMMEDIATE` (a transaction
that reads and then writes never fails half way). Each thread has its own connection; the writers of
one process queue on a lock, because SQLite's own queue is unfair.
"""

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from crewboard.canonical import canonical_json
from crewboard.clock import Clock, SystemClock, stamp
from crewboard.coordination.ledger.events import GENESIS, Event
from crewboard.coordination.ledger.guards import close_to_others, refuse_network
from crewboard.errors import (
    DiskFull,
    LeaseLost,
    LedgerBusy,
    LedgerCorrupt,
    LedgerTooNew,
    WorkspaceUnwritable,
)
from crewboard.redact import redact, redact_json

_WAIT_S = 30
_LEAST_BYTES = 65_536  # two pages of SQLite's shared memory
_PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL")
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_WORDED = frozenset({"title", "spec", "reason", "text", "options", "body", "note", "error"})
_REFUSED = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
}


@dataclass(frozen=True)
class Transaction:
    """One write transaction, or a view to read. Its instant is one and the same throughout."""

    connection: sqlite3.Connection
    statements: dict[str, str]
    at: str

    def run(self, statement: str, **values: Any) -> list[sqlite3.Row]:
        """All rows of a named statement."""
        return self.connection.execute(self.statements[statement], values).fetchall()

    def one(self, statement: str, **values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.connection.execute(
            self.statements[statement], values
        ).fetchone()
        return row

    def change(self, statement: str, **values: Any) -> int:
        """Run a named statement that writes; the number of rows it changed. Whatever people, models
        and tools worded is written with its secrets masked."""
        for name in _WORDED & values.keys():
            if isinstance(values[name], str):
                values[name] = redact(values[name])
        return self.connection.execute(self.statements[statement], values).rowcount

    def event(
        self, kind: str, actor: str, goal: str | None, task: str | None, /, **data: Any
    ) -> Event:
        """Append one event to the chain, its secrets masked."""
        last = self.one("last_event")
        seq, prev = (last["seq"] + 1, last["hash"]) if last else (1, GENESIS)
        clean = json.loads(canonical_json(redact_json(data)))  # hashed as it will be read
        event = Event(seq, self.at, kind, actor, goal, task, clean, prev, "")
        event = Event(**{**vars(event), "hash": event.computed_hash()})
        self.change("insert_event", **{**vars(event), "data": canonical_json(clean)})
        return event


class Ledger:
    """A workspace's ledger file. Cheap to open; safe to share between threads, not over a fork."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self.path = path
        self.clock: Clock = clock or SystemClock()
        self.fence: int | None = None
        """Set by the crew that holds the lease: every write then proves that it still does."""
        self._statements = _load_statements()
        self._local = threading.local()
        self._writing = threading.Lock()
        self._changed = threading.Condition()
        self._version = 0

    @classmethod
    def open(cls, path: Path, clock: Clock | None = None) -> "Ledger":
        """Open or create, migrate, and check. LedgerOnNetwork, LedgerTooNew, LedgerCorrupt,
        WorkspaceUnwritable."""
        refuse_network(path.parent)
        try:
            close_to_others(path)
        except OSError as error:
            raise WorkspaceUnwritable(path=path.parent, reason=error.strerror) from error
        ledger = cls(path, clock)
        ledger._migrate(_migrations())
        return ledger

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A write transaction: all of it, durable when the block ends, or nothing.

        It stands alone: RuntimeError within another block of this thread.
        """
        connection = self._connection()
        if connection.in_transaction:
            raise RuntimeError("a ledger transaction is open in this thread already")
        with self._writing, self._told():
            connection.execute("BEGIN IMMEDIATE")
            try:
                transaction = Transaction(connection, self._statements, stamp(self.clock.now()))
                self._prove_lease(transaction)
                yield transaction
                connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise
        with self._changed:
            self._version += 1
            self._changed.notify_all()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A consistent view; what it reads does not change while the block runs."""
        connection = self._connection()
        view = Transaction(connection, self._statements, stamp(self.clock.now()))
        if connection.in_transaction:  # inside a write of this thread: read what it wrote
            yield view
            return
        with self._told():
            connection.execute("BEGIN")
            try:
                yield view
            finally:
                _roll_back(connection)

    def wait(self, seen: int, seconds: float) -> int:
        """Wait until this process committed something after version `seen`; the version now."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != seen, seconds)
            return self._version

    def data_version(self) -> int:
        """A number that changes when another connection commits; it means something to this thread only."""
        return int(self._connection().execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close this thread's connection."""
        if connection := getattr(self._local, "connection", None):
            connection.close()
            del self._local.connection

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            with self._told():
                connection = sqlite3.connect(self.path, isolation_level=None, timeout=_WAIT_S)
                try:
                    for pragma in _PRAGMAS:
                        connection.execute(pragma)
                except sqlite3.Error:
                    connection.close()
                    raise
            connection.row_factory = sqlite3.Row
            self._local.connection = connection
        return self._local.connection  # type: ignore[no-any-return]  # threading.local knows no types

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the disk or another process did, in crewboard's words. A wrong statement stays SQLite's."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind
            if code in _BUSY:
                raise LedgerBusy(path=self.path, seconds=_WAIT_S) from error
            if code == sqlite3.SQLITE_FULL or (code in _REFUSED and self._no_space()):
                raise DiskFull(path=self.path, free="no", needed="a few") from error
            if code in _REFUSED:
                raise WorkspaceUnwritable(path=self.path.parent, reason=error) from error
            if code in _BROKEN:
                raise LedgerCorrupt(path=self.path, reason=error) from error
            raise

    def _no_space(self) -> bool:
        """On a full disk SQLite cannot make its shared memory either, and calls that an I/O error."""
        return shutil.disk_usage(self.path.parent).free < _LEAST_BYTES

    def _prove_lease(self, transaction: Transaction) -> None:
        if self.fence is None:
            return
        row = transaction.connection.execute(
            "SELECT fence FROM leases WHERE name = 'crew'"
        ).fetchone()
        if row is None or row["fence"] != self.fence:
            raise LeaseLost(path=self.path)

    def _migrate(self, steps: list[str]) -> None:
        """Bring the schema to the version of the last step: all the steps that it lacks, or none."""
        connection = self._connection()
        with self._writing, self._told():
            connection.execute("BEGIN IMMEDIATE")
            try:
                found = _schema_version(connection)
                if found > len(steps):
                    raise LedgerTooNew(path=self.path, found=found, known=len(steps))
                for number, script in enumerate(steps[found:], start=found + 1):
                    for statement in _statements_of(script):
                        connection.execute(statement)
                    connection.execute(
                        "INSERT INTO meta (name, value) VALUES ('schema', :number) "
                        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                        {"number": str(number)},
                    )
                connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # a full disk makes SQLite roll back by itself
        connection.execute("ROLLBACK")


def _schema_version(connection: sqlite3.Connection) -> int:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone()
    if known is None:
        return 0
    row = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
    return int(row["value"]) if row else 0


def _migrations() -> list[str]:
    folder = files("crewboard.coordination.ledger") / "sql"
    numbered = sorted(f.name for f in folder.iterdir() if f.name[:3].isdigit())
    return [(folder / name).read_text() for name in numbered]


def _statements_of(script: str) -> list[str]:
    bare = "\n".join(line.partition("--")[0] for line in script.splitlines())
    return [statement for part in bare.split(";") if (statement := part.strip())]


def _load_statements() -> dict[str, str]:
    """Every `-- name: x` statement of the folder's .sql files."""
    found: dict[str, str] = {}
    folder = files("crewboard.coordination.ledger") / "sql"
    for file in folder.iterdir():
        if file.name[:3].isdigit() or not file.name.endswith(".sql"):
            continue
        for block in file.read_text().split("-- name: ")[1:]:
            name, _, statement = block.partition("\n")
            if name in found:
                raise ValueError(f"two statements are named {name}")
            found[name] = statement.strip()
    return found
