"""Single edits to a board, as a person would make them by hand: every other byte stays.

Words that come in become plain words on one line (`memory.inert`): they cannot open a heading, tick a
box or bear a card's id.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from crewboard.coordination.board.card import ID, Column
from crewboard.coordination.board.firstline import cells_of, read
from crewboard.coordination.board.headings import Place
from crewboard.coordination.board.merging.keeping import beneath
from crewboard.coordination.board.outline import Item, Outline
from crewboard.coordination.board.splice import Splice
from crewboard.coordination.board.style import Room, Style, room_of, style_of
from crewboard.coordination.board.survey import Survey
from crewboard.errors import Ambiguous, UnknownName
from crewboard.memory.inert import inert
from crewboard.memory.markdown import Kind, Line, indent, join

__all__ = ["Style", "add", "find", "move", "note", "retitle", "style_of", "take_out"]
_ENDED = {Column.DONE, Column.DECIDED}
_SHOWN = 10
_BAR = "\\|"  # parts no cells


def find(outline: Outline, card: str) -> Item:
    """The card of that id, or of words that stand in its title alone. UnknownName, Ambiguous."""
    name = card.strip().removeprefix("^")
    words = " ".join(card.split()).casefold()
    titles = [(" ".join(item.title.split()).casefold(), item) for item in outline.items]
    found = [item for item in outline.items if item.id == name]
    found = found or [item for title, item in titles if title == words]
    found = found or [item for title, item in titles if words and words in title]
    if len(found) == 1:
        return found[0]
    known = "; ".join(item.id or item.title for item in (found or outline.items)[:_SHOWN])
    if found:
        raise Ambiguous(name=card, known=known)
    raise UnknownName(kind="card", name=card, known=known or "none yet")


def add(data: bytes, place: Place | str, title: str, *, owner: str = "", id: str = "") -> bytes:  # noqa: A002 - the word of the board
    """Add a card at the end of a place, in the manner of the cards around it."""
    if id and not ID.match(id):
        raise ValueError(f"{id!r} is not an id of the board")
    outline = Outline.of(data)
    splice, room = Splice(outline.document), room_of(outline, place)
    words, name = inert(title) or "untitled", inert(owner).lstrip("@")
    if room and room.items and room.items[-1].row:
        lines = [_row(outline, room.items[-1], (words, name, id))]
    else:
        style = style_of(outline, place)
        tail = f" ^{id}" if id else ""
        lines = [Line(f"{style.begin()}{style.words(words, name)}{tail}", None, Kind.ITEM)]
    _set_down(outline, splice, place, lines)
    return splice.bytes()


def move(data: bytes, card: Item | str, place: Place | str) -> bytes:
    """Move a card, with everything beneath it, to the end of a place. Its box follows the column."""
    outline = Outline.of(data)
    item = find(outline, card) if isinstance(card, str) else card
    room = room_of(outline, place)
    if room and item in room.items:
        return data
    splice = Splice(outline.document)
    block = [*outline.document.lines[item.start : item.end]]
    _cut(outline, splice, item)
    if item.row and not (room and room.items and room.items[-1].row):
        block = [_unrowed(block[0], item, style_of(outline, place))]
    elif not item.row:
        block = _outdented(block)
        block[0] = _boxed(block[0], place)
    _set_down(outline, splice, place, block)
    return splice.bytes()


def note(data: bytes, card: Item | str, text: str) -> bytes:
    """Write a line beneath a card; in a table's row, into its last cell."""
    outline = Outline.of(data)
    item = find(outline, card) if isinstance(card, str) else card
    block = outline.document.lines[item.start : item.end]
    splice = Splice(outline.document)
    splice.replace(item.start, item.end, beneath(block, [inert(text)])[0])
    return splice.bytes()


def retitle(data: bytes, card: Item | str, title: str) -> bytes:
    """Give a card other words; its bullet, box, marks, id, and what the crew says of it, stay."""
    outline = Outline.of(data)
    item = find(outline, card) if isinstance(card, str) else card
    line, words = outline.document.lines[item.start], inert(title) or "untitled"
    begin, old, rest = line.text.partition(item.title)
    if not item.row and not old:  # marks of bold or strike stand among the words: they go
        first = read(line.text)
        begin, rest = str(first._replace(words="", tail="")), first.tail
    text = f"{begin}{words.replace('|', _BAR) if item.row else words}{rest}"
    splice = Splice(outline.document)
    splice.replace(item.start, item.start + 1, [replace(line, text=text)])
    return splice.bytes()


def take_out(data: bytes, ids: Iterable[str]) -> tuple[bytes, bytes]:
    """The board without the cards of these ids, and those cards, with everything beneath them."""
    outline, wanted = Outline.of(data), set(ids)
    document, splice = outline.document, Splice(outline.document)
    taken: list[Line] = []
    for item in outline.items:
        if item.id in wanted:
            _cut(outline, splice, item)
            block = document.lines[item.start : item.end]
            taken += [
                line if line.ending else replace(line, ending=document.ending) for line in block
            ]
    return splice.bytes(), join(replace(document, bom=""), taken)


def _cut(outline: Outline, splice: Splice, item: Item) -> None:
    """Take a card out; of the blank lines on both sides of it, one stays."""
    lines = outline.document.lines
    blank = [
        0 <= n < len(lines) and lines[n].kind is Kind.BLANK for n in (item.start - 1, item.end)
    ]
    splice.replace(item.start, item.end + all(blank), ())


def _set_down(outline: Outline, splice: Splice, place: Place | str, lines: Sequence[Line]) -> None:
    room = room_of(outline, place)
    if room is None:
        _open(outline, splice, place, lines)
    elif room.items:
        last = room.items[-1]
        as_row = lines[0].kind is Kind.TEXT
        splice.insert(last.end, lines, apart=last.row is not as_row)
    else:
        at = _behind_text(outline, room)
        splice.insert(at, lines, apart=at > room.start)


def _behind_text(outline: Outline, room: Room) -> int:
    """Where the text of a place without cards ends; a rule that parts it from what follows is not of it."""
    lines = outline.document.lines
    for at in range(room.end - 1, room.start - 1, -1):
        rule = set(lines[at].text.strip(" \t")) <= set("-*_ \t")
        if not rule or (lines[at - 1].kind is not Kind.BLANK and lines[at].kind is not Kind.BLANK):
            return at + 1
    return room.start


def _open(outline: Outline, splice: Splice, place: Place | str, lines: Sequence[Line]) -> None:
    """Set cards down under a heading that is not there yet."""
    if isinstance(place, str):
        known = ", ".join(lane.title for lane in outline.lanes)
        raise UnknownName(kind="lane", name=place, known=known or "none")
    survey = Survey.of(outline.document)
    headings = [Line(place.heading(place.owner), None, Kind.HEADING)]
    if place.owner and Place(place.column) not in survey.headings:
        headings.insert(0, Line(Place(place.column).heading(), None, Kind.HEADING))
    at = min(survey.opening(place), outline.foot)
    splice.insert(at, [*headings, *lines], apart=True)


def _outdented(block: Sequence[Line]) -> list[Line]:
    """A card that begins at the margin: an indented one would become part of the card above it."""
    deep = indent(block[0].text)
    cut = re.compile(f" {{0,{deep}}}")
    return (
        [replace(line, text=cut.sub("", line.text, count=1)) for line in block]
        if deep
        else [*block]
    )


def _boxed(line: Line, place: Place | str) -> Line:
    """A plain box says whether a card is done, and so follows it from column to column."""
    first = read(line.text)
    if first.box is None or first.box not in " xX" or isinstance(place, str):
        return line
    done = place.column in _ENDED
    if done is (first.box in "xX"):
        return line
    return replace(line, text=str(first._replace(box="x" if done else " ")))


def _row(outline: Outline, like: Item, card: tuple[str, str, str]) -> Line:
    """A new row beneath another, its title where that one's stands."""
    title, owner, name = card
    cells = cells_of(outline.document.lines[like.start].text)
    at = next((n for n, cell in enumerate(cells) if like.title and like.title in cell), 0)
    whose = next((n for n, cell in enumerate(cells) if n != at and cell.startswith("@")), None)
    new = [""] * len(cells)
    new[at] = title.replace("|", _BAR)
    if owner and whose is not None:
        new[whose] = f"@{owner}"
    elif owner:
        new[at] += f" — @{owner}"
    new[at] += f" ^{name}" if name else ""
    return Line(f"| {' | '.join(new)} |", None, Kind.TEXT)


def _unrowed(line: Line, item: Item, style: Style) -> Line:
    """A table's row as an item of a list."""
    cells = [cell.removesuffix(f"^{item.id}").strip() for cell in cells_of(line.text)]
    words = " · ".join(cell for cell in cells if cell and cell != f"[{item.box}]")
    return Line(f"{style.begin()}{words}{f' ^{item.id}' if item.id else ''}", None, Kind.ITEM)
