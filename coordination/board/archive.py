"""Putting done cards away: out of the board, into KANBAN-archive/YYYY-MM.md of the month they ended in.

A card goes with everything beneath it, byte for byte. It is written into the archive before it leaves
the board, so a kill in between leaves it in both, and the next run takes it off the board: it is never
in neither. A card whose end nobody knows stays.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crewboard.coordination.board.card import Column
from crewboard.coordination.board.labels import minute
from crewboard.coordination.board.outline import Item, Outline
from crewboard.coordination.board.splice import Splice
from crewboard.memory.page import locked, rewrite

FOLDER = "KANBAN-archive"
_ENDED = (Column.DONE, Column.DECIDED)
_FILE = re.compile(rf"{FOLDER}/\d{{4}}-\d\d\.md")
_TITLE = "# Put away from KANBAN.md, {month}\n"


@dataclass(frozen=True)
class Put:
    """A card that goes: its lines as they lie on the board, and the file that takes them."""

    key: str
    title: str
    block: bytes
    file: str


def ended_at(
    data: bytes, told: Mapping[str, datetime], history: Iterable[tuple[datetime, bytes]]
) -> dict[str, datetime]:
    """Since when each card of the board is done: {id, or title: when}.

    The ledger's word (`told`, by id) comes first. For other cards it is the first of the versions in an
    unbroken row, newest first in `history`, that show them as done; they may be so for longer.
    """
    waiting = {_key(each) for each in _done(Outline.of(data))}
    found = {name: told[name] for name in waiting & told.keys()}
    waiting -= found.keys()
    for at, text in history:
        if not waiting:
            break
        still = {_key(each) for each in _done(Outline.of(text))}
        waiting &= still
        found.update(dict.fromkeys(waiting, at))
    return found


def ripe(data: bytes, ended: Mapping[str, datetime], before: datetime) -> list[Put]:
    """The cards that were done before a moment. Of several with one name none goes, nor does the row
    of a table."""
    outline = Outline.of(data)
    done = _done(outline)
    names = [_key(each) for each in outline.items]
    return [
        Put(_key(item), item.title, _block(outline, item), _file_of(ended[_key(item)]))
        for item in done
        if not item.row and names.count(_key(item)) == 1 and _ended_before(item, ended, before)
    ]


def taken_off(data: bytes, put: Sequence[Put]) -> bytes:
    """The board without these cards. One that was changed since it was put away stays."""
    outline, blocks = Outline.of(data), {each.block for each in put}
    splice = Splice(outline.document)
    for item in _done(outline):
        if _block(outline, item) in blocks:
            splice.replace(item.start, item.end, ())
    return splice.bytes()


def put_away(root: Path, lock: Path, put: Sequence[Put], by: str, at: datetime) -> None:
    """Write the cards into their files; those that are there already are not written again."""
    with locked(lock):
        for name in sorted({each.file for each in put}):
            blocks = [each.block for each in put if each.file == name]
            path = root / name
            path.parent.mkdir(exist_ok=True)
            heading = f"## {minute(at)}, by {by}\n".encode()
            rewrite(path, lambda old, b=blocks, h=heading, n=name: _filed(old, n, h, b))  # type: ignore[misc]  # bound now


def bring_back(root: Path, lock: Path, board: bytes, why: str) -> list[str]:
    """Take out of the archive files that `why` names every card that stands on the board again; their
    titles. `why` is a line of the board's journal."""
    on_board = {_block(outline, item) for outline in [Outline.of(board)] for item in outline.items}
    back: list[str] = []
    with locked(lock):
        for name in dict.fromkeys(_FILE.findall(why)):
            path = root / name
            if path.is_file():
                back += [title for title, block in _blocks(path.read_bytes()) if block in on_board]
                rewrite(path, lambda old: _without(old, on_board))
    return back


def _done(outline: Outline) -> list[Item]:
    return [item for item in outline.items if outline.column(item) in _ENDED]


def _key(item: Item) -> str:
    return item.id or " ".join(item.title.split())


def _ended_before(item: Item, ended: Mapping[str, datetime], before: datetime) -> bool:
    when = ended.get(_key(item))
    return when is not None and when < before


def _file_of(when: datetime) -> str:
    return f"{FOLDER}/{when:%Y-%m}.md"


def _block(outline: Outline, item: Item) -> bytes:
    """A card's bytes. Its last line ends with a newline, whatever it ended with."""
    lines = list(outline.document.lines[item.start : item.end])
    text = "".join(line.text + (line.ending or "\n") for line in lines)
    return text.encode("utf-8", "surrogateescape")


def _blocks(data: bytes) -> list[tuple[str, bytes]]:
    outline = Outline.of(data)
    return [(item.title, _block(outline, item)) for item in outline.items]


def _filed(old: bytes, name: str, heading: bytes, blocks: Sequence[bytes]) -> bytes:
    there = {block for _, block in _blocks(old)}
    new = [block for block in blocks if block not in there]
    if not new:
        return old
    begin = old or _TITLE.format(month=name[-10:-3]).encode()
    if not begin.endswith(b"\n"):
        begin += b"\n"
    return b"".join([begin, b"\n", heading, *new])


def _without(data: bytes, gone: set[bytes]) -> bytes:
    outline = Outline.of(data)
    splice = Splice(outline.document)
    for item in outline.items:
        if _block(outline, item) in gone:
            splice.replace(item.start, item.end, ())
    return splice.bytes()
