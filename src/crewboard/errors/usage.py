"""The caller's input is wrong, and nothing was done: exit code 2."""

from crewboard.errors.tree import CrewboardError


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
    """The input {path} does not exist. Check the path, or name another file."""


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


class VersionGone(UsageError):
    """The bytes of version {version} of the board are no longer kept: only the newest {kept} are, and
    those of the last day. `crewboard board log` shows what was done."""


class BoardTaken(UsageError):
    """The board {path} has text of its own, and is never overwritten. Move it away, or import into
    another workspace."""


class RecallModelUnusable(UsageError):
    """The recall model {path} cannot be used: {reason}. Name a folder with config.json,
    model.safetensors and tokenizer.json under [recall] in crewboard.toml, or take it out."""


class SharesOutOfReach(UsageError):
    """The target shares cannot be met by {by}: {reason}. Add rows of what is short (`crewboard data
    rebalance --by generating` writes the recipe for them), widen --tolerance, or change the target."""
