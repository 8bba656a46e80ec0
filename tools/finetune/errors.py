"""What can go wrong with a training or an evaluation, apart from what the tree already names."""

from crewboard.errors import Final, NeedsHuman, UsageError


class TrainExtraMissing(UsageError):
    """{tool} needs {missing}, which is not installed here. Run `pip install "crewboard[train]"`;
    nothing was started."""


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


class MemoryShort(NeedsHuman):
    """{base} needs about {needed} MB of memory to train, and {free} MB are free. Free some, or use
    a smaller base."""


class InputsChanged(Final):
    """The {what} changed since this training began: its checkpoints cannot be continued. Restore
    what it was, or start a new task; nothing was overwritten."""


class AdapterMismatch(UsageError):
    """The adapter {adapter} does not belong to the base {base}: it was trained on {expected}, and
    this is {found}. Name the base that was produced with it."""


class NotHeldOut(UsageError):
    """{test} is the file that {adapter} was trained on: what it has seen proves nothing. Name
    held-out rows."""
