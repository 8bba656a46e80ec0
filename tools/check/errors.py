"""Errors of checking."""

from crewboard.errors import UsageError


class ContractBroken(UsageError):
    """{path} is not what {contract} takes: {place}: {reason}. {remedy} Nothing was sent."""
