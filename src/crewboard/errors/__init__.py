"""Every error that crewboard raises, as one tree.

The docstring of a class is its message: it says what happened and what to do next. Where it sits in
the tree says what may be done about it, so nobody has to read the text to decide:

    CrewboardError
    ├── UsageError      the caller's input is wrong; nothing was done      exit code 2
    ├── NeedsHuman      only a person can move this on                     exit code 3 or 4
    ├── Retryable       the same call may succeed later                    exit code 5
    └── Final           the same call will fail again                      exit code 5
"""

from crewboard.errors.final import *  # noqa: F403 - the whole branch
from crewboard.errors.human import *  # noqa: F403 - likewise
from crewboard.errors.retryable import *  # noqa: F403 - likewise
from crewboard.errors.tree import CrewboardError as CrewboardError
from crewboard.errors.usage import *  # noqa: F403 - likewise

__all__ = [  # noqa: F405 - names of the branches
    "AdapterMismatch",
    "Ambiguous",
    "AnswerLost",
    "ApproverNotAllowed",
    "ArgumentsInvalid",
    "BaseUnavailable",
    "BoardNotAFile",
    "BoardTaken",
    "BudgetExhausted",
    "Cancelled",
    "ConfigInvalid",
    "ContentUnusable",
    "ContextMismatch",
    "CrewNotStarted",
    "CrewRunning",
    "CrewboardError",
    "DecisionPending",
    "DecisionUnanswerable",
    "DiskFull",
    "EffectConflict",
    "EffectSkipped",
    "ExtraMissing",
    "Final",
    "GateClosed",
    "HostRefused",
    "ImportHeld",
    "InputEmpty",
    "InputMissing",
    "InputUnreadable",
    "InputsChanged",
    "JobConflict",
    "JobNotStarted",
    "JobVanished",
    "KeyMissing",
    "KeyRejected",
    "LeaseLost",
    "LedgerBusy",
    "LedgerCorrupt",
    "LedgerOnNetwork",
    "LedgerTooNew",
    "LengthUnsuited",
    "MemoryShort",
    "MessageReused",
    "MessageUnusable",
    "NeedsHuman",
    "NoModel",
    "NotByMessage",
    "NotHeldOut",
    "NotPermitted",
    "NotWaiting",
    "NothingToTrain",
    "OptionInvalid",
    "OutcomeUnknown",
    "PageBusy",
    "PathOutside",
    "PaymentRequired",
    "PlanInvalid",
    "PortTaken",
    "PriceUnknown",
    "ProviderSilent",
    "ProviderUnavailable",
    "RateLimited",
    "RecallModelUnusable",
    "RecallUnavailable",
    "ReplyInvalid",
    "RequestRefused",
    "Retryable",
    "RowsUnaccounted",
    "SelfApproval",
    "SelfCheckFailed",
    "StillSettling",
    "TaskEnded",
    "TaskUnknown",
    "TemplateUnsuited",
    "TokenExposed",
    "TokenUnusable",
    "TooMuchWork",
    "ToolFailed",
    "UnexpectedCall",
    "UnknownName",
    "UsageError",
    "VersionGone",
    "WorkspaceMissing",
    "WorkspaceUnwritable",
]
