"""Errors of reading files."""

from crewboard.errors import UsageError


class InputExpands(UsageError):
    """{path} unpacks to more than {times} times its size: reading stopped after {mb} MB. If it is sound,
    unpack it yourself and name the unpacked file."""


class OutputUnwritable(UsageError):
    """{path} cannot be written: {reason}. Name another place; nothing was written."""
