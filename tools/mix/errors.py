"""Errors of mixing."""

from crewboard.errors import UsageError


class MixOverLong(UsageError):
    """Line {line} of {path} has {length} {unit}, and the mix takes {limit}. Take the row out, raise the
    limit, or set over_length to drop, replace or keep."""
