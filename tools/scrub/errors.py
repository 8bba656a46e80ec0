"""Errors of scrubbing."""

from crewboard.errors import UsageError


class SecretTooShort(UsageError):
    """The secret in {variable} has {length} characters, and {least} are the fewest that cannot be guessed:
    make one with `openssl rand -hex 32`."""
