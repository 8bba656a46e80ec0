"""A typed error, carried out of a job's process and raised again in the crew's."""

import errno
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from crewboard.canonical import canonical_json
from crewboard.errors import CrewboardError, DiskFull
from crewboard.tools.files.atomic import write_whole

_NAME = "failure.json"
_MB = 1_000_000


def telling(folder: Path, work: Callable[[], None]) -> None:
    """Run `work`; an error of crewboard's own is written into `folder`, and ends the process with
    the error's exit code. Any other error ends it the usual way, with its traceback in the log."""
    (folder / _NAME).unlink(missing_ok=True)
    try:
        _with_disk_named(folder, work)
    except CrewboardError as error:
        facts = {name: _plain(fact) for name, fact in error.facts.items()}
        told = canonical_json({"error": type(error).__name__, "facts": facts})
        write_whole(folder / _NAME, told.encode())
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - into the log
        sys.exit(error.exit_code)


def _with_disk_named(folder: Path, work: Callable[[], None]) -> None:
    try:
        work()
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        free = shutil.disk_usage(folder).free // _MB
        raise DiskFull(path=folder, free=free, needed=free + 1) from error


def told_failure(folder: Path) -> CrewboardError | None:
    """The error that the job in `folder` named, if its class is known here."""
    try:
        told = json.loads((folder / _NAME).read_text())
    except FileNotFoundError:
        return None
    known = {each.__name__: each for each in _tree(CrewboardError)}
    found = known.get(told["error"])
    return found(**told["facts"]) if found else None


def _tree(root: type[CrewboardError]) -> Iterator[type[CrewboardError]]:
    yield root
    for each in root.__subclasses__():
        yield from _tree(each)


def _plain(fact: object) -> object:
    return fact if isinstance(fact, int | float | str | None) else str(fact)
