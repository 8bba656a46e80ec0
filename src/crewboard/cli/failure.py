"""How a command that went wrong says so: one sentence on stderr, and an exit code."""

import errno
import os
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from crewboard.cli import exits
from crewboard.cli.terminal import ReaderGone, complain
from crewboard.errors import CrewboardError
from crewboard.redact import redact


def code_of(error: BaseException) -> int:
    if isinstance(error, ReaderGone | SystemExit):
        return exits.DONE  # click leaves so when the reader of its help has gone
    if isinstance(error, CrewboardError):
        return error.exit_code
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        return exits.USAGE
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return exits.INTERRUPTED
    return exits.BLOCKED if _lacking(error) else exits.FAILED


def tell(error: BaseException, arguments: Sequence[str]) -> None:
    """Say it in one sentence; what nobody foresaw leaves its trace in a log and says where."""
    if isinstance(error, click.exceptions.Exit | ReaderGone | SystemExit):
        return
    if isinstance(error, KeyboardInterrupt | click.Abort):
        how = str(error) if isinstance(error, click.Abort) else ""
        complain(
            f"interrupted; what was written is kept. {how or 'Go on with `crewboard resume`.'}"
        )
    elif isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
    elif isinstance(error, CrewboardError):
        complain(str(error))
    elif isinstance(error, click.ClickException):
        complain(_usage(error))
    elif lacking := _lacking(error):
        complain(lacking)
    else:
        complain(f"crewboard itself broke ({type(error).__name__}). {_traced(error, arguments)}")


def _lacking(error: BaseException) -> str | None:
    """What the machine has run out of, wherever that was met: a full device under a redirected stdout."""
    if isinstance(error, MemoryError):
        return "there is not enough memory. Free some, or name smaller files; then try again."
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        where = f" for {error.filename}" if error.filename else ""
        return (
            f"no space is left on the device{where}. Free some, then give the same command again."
        )
    return None


def _traced(error: BaseException, arguments: Sequence[str]) -> str:
    try:
        return f"The trace is in {_trace(error, arguments)}."
    except OSError as fault:
        return f"Its trace could not be written ({fault.strerror})."


def _usage(error: click.ClickException) -> str:
    said = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    where = context.command_path if context else "crewboard"
    return f"{said}{'' if said.endswith(('.', '?')) else '.'} See `{where} --help`."


def _trace(error: BaseException, arguments: Sequence[str]) -> Path:
    """Append the trace to the workspace's log, or to a file of its own where there is none."""
    text = f"crewboard {list(arguments)}\n{''.join(traceback.format_exception(error))}"
    folder = next((f for f in _above(Path.cwd()) if (f / ".crewboard").is_dir()), None)
    if folder is None or not os.access(folder / ".crewboard", os.W_OK):
        handle, name = tempfile.mkstemp(prefix="crewboard-", suffix=".log")
        os.close(handle)
        place = Path(name)
    else:
        place = folder / ".crewboard" / "crew.log"
    with place.open("a", encoding="utf-8", errors="backslashreplace") as log:
        log.write(redact(text))
    return place


def _above(folder: Path) -> list[Path]:
    return [folder, *folder.parents]
