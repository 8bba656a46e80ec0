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
