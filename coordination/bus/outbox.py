"""Sending: a message is written with the reason for it, and delivered from there until it arrives.

At least once out, once in (`ingress` drops the copies): together, effectively once.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from crewboard.canonical import canonical_json
from crewboard.clock import parse_stamp, stamp
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.ledger import Ledger, Transaction
from crewboard.errors import CrewboardError, Retryable

_MOST_TRIES = 12
_LONGEST_PAUSE_S = 300.0

Deliver = Callable[[Envelope], None]


def post(tx: Transaction, envelope: Envelope) -> None:
    """Put a message out, in the transaction of its reason. The same id is put out once."""
    tx.change(
        "put_out",
        message_id=envelope.message_id,
        sender=envelope.sender,
        recipient=envelope.recipient,
        body=envelope.body(),
        task=envelope.task or envelope.parent,
        at=tx.at,
    )


def deliver_due(ledger: Ledger, deliver: Deliver) -> int:
    """Deliver what is due through `deliver`; how many arrived. A passing failure is tried again with
    growing pauses; a final one, or the last try, makes it a dead letter, which is told in an event."""
    with ledger.read() as tx:
        due = [dict(row) for row in tx.run("out_due", at=tx.at)]
    arrived = 0
    for row in due:
        try:
            deliver(Envelope(**json.loads(row["body"])))
        except CrewboardError as error:
            _failed(ledger, row, error)
            continue
        with ledger.write() as tx:
            tx.change("out_sent", message_id=row["message_id"])
        arrived += 1
    return arrived


def _failed(ledger: Ledger, row: dict[str, Any], error: CrewboardError) -> None:
    tries = row["attempts"] + 1
    dead = not isinstance(error, Retryable) or tries >= _MOST_TRIES
    pause = min(_LONGEST_PAUSE_S, 2.0**tries)
    with ledger.write() as tx:
        tx.change(
            "out_failed",
            message_id=row["message_id"],
            state="dead" if dead else "new",
            error=canonical_json({"kind": type(error).__name__, "text": str(error)}),
            not_before=stamp(parse_stamp(tx.at) + timedelta(seconds=pause)),
        )
        if dead:
            tx.event(
                "message.dead", row["sender"], None, row["task"],
                message=row["message_id"], to=row["recipient"], why=str(error),
            )  # fmt: skip
