"""What can go wrong with a job itself, apart from what goes wrong inside it."""

from crewboard.errors import Final, Retryable


class JobConflict(Final):
    """The job folder {folder} belongs to another command. Use another one, or let that job be."""


class JobNotStarted(Final):
    """The job in {folder} could not be started: {reason}."""


class JobVanished(Retryable):
    """The job in {folder} died without a word in attempt {attempt}: it or its machine was stopped
    from outside. Starting it again continues it."""
