"""What people did with a card that is no state of its task: hid it, moved it to a lane of their own,
or asked of it what it cannot do."""

import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from crewboard.coordination.ledger import Transaction


@dataclass(frozen=True)
class CardMark:
    """`lane` holds while the card's column is still `home`. `says` is the crew's answer, until the card
    moves by itself."""

    card: str
    hidden: bool = False
    lane: str = ""
    home: str = ""
    says: str = ""
    at: str = ""

    @classmethod
    def of(cls, row: sqlite3.Row) -> "CardMark":
        return cls(**{**dict(row), "hidden": bool(row["hidden"])})


def everything(tx: Transaction) -> dict[str, CardMark]:
    return {row["card"]: CardMark.of(row) for row in tx.run("card_marks")}


def mark(tx: Transaction, card: str, **changed: object) -> None:
    """Change what is noted about a card; the rest stays."""
    row = tx.one("card_mark", card=card)
    known = CardMark.of(row) if row else CardMark(card)
    now = replace(known, **{**changed, "at": tx.at})  # type: ignore[arg-type]  # fields by name
    tx.change("set_card_mark", **{**asdict(now), "hidden": int(now.hidden)})


def hide(tx: Transaction, cards: Iterable[str], by: str) -> None:
    """Take cards off the board; their tasks stay as they are."""
    for card in cards:
        mark(tx, card, hidden=True)
        tx.event("card.hidden", by, None, None, card=card)
