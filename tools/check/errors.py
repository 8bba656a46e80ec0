"""Errors of checking."""

from crewboard.errors import UsageError


class ContractBroken(UsageError):
    """{path} is not what {contract} takes: line {line} (byte {offset}), {where}: {reason}. {remedy}
    Nothing was sent."""
