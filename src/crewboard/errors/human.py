"""Only a person can move this on: exit code 3 or 4."""

from crewboard.errors.tree import CrewboardError


class NeedsHuman(CrewboardError):
    """{detail}"""

    exit_code = 4


class DecisionPending(NeedsHuman):
    """Decision {decision} waits on {owner}. Answer with `crewboard approve {decision} --choose OPTION`."""

    exit_code = 3


class PaymentRequired(NeedsHuman):
    """{provider} refused to work unpaid (HTTP {status}): {reason}. Settle the bill, then `crewboard resume`."""


class KeyRejected(NeedsHuman):
    """{provider} rejected the key (HTTP {status}). Set a valid {variable} and run `crewboard resume`."""


class KeyMissing(NeedsHuman):
    """{provider} needs a key. Set {variable} in the environment and start again. Without any key a crew
    plans with --model rules, and templates write rows."""


class OutcomeUnknown(NeedsHuman):
    """Nobody knows whether {what} was done before the crew stopped, and {provider} cannot be asked.
    Answer decision {decision} to repeat it or to go on without it."""

    exit_code = 3


class BudgetExhausted(NeedsHuman):
    """{what} may cost {needed} USD, but {scope} has {left} USD left of {limit}. Raise the budget, or go on with
    --model rules; nothing was spent."""


class GateClosed(NeedsHuman):
    """{what} may not start: {reason}. It starts by itself once that is settled."""


class DiskFull(NeedsHuman):
    """No space left on the device that holds {path} ({free} MB free, {needed} MB needed). Free some, then
    `crewboard resume`, or give the same command again; nothing was lost."""


class ExtraMissing(NeedsHuman):
    """{what} needs {package}. Install it with `pip install "crewboard[{extra}]"`."""


class NoModel(NeedsHuman):
    """{what} needs a model, and the crew runs with `rules`. Name one with --model PROVIDER/MODEL."""


class MemoryShort(NeedsHuman):
    """{base} needs about {needed} MB of memory to train, and {free} MB are free. Free some, or use
    a smaller base."""


class ImportHeld(NeedsHuman):
    """{path} holds {what}. See to that first, or take it with --as-is; nothing was written."""
