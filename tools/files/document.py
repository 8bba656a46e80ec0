"""A file that is read as a whole: a recipe, a contract, a matrix, declarations. None is large, and none is a
pipe."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from crewboard.errors import ConfigInvalid, InputUnreadable
from crewboard.tools.files.jsonl import check_readable

MOST_BYTES = 20_000_000
M = TypeVar("M", bound=BaseModel)


def read_document(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a regular file of at most `most` bytes; what `check_readable` raises, InputUnreadable."""
    if check_readable(path) > most:
        reason = f"it is larger than {most // 1_000_000} MB, which nothing of its kind is"
        raise InputUnreadable(path=path, where="", reason=reason)
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputUnreadable(path=path, where="", reason=error.strerror) from error


def read_toml(path: Path, model: type[M], most: int = MOST_BYTES, encoding: str = "utf-8") -> M:
    """What a TOML file declares. What `read_document` raises; ConfigInvalid tells the first fault by its
    place."""
    with declared(path):
        return model.model_validate(tomllib.loads(read_document(path, most).decode(encoding)))


@contextmanager
def declared(path: Path) -> Iterator[None]:
    """A block that makes something of what `path` declares: ConfigInvalid for what is no TOML, and for what
    a model refuses."""
    try:
        yield
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(path=path, where="its text", reason=error) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its top"
        reason = first["msg"].removeprefix("Value error, ")
        raise ConfigInvalid(path=path, where=where, reason=reason) from None
