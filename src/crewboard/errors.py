"""Every error that crewboard raises, as one tree.

The docstring of a class is its message: it says what happened and what to do next. Where it sits in
the tree says what may be done about it, so nobody has to read the text to decide:

    CrewboardError
    ├── UsageError      the caller's input is wrong; nothing was done      exit code 2
    ├── NeedsHuman      only a person can move this on                     exit code 3 or 4
    ├── Retryable       the same call may succeed later                    exit code 5
    └── Final           the same call will fail again                      exit code 5
"""

from inspect import cleandoc
from typing import ClassVar


class CrewboardError(Exception):
    """Crewboard stopped: {detail}"""

    exit_code: ClassVar[int] = 5
    answer_lost: ClassVar[bool] = False

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts

    @property
    def outcome_unknown(self) -> bool:
        """Whether what was asked for may have been done all the same: then it is not just done again.
        A harmless error says so too, in its facts, when an answer was lost before it."""
        return self.answer_lost or "outcome_unknown" in self.facts

    def __str__(self) -> str:
        return " ".join(cleandoc(type(self).__doc__ or "").split()).format_map(_Facts(self.facts))


class _Facts(dict[str, object]):
    """A missing fact shows as itself: an error must never fail while it is being told."""

    def __missing__(self, key: str) -> str:
        return f"<{key}>"


# ── the caller's input is wrong ────────────────────────────────────────────────────────────────


class UsageError(CrewboardError):
    """{detail}"""

    exit_code = 2


class WorkspaceMissing(UsageError):
    """{path} is not a crewboard workspace. Create one with `crewboard init {path}`, or change into one."""


class WorkspaceUnwritable(UsageError):
    """The workspace {path} cannot be written: {reason}. Fix its owner and mode, or use another directory."""


class ConfigInvalid(UsageError):
    """{path} is not valid at {where}: {reason}. Correct that line; nothing was started."""


class CrewRunning(UsageError):
    """A crew already works in {path} (process {process}). Follow it with `crewboard status`, or stop it first."""


class UnknownName(UsageError):
    """There is no {kind} named {name!r}. There are: {known}."""


class ArgumentsInvalid(UsageError):
    """{tool} cannot run with these arguments: {reason}. `crewboard tools {tool}` shows what it takes."""


class InputMissing(UsageError):
    """The input {path} does not exist. Check the path, or name another file with --data."""


class InputEmpty(UsageError):
    """The input {path} holds no rows. Check that it was written to the end, or name another file."""


class InputUnreadable(UsageError):
    """{path} cannot be read{where}: {reason}. Fix that place, or name another file."""


class ExtraMissing(UsageError):
    """{what} needs {package}. Install it with `pip install "crewboard[{extra}]"`."""


class PathOutside(UsageError):
    """{path} lies outside the workspace {root}. Tools read and write beneath it only: move the file there."""


class DecisionUnanswerable(UsageError):
    """Decision {decision} cannot be answered so: {reason}. See `crewboard decisions`."""


class ApproverNotAllowed(UsageError):
    """{approver} may not answer decision {decision}: {reason}. Ask {owner} to answer it."""


# ── only a person can move this on ─────────────────────────────────────────────────────────────


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
    """{provider} needs a key. Set {variable} in the environment, or start with --model rules."""


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
    `crewboard resume`; nothing was lost."""


class NoModel(NeedsHuman):
    """{what} needs a model, and the crew runs with `rules`. Name one with --model PROVIDER/MODEL."""


# ── the same call may succeed later ────────────────────────────────────────────────────────────


class Retryable(CrewboardError):
    """{detail}"""


class RateLimited(Retryable):
    """{provider} asks to slow down (HTTP {status}), for {retry_after} s. The crew waits and goes on by itself."""


class ProviderUnavailable(Retryable):
    """{provider} is not available: {reason}. The crew tries again with growing pauses."""


class ProviderSilent(Retryable):
    """{provider} did not finish its answer within {seconds} s. The crew gives up on this call."""

    answer_lost = True


class AnswerLost(ProviderUnavailable):
    """{provider} broke off before it answered: {reason}. The call may have been charged all the same."""

    answer_lost = True


class LedgerBusy(Retryable):
    """The ledger {path} stayed locked for {seconds} s by another process. Try again."""


# ── the same call will fail again ──────────────────────────────────────────────────────────────


class Final(CrewboardError):
    """{detail}"""


class LedgerCorrupt(Final):
    """The ledger {path} does not verify: {reason}. Keep a copy, then restore the last backup."""


class LedgerTooNew(Final):
    """The ledger {path} has schema {found}, this crewboard knows {known}. Upgrade crewboard."""


class LedgerOnNetwork(Final):
    """{path} lies on {filesystem}, where SQLite loses data. Move the workspace to a local disk."""


class LeaseLost(Final):
    """Another crew took over {path}. This one stopped before it changed anything more."""


class RequestRefused(Final):
    """{provider} refused the request (HTTP {status}): {reason}. Change the request; it is not retried."""


class ReplyInvalid(Final):
    """{provider} answered {tries} times in a form that cannot be used: {reason}. Try another model."""


class UnexpectedCall(Final):
    """The {model} twin has no answer for this call ({digest}): {hint}."""


class EffectSkipped(Final):
    """{what} was left out: {by} decided not to repeat it when its outcome was unknown."""


class ToolFailed(Final):
    """{tool} failed: {reason}. See `crewboard logs {task}`."""


class SelfCheckFailed(Final):
    """{tool} ended without a sound result: {reason}. Nothing was registered."""


class RowsUnaccounted(Final):
    """{tool} read {rows_in} rows, wrote {rows_out} and explained {dropped}: {missing} are unaccounted for."""


class EffectConflict(Final):
    """The effect {key} was recorded with other arguments. A key never names two actions."""


class NotPermitted(Final):
    """{agent} may not {what}: {reason}."""


class SelfApproval(NotPermitted):
    """{agent} may not {what}: it {reason}. Another must judge it."""


class Cancelled(Final):
    """{what} was cancelled by {actor}."""
