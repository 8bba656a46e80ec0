"""Ticks in a save: each decision whose card was touched is ruled on as the save left it."""

from collections.abc import Sequence

from crewboard.clock import parse_stamp
from crewboard.coordination.board.changes import Change, Did
from crewboard.coordination.deciding import ticks
from crewboard.coordination.deciding.ticks import Seen
from crewboard.coordination.decisions import Decision
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.policy import Rulebook
from crewboard.coordination.steering.save import Save


def rule(tx: Transaction, save: Save, found: Sequence[Change], rulebook: Rulebook) -> None:
    """A tick is ruled on where it stands; of several copies of a card none is believed."""
    cards = save.outline.by_id()
    ticked = {change.card for change in found if change.did is Did.TICKED}
    for card in dict.fromkeys(change.card for change in found):
        row = tx.one("get_decision", id=card) if card else None
        items = cards.get(card, ())
        if row is None or len(items) != 1:
            continue
        lines = save.outline.text(items[0])
        seen = Seen(tuple(lines), save.by, parse_stamp(tx.at), bool(save.at_work), card in ticked)
        ticks.apply(tx, rulebook, ticks.rule(Decision.of(row), seen, rulebook))
