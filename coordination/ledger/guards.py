"""What the ledger refuses to run on, and what it warns about."""

import os
import sqlite3
from pathlib import Path

from crewboard.errors import LedgerOnNetwork

SAFE_SQLITE = (3, 51, 3)
"""Before this release two connections that write and checkpoint at once can corrupt a WAL database
(sqlite.org/wal.html, "the WAL-reset bug", 3.7.0 to 3.51.2)."""

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "9p", "afs", "ncpfs", "fuse.sshfs"}
    | {"ceph", "glusterfs", "lustre", "gpfs", "beegfs"}
    | {"fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse"}
)
_MOUNTS = Path("/proc/self/mounts")


def refuse_network(folder: Path, mounts: Path = _MOUNTS) -> None:
    """LedgerOnNetwork when `folder` lies on a file system whose locks SQLite cannot trust."""
    filesystem = filesystem_of(folder, mounts)
    if filesystem in _NETWORK:
        raise LedgerOnNetwork(path=folder, filesystem=filesystem)


def filesystem_of(folder: Path, mounts: Path = _MOUNTS) -> str:
    """The type of the file system that holds `folder`; "unknown" where the kernel does not say."""
    if not mounts.exists():
        return "unknown"
    best, kind = "", "unknown"
    real = str(folder.resolve())
    for line in mounts.read_text().splitlines():
        _, point, found, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if (real + "/").startswith(point.rstrip("/") + "/") and len(point) >= len(best):
            best, kind = point, found
    return kind


def old_sqlite() -> str | None:
    """A warning in words where SQLite carries the WAL-reset bug; None where it is mended."""
    if sqlite3.sqlite_version_info >= SAFE_SQLITE:
        return None
    return (
        f"SQLite {sqlite3.sqlite_version} has the WAL-reset bug (mended in 3.51.3). One crew per "
        "workspace writes at a time here, which keeps clear of it; upgrade Python's SQLite when you can."
    )


def close_to_others(path: Path) -> None:
    """Create `path` readable by its owner only. Whoever can write a ledger can steer a crew.

    A ledger that is there is not opened: closing a file drops every lock that this process holds on it
    (POSIX), and those of an open connection are what keeps another process from taking its WAL away
    (sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if path.is_file() and path.stat().st_mode & 0o077:
            path.chmod(0o600)
