"""Money: never more than the ceiling, never lost, always whole millionths."""

import shutil
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from unit.core.books import open_ledger

from crewboard.coordination import budget
from crewboard.coordination.budget import MICRO, Budget
from crewboard.coordination.ledger import Ledger
from crewboard.errors import BudgetExhausted

SCOPES = ["goal:g1", "day:2026-01-01", "role:g1:executor"]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


def get(ledger: Ledger, scope: str) -> Budget:
    with ledger.read() as tx:
        return budget.get(tx, scope)


def test_all_scopes_reserve_or_none_does(ledger: Ledger) -> None:
    """F22: what does not fit is not begun."""
    with ledger.write() as tx:
        budget.set_ceiling(tx, SCOPES[1], 10)
    with pytest.raises(BudgetExhausted, match="day:2026-01-01 has"), ledger.write() as tx:
        budget.reserve(tx, SCOPES, 11, "training")
    assert [get(ledger, scope).reserved for scope in SCOPES] == [0, 0, 0]


def test_the_error_tells_the_sum_in_dollars(ledger: Ledger) -> None:
    with ledger.write() as tx:
        budget.set_ceiling(tx, "goal:g1", 15 * MICRO)
    with pytest.raises(BudgetExhausted) as caught, ledger.write() as tx:
        budget.reserve(tx, ["goal:g1"], 457 * MICRO, "training")
    assert str(caught.value).startswith(
        "training may cost 457.0000 USD, but goal:g1 has 15.0000 USD left of 15.0000."
    )


def test_a_bill_above_its_estimate_is_counted_and_stops_what_comes_next(ledger: Ledger) -> None:
    with ledger.write() as tx:
        budget.set_ceiling(tx, "goal:g1", 100)
        budget.reserve(tx, ["goal:g1"], 90, "call")
        budget.settle(tx, ["goal:g1"], 90, 130)
    assert get(ledger, "goal:g1") == Budget("goal:g1", 100, 0, 130)
    with pytest.raises(BudgetExhausted), ledger.write() as tx:
        budget.reserve(tx, ["goal:g1"], 1, "call")


def test_an_amount_below_zero_makes_no_room(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="cannot cost -5"), ledger.write() as tx:
        budget.reserve(tx, ["goal:g1"], -5, "call")


def test_a_scope_without_a_ceiling_only_counts(ledger: Ledger) -> None:
    with ledger.write() as tx:
        budget.reserve(tx, ["goal:g1"], 10**15, "call")
    assert get(ledger, "goal:g1") == Budget("goal:g1", None, 10**15, 0)
    assert get(ledger, "nowhere") == Budget("nowhere", None, 0, 0)


def test_of_eight_who_want_the_last_dollar_one_gets_it(ledger: Ledger) -> None:
    with ledger.write() as tx:
        budget.set_ceiling(tx, "goal:g1", MICRO)
    got: list[int] = []
    ready = threading.Barrier(8)

    def want(number: int) -> None:
        ready.wait()
        try:
            with ledger.write() as tx:
                budget.reserve(tx, ["goal:g1"], MICRO, "call")
        except BudgetExhausted:
            return
        got.append(number)

    threads = [threading.Thread(target=want, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    assert get(ledger, "goal:g1") == Budget("goal:g1", MICRO, MICRO, 0)


class Till(RuleBasedStateMachine):
    """Any order of reserving and settling beside a model that is only addition."""

    CEILING = 1000

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.ledger = open_ledger(self.folder)
        self.open: list[int] = []
        self.spent = 0
        with self.ledger.write() as tx:
            budget.set_ceiling(tx, SCOPES[0], self.CEILING)

    @rule(amount=st.integers(0, 600))
    def reserve(self, amount: int) -> None:
        fits = amount == 0 or self.spent + sum(self.open) + amount <= self.CEILING
        try:
            with self.ledger.write() as tx:
                budget.reserve(tx, SCOPES, amount, "call")
        except BudgetExhausted:
            assert not fits
        else:
            assert fits
            self.open.append(amount)

    @precondition(lambda self: self.open)
    @rule(pick=st.integers(0, 99), share=st.integers(0, 100))
    def settle(self, pick: int, share: int) -> None:
        reserved = self.open.pop(pick % len(self.open))
        spent = reserved * share // 100
        with self.ledger.write() as tx:
            budget.settle(tx, SCOPES, reserved, spent)
        self.spent += spent

    @invariant()
    def the_books_agree_and_never_pass_the_ceiling(self) -> None:
        found = get(self.ledger, SCOPES[0])
        assert (found.reserved, found.spent) == (sum(self.open), self.spent)
        assert found.reserved + found.spent <= self.CEILING
        assert type(found.reserved) is type(found.spent) is int

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.folder)


Till.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
test_no_order_of_reserving_and_settling_passes_the_ceiling = Till.TestCase
