"""Objects that were printed over several lines, found among lines that hold one each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crewboard.tools.files.jsonl import LINE_LIMIT, Fault, Line, Reason, parse_line
from crewboard.tools.repair.objects import depth

Item = tuple[Line | Fault, bytes]
"""A line, and its bytes as they stand, without the line end."""


@dataclass(frozen=True)
class Piece:
    """A line as it stands, or what several `lines` are together; the first of them gives the place."""

    item: Line | Fault
    raw: bytes
    lines: tuple[Item, ...] = ()

    @property
    def stood(self) -> bytes:
        """The bytes of the input that it was."""
        return b"\n".join(raw for _, raw in self.lines) if self.lines else self.raw


class Spread:
    """Joins lines from an open `{` at the margin to the line that closes it.

    Nothing within such an object may begin with `{` at the margin: printers indent. A line that does ends
    the search, so that an object that was cut never takes the next one with it. Memory: one object.
    """

    def __init__(self) -> None:
        self._held: list[Item] = []
        self._level = 0
        self._size = 0

    def is_settled(self) -> bool:
        return not self._held

    def pieces(self, items: Iterable[Item]) -> Iterator[Piece]:
        for item, raw in items:
            opens = _opens(item, raw)
            if self._held and (raw.startswith(b"{") or opens is None):
                yield from self._given_up()
            if not self._held and not (opens and raw.startswith(b"{") and isinstance(item, Fault)):
                yield Piece(item, raw)
                continue
            self._hold((item, raw), opens or 0)
            if self._level <= 0 or self._size > LINE_LIMIT:
                yield from self._closed()
        yield from self._given_up()

    def _hold(self, item: Item, opens: int) -> None:
        self._held.append(item)
        self._level += opens
        self._size += len(item[1])

    def _closed(self) -> Iterator[Piece]:
        first = self._held[0][0]
        whole = b" ".join(raw.strip() for _, raw in self._held)
        whole = whole.removesuffix(b",")
        joined = parse_line(first.number, first.offset, whole)
        broken = isinstance(joined, Fault) and joined.reason is Reason.MALFORMED
        if self._size > LINE_LIMIT or broken:
            yield from self._given_up()
            return
        lines = tuple(self._held)
        self._forget()
        yield Piece(joined, whole, lines)

    def _given_up(self) -> Iterator[Piece]:
        held = self._held
        self._forget()
        for item, raw in held:
            yield Piece(item, raw)

    def _forget(self) -> None:
        self._held, self._level, self._size = [], 0, 0


def _opens(item: Line | Fault, raw: bytes) -> int | None:
    """See `objects.depth`; None too where the bytes are no text."""
    if isinstance(item, Line):
        return 0
    try:
        return depth(raw.decode())
    except UnicodeDecodeError:
        return None
