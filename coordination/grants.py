"""Grants: what an approved decision permits. One action, one use, one cap."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from crewboard.coordination.ledger import Transaction
from crewboard.errors import GateClosed


@dataclass(frozen=True)
class Permission:
    """What a question asks for: the digest of one exact action, and the most that it may cost."""

    digest: str
    cap: int


@dataclass(frozen=True)
class Grant:
    """`digest` is that of the exact action; `cap` in millionths of a US dollar."""

    id: str
    digest: str
    cap: int
    used_by: str | None
    revoked: str | None = None

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Grant":
        return cls(row["id"], row["digest"], row["cap"], row["used_by"], row["revoked"])


def give(tx: Transaction, decision: str, permissions: Iterable[Permission]) -> None:
    for number, each in enumerate(permissions, start=1):
        tx.change(
            "insert_grant", id=f"{decision}.{number}", digest=each.digest, cap=each.cap, at=tx.at
        )


def find(tx: Transaction, action: str, user: str | None = None) -> Grant | None:
    """The grant for exactly this action: the one that `user` holds already, else one that is free, else
    one that was used. A revoked grant is none."""
    found = [Grant.of(row) for row in tx.run("grants_for", digest=action)]
    return min(found, key=lambda grant: _distance(grant, user), default=None)


def of_decision(tx: Transaction, decision: str) -> list[Grant]:
    """Everything that one answer gave, revoked or not."""
    return [Grant.of(row) for row in tx.run("grants_of", decision=decision)]


def revoke(tx: Transaction, decision: str) -> int:
    """Close what an answer gave and nobody has used; the number of grants closed."""
    return tx.change("revoke_grants", decision=decision, at=tx.at)


def consume(tx: Transaction, action: str, used_by: str) -> Grant:
    """Use the grant for exactly this action, in the transaction that reserves its money. The same
    user may come back after a crash; GateClosed for anything else."""
    grant = find(tx, action, used_by)
    if grant is None:
        raise GateClosed(what="This action", reason="no human has approved exactly this action")
    if grant.used_by == used_by:
        return grant
    if not tx.change("use_grant", id=grant.id, used_by=used_by):
        raise GateClosed(what="This action", reason=f"{grant.id} was already used")
    return grant


def _distance(grant: Grant, user: str | None) -> int:
    if user is not None and grant.used_by == user:
        return 0
    return 1 if grant.used_by is None else 2
