"""Money: reserved before a call, settled after it, never beyond a ceiling. Millionths of a US dollar.

A call counts against several scopes at once (its goal, the day, its role), all or none. A call whose
outcome is unknown keeps its reservation: unknown counts as spent.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from crewboard.coordination.ledger import Transaction
from crewboard.errors import BudgetExhausted

MICRO = 1_000_000


@dataclass(frozen=True)
class Budget:
    scope: str
    ceiling: int | None
    reserved: int
    spent: int


def usd(micro: int) -> str:
    """Millionths as dollars for people: four digits, because a call often costs less than a cent."""
    return f"{micro / MICRO:.4f}"


def set_ceiling(tx: Transaction, scope: str, ceiling: int | None) -> None:
    tx.change("set_ceiling", scope=scope, ceiling=ceiling)


def reserve(tx: Transaction, scopes: Iterable[str], amount: int, what: str) -> None:
    """Set `amount` aside in every scope, or raise BudgetExhausted: the transaction then does nothing."""
    if amount < 0:
        raise ValueError(f"{what} cannot cost {amount}")
    for scope in scopes:
        tx.change("open_budget", scope=scope)
        if amount and not tx.change("reserve_money", scope=scope, amount=amount):
            found = get(tx, scope)
            ceiling = found.ceiling or 0
            raise BudgetExhausted(
                what=what,
                needed=usd(amount),
                scope=scope,
                left=usd(max(0, ceiling - found.spent - found.reserved)),
                limit=usd(ceiling),
            )


def settle(tx: Transaction, scopes: Iterable[str], reserved: int, spent: int) -> None:
    """Give a reservation back and count what was spent. A bill above its estimate is counted as it is,
    even beyond a ceiling: nothing more can then be reserved there."""
    for scope in scopes:
        tx.change("settle_money", scope=scope, reserved=reserved, spent=spent)


def get(tx: Transaction, scope: str) -> Budget:
    row = tx.one("get_budget", scope=scope)
    return Budget(**dict(row)) if row else Budget(scope, None, 0, 0)


def everything(tx: Transaction) -> list[Budget]:
    return [Budget(**dict(row)) for row in tx.run("all_budgets")]
