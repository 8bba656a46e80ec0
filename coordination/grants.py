"""Grants: what an approved decision permits. One action, one use, one cap."""

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


def give(tx: Transaction, decision: str, permissions: Iterable[Permission]) -> None:
    for number, each in enumerate(permissions, start=1):
        tx.change(
            "insert_grant", id=f"{decision}.{number}", digest=each.digest, cap=each.cap, at=tx.at
        )


def find(tx: Transaction, action: str) -> Grant | None:
    row = tx.one("get_grant", digest=action)
    return Grant(row["id"], row["digest"], row["cap"], row["used_by"]) if row else None


def consume(tx: Transaction, action: str, used_by: str) -> Grant:
    """Use the grant for exactly this action, in the transaction that reserves its money. The same
    user may come back after a crash; GateClosed for anything else."""
    grant = find(tx, action)
    if grant is None:
        raise GateClosed(what="This action", reason="no human has approved exactly this action")
    if grant.used_by == used_by:
        return grant
    if not tx.change("use_grant", id=grant.id, used_by=used_by):
        raise GateClosed(what="This action", reason=f"{grant.id} was already used")
    return grant
