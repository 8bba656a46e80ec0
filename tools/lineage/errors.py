"""Errors of provenance."""

from crewboard.errors import UsageError


class PinBroken(UsageError):
    """{path} is not the file that was pinned: its sha256 is {found}, not {pinned}. Restore the pinned file,
    or pin this one; nothing was done."""


class ManifestUnreadable(UsageError):
    """The manifest {path} cannot be read: {reason}. Restore it, or make the artifact again."""
