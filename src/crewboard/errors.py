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
    """{tool} cannot run with these arguments: {reason}. `crewboard tools` and `crewboard pipelines` show what each takes."""


class InputMissing(UsageError):
    """The input {path} does not exist. Check the path, or name another file with --data."""


class InputEmpty(UsageError):
    """The input {path} holds no rows. Check that it was written to the end, or name another file."""


class InputUnreadable(UsageError):
    """{path} cannot be read{where}: {reason}. Fix that place, or name another file."""


class PathOutside(UsageError):
    """{path} lies outside the workspace {root}. Tools read and write beneath it only: move the file there."""


class DecisionUnanswerable(UsageError):
    """Decision {decision} cannot be answered so: {reason}. See `crewboard decisions`."""


class ApproverNotAllowed(UsageError):
    """{approver} may not answer decision {decision}: {reason}. Ask {owner} to answer it."""


class PriceUnknown(UsageError):
    """The price table of {version} has no price for {model}. Set price_in and price_out for it, in
    US dollars per million tokens, under [models] in crewboard.toml; nothing was spent."""


class MessageUnusable(UsageError):
    """The message cannot be taken: {reason}."""


class ContentUnusable(UsageError):
    """The message carries {what}, which is not taken. Send text, and name files by their URL."""


class TokenUnusable(UsageError):
    """The token of peer {peer} cannot be used: {reason}. Take a random one of 16 characters or more."""


class TokenExposed(UsageError):
    """The token {path} is not safe: {reason}. Remove it: the next `crewboard serve` writes a new one."""


class TaskUnknown(UsageError):
    """There is no task {task} of {sender}. Leave the task id out to start a new one."""


class MessageReused(UsageError):
    """Message {message_id} was sent before with other contents. Use a new id for a new message."""


class ContextMismatch(UsageError):
    """Task {task} belongs to another context. Leave the context out, or send the task's own."""


class HostRefused(UsageError):
    """`crewboard serve` binds this machine only, and {host} would let the network in. Use 127.0.0.1, and
    reach it from elsewhere through an SSH tunnel or a proxy that ends TLS."""


class PortTaken(UsageError):
    """Port {port} of {host} cannot be bound: {reason}. Name another with --port, or 0 for a free one."""


class BoardNotAFile(UsageError):
    """The board {path} is not a file. Move it away, or name another board in crewboard.toml."""


class NothingToTrain(UsageError):
    """Of {rows_in} rows in {data} {rows} can be trained on, and {needed} are needed: {dropped}.
    Audit the data, or lower batch_size."""


class TemplateUnsuited(UsageError):
    """The chat template of {base} cannot tell which tokens are the assistant's: {reason}. Use a
    base whose template marks them, or one that TRL knows."""


class BaseUnavailable(UsageError):
    """The base {base} cannot be opened: {reason}. Download it first and name its folder; gated
    models need a token that jobs are never given."""


class LengthUnsuited(UsageError):
    """max_length {max_length} is more than {base} takes ({limit} tokens). Lower it; longer rows are
    cut there and counted."""


class AdapterMismatch(UsageError):
    """The adapter {adapter} does not belong to the base {base}: it was trained on {expected}, and
    this is {found}. Name the base that was produced with it."""


class NotHeldOut(UsageError):
    """{test} is the file that {adapter} was trained on: what it has seen proves nothing. Name
    held-out rows."""


class PlanInvalid(UsageError):
    """The plan cannot be carried out: {reason}."""


class Ambiguous(UsageError):
    """{name!r} may mean {known}. Give more of the id."""


class OptionInvalid(UsageError):
    """{option} {value!r} is not valid: {reason}."""


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


class ExtraMissing(NeedsHuman):
    """{what} needs {package}. Install it with `pip install "crewboard[{extra}]"`."""


class NoModel(NeedsHuman):
    """{what} needs a model, and the crew runs with `rules`. Name one with --model PROVIDER/MODEL."""


class MemoryShort(NeedsHuman):
    """{base} needs about {needed} MB of memory to train, and {free} MB are free. Free some, or use
    a smaller base."""


# ── the same call may succeed later ────────────────────────────────────────────────────────────


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


class TaskEnded(Final):
    """Task {task} has ended ({state}) and takes no more messages. Start a new task instead."""


class NotWaiting(Final):
    """Task {task} is {state} and waits for no answer; another may have answered first."""


class NotByMessage(Final):
    """Task {task} waits on {waits}, which no message can give. It goes on by itself once it is given."""


class TooMuchWork(Final):
    """{sender} asked for too much at once: {reason}. Wait until some of it has ended."""


class JobConflict(Final):
    """The job folder {folder} belongs to another command. Use another one, or let that job be."""


class JobNotStarted(Final):
    """The job in {folder} could not be started: {reason}."""


class InputsChanged(Final):
    """The {what} changed since this training began: its checkpoints cannot be continued. Restore
    what it was, or start a new task; nothing was overwritten."""


class RecallUnavailable(Final):
    """Notes cannot be searched: SQLite {version} here lacks FTS5. Use a Python that has it."""


class CrewNotStarted(Final):
    """The crew ended before it began (exit code {code}). See {log}; the goal is kept."""
