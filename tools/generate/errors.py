"""Errors of generating at scale."""

from crewboard.errors import BudgetExhausted, Final, Retryable, UsageError


class RecipeInvalid(UsageError):
    """The recipe {path} is not valid at {where}: {reason}. Correct that place; nothing was sent."""


class RunDiffers(UsageError):
    """{path} was begun with {what} {was}, and this is {now}. Go on with the same one, or name another
    --out."""


class OutTaken(UsageError):
    """{path} holds {name}, and no run of `crewboard data generate` wrote it. Name an empty --out; nothing was
    written."""


class RunTaken(UsageError):
    """{path} is being filled by another run. Wait for it, or name another --out."""


class RecordDamaged(Final):
    """The record {path} cannot be read at line {line}: {reason}. It says what was paid for: restore it
    from a copy, or name another --out and pay again."""


class QuotaUnfilled(Final):
    """{missing} of {rows} rows are missing, first of all in {cell}: {reason}. What was made is kept.
    Loosen what the recipe accepts or allow more attempts, then run it again."""


class RunBudgetExhausted(BudgetExhausted):
    """{what} may cost {needed} USD, and of the run's {limit} USD {left} are left. What was answered is kept:
    run it again with a higher budget."""


class ProviderKeepsFailing(Retryable):
    """{provider} failed {failures} times in a row, the last time so: {reason}. What was answered is kept:
    run the same command again later, and only what is missing is asked for."""


class BatchRefused(Final):
    """{provider} refused the batch {batch}: {reason}. Nothing was charged for it. Correct the recipe and
    run it again."""


class BatchCancelled(Final):
    """The batch {batch} was cancelled at {provider}. What it had finished is kept; run the same command
    again for the rest."""
