"""The one way in: a message as A2A carries it, from whom it really comes, into the ledger.

Roles of this crew come this way without HTTP; `server` brings peers to the same door.
"""

from a2a.types.a2a_pb2 import Message

from crewboard.coordination.bus import a2a, ingress
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.bus.ingress import Receipt
from crewboard.coordination.bus.outbox import Deliver
from crewboard.coordination.ledger import Ledger, Transaction
from crewboard.errors import ContextMismatch, TooMuchWork

_MOST_OPEN = 100


def accept(ledger: Ledger, message: Message, sender: str) -> Receipt:
    """Take in a message of `sender`, whom the caller vouches for, in one transaction.

    MessageUnusable, ContentUnusable, and what `ingress.receive` refuses.
    """
    envelope = a2a.envelope_of(message, sender)
    with ledger.write() as tx:
        if sender.startswith(a2a.PEER) and envelope.task is None:
            _bound(tx, envelope)
        return ingress.receive(tx, envelope)


def courier(ledger: Ledger) -> Deliver:
    """Who carries the outbox's letters to roles of this crew."""

    def deliver(envelope: Envelope) -> None:
        accept(ledger, a2a.message_of(envelope), envelope.sender)

    return deliver


def _bound(tx: Transaction, envelope: Envelope) -> None:
    """A peer starts so many goals at a time, and none in a conversation of somebody else's."""
    if tx.one("get_mail", sender=envelope.sender, message_id=envelope.message_id):
        return
    held = tx.one("open_of_sender", sender=envelope.sender)
    if held is not None and held["count"] >= _MOST_OPEN:
        raise TooMuchWork(sender=envelope.sender, reason=f"{_MOST_OPEN} goals that have not ended")
    if envelope.context and tx.one(
        "context_of_another", context=envelope.context, sender=envelope.sender
    ):
        raise ContextMismatch(task="(new)")
