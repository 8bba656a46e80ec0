"""What a format is, and the one way in and out of the hub that all of them share.

A writer does what it can; the row is then read again with the format's own reader. Where the two say
something else the row is unfit; where only names and notes are missing they are kept beside the row,
in a field that the format leaves free, or counted as lost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crewboard.tools.convert.columns import columns
from crewboard.tools.convert.losses import lost
from crewboard.tools.convert.model import Conversation, Row, Unfit, says
from crewboard.tools.convert.residue import FIELD, residue, revive

CANNOT_HOLD = "cannot-hold"


@dataclass(frozen=True)
class Slot:
    """A field that a format leaves free: at the root of a row, or in an object of it.

    With `columns` every further column is free too, and details are written as what they are.
    """

    within: str | None = None
    columns: bool = False

    def put(self, row: Row, text: str) -> Row:
        if self.within is None:
            return row | {FIELD: text}
        return row | {self.within: {**row.get(self.within, {}), FIELD: text}}

    def take(self, row: Row) -> tuple[Row, object]:
        """The row without what lies in the slot, and that; None when nothing does."""
        place = row if self.within is None else row.get(self.within)
        if not isinstance(place, dict) or FIELD not in place:
            return row, None
        rest = {key: value for key, value in place.items() if key != FIELD}
        return (rest if self.within is None else row | {self.within: rest}), place[FIELD]


ROOT = Slot(columns=True)


@dataclass(frozen=True)
class Format:
    """One shape of rows. `read` and `write` raise Unfit; `slot` is None where no field is free.

    `beside` gives the files that must lie beside the rows for the format to be complete, by name, for
    the name of the file that holds the rows and a row of them. `spec` says where the shape is defined;
    `applies_weight` that its trainer heeds the weight of a row, which hardly any does.
    """

    name: str
    summary: str
    spec: str
    read: Callable[[Row], Conversation]
    write: Callable[[Conversation], Row]
    slot: Slot | None = ROOT
    applies_weight: bool = False
    beside: Callable[[str, Row], Mapping[str, bytes]] | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A row as a target takes it, and the fields that it could not hold."""

    row: Row
    lost: tuple[str, ...] = ()


def read(row: Row, source: Format) -> Conversation:
    """What a row says, with what was kept beside it. Unfit."""
    if source.slot is None:
        return source.read(row)
    rest, kept = source.slot.take(row)
    found = source.read(rest)
    return found if kept is None else revive(found, kept)


def fit(conversation: Conversation, target: Format, *, keep: bool = True) -> Fitted:
    """The conversation as a row of `target`; Unfit when that would say something else.

    With `keep`, what the shape has no field for goes into its slot, where it has one.
    """
    row = target.write(conversation)
    if keep and target.slot is not None and target.slot.columns:
        row = columns(conversation) | row
    if target.slot is not None:
        row, _ = target.slot.take(
            row
        )  # the slot is ours alone: what lay there goes into the residue
    back = target.read(row)
    if back == conversation:
        return Fitted(row)
    if (told := says(back)) != (meant := says(conversation)):
        raise Unfit(CANNOT_HOLD, _difference(target.name, meant, told))
    if keep and target.slot is not None:
        return Fitted(target.slot.put(row, residue(back, conversation)))
    return Fitted(row, tuple(lost(conversation, back)))


def _difference(name: str, meant: list[list[object]], told: list[list[object]]) -> str:
    side = next(i for i, (a, b) in enumerate(zip(meant, told, strict=True)) if a != b)
    where = ("turns", "chosen", "rejected")[side]
    pairs = zip(meant[side], told[side], strict=False)
    place = next((i for i, (a, b) in enumerate(pairs, 1) if a != b), len(told[side]) + 1)
    return f"{where}: as {name} the row would say something else from saying {place} on"
