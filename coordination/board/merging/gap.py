"""One section of three versions: its cards as anchors, and between them what each side put there."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crewboard.coordination.board.merging.align import Slot, align, weave
from crewboard.coordination.board.merging.threefold import NONE

Span = tuple[int, int]


class Piece(NamedTuple):
    """A card by its number, or a piece of free text by its text; and the lines where it lies."""

    key: int | str
    span: Span


class Entry(NamedTuple):
    """What the merged section holds: a card by its number, or free text; and where its lines are.

    `base` is told of a piece of several lines that both sides changed.
    """

    card: int
    ours: Span | None
    theirs: Span | None
    text: str = ""
    base: Span | None = None


Pieces = Sequence[Piece]
_Stretch = tuple[Pieces, Piece | None]


def woven(base: Pieces, ours: Pieces, theirs: Pieces, stable: set[int]) -> Iterator[Entry]:
    """The section as both sides would have it.

    The cards in `stable` stand in all three in one order. Every other card stands in the version of
    the side that placed it, and in no other.
    """
    if [each.key for each in ours] == [each.key for each in base]:
        yield from (_entry(None, each) for each in theirs)
        return
    before: Piece | None = None
    rows = zip(
        _stretches(base, stable), _stretches(ours, stable), _stretches(theirs, stable), strict=True
    )
    for (held, _), (mine, anchor), (yours, same) in rows:
        yield from _between(held, mine, yours, (before, same))
        if anchor and same:
            yield _entry(anchor, same)
        before = same


def _stretches(pieces: Pieces, stable: set[int]) -> Iterator[_Stretch]:
    """What stands before each anchor, with it; and what stands behind the last."""
    start = 0
    for at, piece in enumerate(pieces):
        if piece.key in stable:
            yield pieces[start:at], piece
            start = at + 1
    yield pieces[start:], None


def _entry(ours: Piece | None, theirs: Piece | None) -> Entry:
    piece = theirs or ours
    key = piece.key if piece else ""
    card, text = (key, "") if isinstance(key, int) else (NONE, key)
    return Entry(card, ours and ours.span, theirs and theirs.span, text)


def _between(
    base: Pieces, ours: Pieces, theirs: Pieces, anchors: tuple[Piece | None, Piece | None]
) -> Iterator[Entry]:
    keys = [[each.key for each in side] for side in (base, ours, theirs)]
    if keys[1] == keys[0]:
        yield from (_entry(None, each) for each in theirs)
        return
    for slot in weave(*keys):
        mine = ours[slot.ours.start : slot.ours.end]
        yours = theirs[slot.theirs.start : slot.theirs.end]
        if _is_same(slot, mine, yours):
            yield _entry(mine[0], yours[0])._replace(base=base[slot.at].span)
        else:
            yield from _both(mine, yours, above=anchors[0] if slot.at == 0 else None)
        if slot.kept:
            yield _entry(ours[slot.kept[0]], theirs[slot.kept[1]])


def _is_same(slot: Slot, ours: Pieces, theirs: Pieces) -> bool:
    """Whether both sides put one fence in place of another."""
    if not slot.ours.taken == slot.theirs.taken == len(ours) == len(theirs) == 1:
        return False
    return all(isinstance(each.key, str) and "\n" in each.key for each in (*ours, *theirs))


def _both(ours: Pieces, theirs: Pieces, above: Piece | None) -> Iterator[Entry]:
    """What both sides put in one place: the human's first, the same text once.

    Cards of both that go on with one list, below the card `above` or below each other, stand together.
    """
    pairs = align([each.key for each in ours], [each.key for each in theirs])
    shared = {n for n, _ in pairs if ours[n].key}
    same = {m: ours[n] for n, m in pairs if n in shared}
    rest = [each for n, each in enumerate(ours) if n not in shared]
    listed = _cards(theirs)
    mine = _cards(rest) if above or listed else 0
    yield from (_entry(same.get(m), each) for m, each in enumerate(theirs[:listed]))
    yield from (_entry(each, None) for each in rest[:mine])
    yield from (_entry(same.get(m), each) for m, each in enumerate(theirs[listed:], listed))
    rest = rest[mine:]
    if not theirs or any(each.key != "" for each in rest):
        blank = theirs and theirs[0].key == "" and isinstance(theirs[-1].key, int) and not above
        yield from (_entry(each, None) for each in (_trimmed(rest) if blank else rest))


def _cards(pieces: Pieces) -> int:
    """How many cards stand first."""
    return next((n for n, each in enumerate(pieces) if isinstance(each.key, str)), len(pieces))


def _trimmed(pieces: Pieces) -> Pieces:
    """Without the blank lines before a card that is the first thing behind them."""
    blank = next((n for n, each in enumerate(pieces) if each.key != ""), 0)
    return pieces[blank:] if isinstance(pieces[blank].key, int) else pieces
