"""A file that is read as a whole: a recipe, a contract, a matrix. None is large, and none is a pipe."""

from pathlib import Path

from crewboard.errors import InputUnreadable
from crewboard.tools.files.jsonl import check_readable

MOST_BYTES = 20_000_000


def read_document(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a regular file of at most `most` bytes; what `check_readable` raises, InputUnreadable."""
    if check_readable(path) > most:
        reason = f"it is larger than {most // 1_000_000} MB, which nothing of its kind is"
        raise InputUnreadable(path=path, where="", reason=reason)
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputUnreadable(path=path, where="", reason=error.strerror) from error
