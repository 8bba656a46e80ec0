"""The command line. Every verb is a small file; what none of them uses is not imported.

Data goes to stdout, talk to stderr. Whatever goes wrong is told in one sentence.
"""

import sys
from collections.abc import Sequence

from crewboard.cli.failure import code_of, tell
from crewboard.cli.terminal import flush, prepare

__all__ = ["main", "run"]


def main() -> None:
    """The console script."""
    prepare()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; its exit code. Nothing is raised."""
    from crewboard.cli.root import root

    try:
        given = root.main(list(arguments), prog_name="crewboard", standalone_mode=False)
        flush()
    except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001 - the last one who can tell it
        tell(error, arguments)
        return code_of(error)
    return given if isinstance(given, int) else 0
