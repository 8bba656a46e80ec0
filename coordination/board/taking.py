"""Taking a file over as the board: byte for byte, and never over somebody's text."""

import re

from crewboard.coordination.board.render import template
from crewboard.coordination.board.store import BoardStore
from crewboard.errors import BoardTaken

_SYNCED = re.compile(rb"^_Last synced: [^\r\n]*_[ \t]*$", re.MULTILINE)


def take_over(store: BoardStore, data: bytes, by: str, why: str, title: str) -> None:
    """Make `data` the board. BoardTaken unless what lies there is nothing, a fresh board named `title`,
    or `data` itself."""

    def replaced(now: bytes) -> bytes:
        if now != data and not is_fresh(now, title):
            raise BoardTaken(path=store.path)
        return data

    store.edit(replaced, by=by, why=why)


def is_fresh(data: bytes, title: str) -> bool:
    """Whether nobody has written anything on a board yet."""
    return not data.strip() or _unsynced(data) == _unsynced(template(title))


def _unsynced(data: bytes) -> bytes:
    return _SYNCED.sub(b"", data).strip()
