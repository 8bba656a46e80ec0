"""A pin: the SHA-256 that a file must have."""

from pathlib import Path

from crewboard.canonical import sha256_file
from crewboard.tools.lineage.errors import PinBroken


def check_pin(path: Path, pinned: str | None) -> None:
    """PinBroken when the bytes of `path` are not those that were pinned. F25."""
    if pinned is None:
        return
    found = sha256_file(path)
    if found != pinned.lower():
        raise PinBroken(path=path, found=found, pinned=pinned.lower())
