"""The same call will fail again: exit code 5."""

from crewboard.errors.tree import CrewboardError


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
