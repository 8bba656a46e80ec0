"""The ledger is the truth: an append-only, hash-chained event log and the tables that it explains."""

from crewboard.coordination.ledger.events import Event, verify
from crewboard.coordination.ledger.store import Ledger, Transaction

__all__ = ["Event", "Ledger", "Transaction", "verify"]
