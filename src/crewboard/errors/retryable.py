"""The same call may succeed later: exit code 5."""

from crewboard.errors.tree import CrewboardError


class Retryable(CrewboardError):
    """{detail}"""


class RateLimited(Retryable):
    """{provider} asks to slow down (HTTP {status}), for {retry_after} s. The crew waits and goes on by itself."""


class ProviderUnavailable(Retryable):
    """{provider} is not available: {reason}. The crew tries again with growing pauses."""


class StillSettling(Retryable):
    """{provider} may still be at work on {what}. The crew asks whether it was done in {retry_after} s."""


class ProviderSilent(Retryable):
    """{provider} did not finish its answer within {seconds} s. The crew gives up on this call."""

    answer_lost = True


class AnswerLost(ProviderUnavailable):
    """{provider} broke off before it answered: {reason}. The call may have been charged all the same."""

    answer_lost = True


class LedgerBusy(Retryable):
    """The ledger {path} stayed locked for {seconds} s by another process. Try again."""


class JobVanished(Retryable):
    """The job in {folder} died without a word in attempt {attempt}: it or its machine was stopped
    from outside. Starting it again continues it."""


class PageBusy(Retryable):
    """{path} stayed busy for {seconds} s: another program locked or changed it. Try again."""


class SaveUnfinished(PageBusy):
    """{path} looks like a save that was cut short: {why}. Save it whole, or wait: what lies so for
    {seconds} s is believed or, where it cannot be meant, kept aside (`crewboard board log`)."""
