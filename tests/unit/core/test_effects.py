"""The journal: whatever dies, and wherever, the shop's till counts each effect as its kind promises."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from unit.core.books import (
    WORK,
    Crash,
    CrashingLedger,
    Shop,
    chain_fault,
    dying,
    kinds,
    move_clock,
    open_ledger,
    permission,
    question,
    start,
)

from crewboard.clock import ManualClock
from crewboard.coordination import budget, decisions, grants
from crewboard.coordination.budget import Budget
from crewboard.coordination.decisions import DENY, Answer
from crewboard.coordination.effects import REPEAT, SKIP, Journal, action_digest
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.policy import Policy, Rulebook
from crewboard.coordination.tasks import Task
from crewboard.errors import (
    AnswerLost,
    BudgetExhausted,
    EffectConflict,
    EffectSkipped,
    GateClosed,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    StillSettling,
)
from crewboard.tools.contract import PURE, Effect, EffectCall, EffectKind, OnUnknown
from crewboard.tools.contract.context import Performed

RETRY, LOOKUP, ASK = OnUnknown.RETRY, OnUnknown.LOOKUP, OnUnknown.ASK_HUMAN
KINDS = {
    "pure": PURE,
    "idempotent": Effect(EffectKind.IDEMPOTENT, RETRY),
    "keyed": Effect(EffectKind.KEYED, RETRY, spends=True),
    "lookup": Effect(EffectKind.LOOKUP, LOOKUP, spends=True),
    "at_most_once": Effect(EffectKind.AT_MOST_ONCE, ASK, spends=True),
}
PRICE, ESTIMATE, CAP, CEILING = 100, 150, 200, 1000
Act = Callable[[str], Performed]


@dataclass
class Desk:
    """One task's journal, its shop, and what it costs."""

    ledger: Ledger
    task: Task
    shop: Shop
    call: EffectCall
    rulebook: Rulebook

    def perform(self, act: Act | None = None, ledger: Ledger | None = None) -> Any:
        journal = Journal(ledger or self.ledger, self.rulebook, self.task, "executor")
        return journal.perform(self.call, act or self.shop.buy)

    @property
    def goal(self) -> Budget:
        with self.ledger.read() as tx:
            return budget.get(tx, f"goal:{self.task.goal}")

    def row(self) -> sqlite3.Row:
        with self.ledger.read() as tx:
            (row,) = tx.run("all_effects")
        return row

    def answer(self, choice: str) -> None:
        with self.ledger.write() as tx:
            (waiting,) = decisions.waiting(tx)
            decisions.answer(tx, waiting.id, Answer(choice, "human:ada", "cli"))


def desk(
    folder: Path, kind: str, *, granted: bool = True, rulebook: Rulebook | None = None
) -> Desk:
    """A task with a grant of CAP for its action and CEILING for its goal."""
    ledger = open_ledger(folder)
    task = start(ledger, WORK)
    with ledger.write() as tx:
        budget.set_ceiling(tx, f"goal:{task.goal}", CEILING)
        if granted:
            asked = question(task, grants=[permission(action_digest(task), CAP)])
            decision = decisions.ask(tx, asked)
            decisions.answer(tx, decision.id, Answer("run", "human:ada", "cli"))
    shop = Shop(honours_keys=kind in {"keyed", "idempotent"}, price=PRICE)
    call = EffectCall(
        "mix-1", "shop", KINDS[kind], {"n": 1}, 0 if kind == "pure" else ESTIMATE, "the shop",
        shop.look_up if kind == "lookup" else None,
    )  # fmt: skip
    return Desk(ledger, task, shop, call, rulebook or Rulebook("ada"))


@pytest.mark.parametrize("kind", KINDS)
def test_an_effect_is_done_once_and_gives_the_same_value_ever_after(
    tmp_path: Path, kind: str
) -> None:
    it = desk(tmp_path, kind)
    first = it.perform()
    assert it.perform() == first == {"receipt": it.shop.charged[0][:8]}
    assert it.shop.calls == 1
    assert it.row()["state"] == "done"
    assert (it.goal.reserved, it.goal.spent) == (0, 0 if kind == "pure" else PRICE)


def crash_before_intent(it: Desk) -> None:
    _die_at_commit(it, 1, after=False)


def crash_after_intent(it: Desk) -> None:
    _die_at_commit(it, 1, after=True)


def crash_in_the_call_before_the_shop(it: Desk) -> None:
    it.perform(dying(it.shop.buy, after=False))


def crash_in_the_call_after_the_shop(it: Desk) -> None:
    it.perform(dying(it.shop.buy, after=True))


def crash_before_result(it: Desk) -> None:
    _die_at_commit(it, 2, after=False)


def crash_after_result(it: Desk) -> None:
    _die_at_commit(it, 2, after=True)


def _die_at_commit(it: Desk, commit: int, *, after: bool) -> None:
    ledger = CrashingLedger(it.ledger.path, ManualClock())
    if it.call.effect is PURE:  # which has one transaction: the result
        commit = 1
    ledger.die_at(commit, after=after)
    it.perform(ledger=ledger)


CRASHES = [
    crash_before_intent,
    crash_after_intent,
    crash_in_the_call_before_the_shop,
    crash_in_the_call_after_the_shop,
    crash_before_result,
    crash_after_result,
]
OPEN = {
    crash_after_intent,
    crash_in_the_call_before_the_shop,
    crash_in_the_call_after_the_shop,
    crash_before_result,
}
"""Where the intent is written and the result is not: nobody can tell these four apart."""


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("kind", ["idempotent", "keyed", "lookup"])
def test_after_a_crash_at_any_point_the_shop_is_charged_once(
    tmp_path: Path, kind: str, crash: Callable[[Desk], None]
) -> None:
    it = desk(tmp_path, kind)
    with pytest.raises(Crash):
        crash(it)
    it.perform()
    assert len(it.shop.charged) == 1
    assert (it.goal.reserved, it.goal.spent) == (0, PRICE)
    assert it.perform() == {"receipt": it.shop.charged[0][:8]}
    assert chain_fault(it.ledger) is None


@pytest.mark.parametrize("crash", CRASHES)
def test_pure_work_is_simply_done_again(tmp_path: Path, crash: Callable[[Desk], None]) -> None:
    it = desk(tmp_path, "pure")
    with pytest.raises(Crash):
        crash(it)
    assert it.perform() == it.perform()
    assert it.row()["state"] == "done"


@pytest.mark.parametrize("crash", CRASHES)
def test_what_may_be_done_only_once_is_never_repeated_in_silence(
    tmp_path: Path, crash: Callable[[Desk], None]
) -> None:
    it = desk(tmp_path, "at_most_once")
    with pytest.raises(Crash):
        crash(it)
    calls = it.shop.calls
    if crash not in OPEN:
        it.perform()
        assert len(it.shop.charged) == 1
        return
    for _ in range(3):  # however often the crew comes back
        with pytest.raises(OutcomeUnknown, match="the shop cannot be asked"):
            it.perform()
    assert it.shop.calls == calls
    assert it.goal.reserved == ESTIMATE  # unknown counts as spent
    assert kinds(it.ledger).count("decision.asked") == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_crash_before_the_intent_leaves_nothing(tmp_path: Path, kind: str) -> None:
    it = desk(tmp_path, kind)
    before = kinds(it.ledger)
    with pytest.raises(Crash):
        crash_before_intent(it)
    assert kinds(it.ledger) == before
    assert it.goal == Budget(f"goal:{it.task.goal}", CEILING, 0, 0)
    assert it.shop.calls == (1 if kind == "pure" else 0)
    with it.ledger.read() as tx:
        grant = grants.find(tx, action_digest(it.task))
    assert grant is not None
    assert grant.used_by is None


def test_a_human_who_says_repeat_is_obeyed_once_and_both_tries_are_counted(tmp_path: Path) -> None:
    """F22: it may have been paid twice, so the books say twice."""
    it = desk(tmp_path, "at_most_once")
    with pytest.raises(Crash):
        crash_in_the_call_after_the_shop(it)
    with pytest.raises(OutcomeUnknown):
        it.perform()
    it.answer(REPEAT)
    with pytest.raises(Crash):
        crash_in_the_call_after_the_shop(it)  # and it dies again in the repeat
    with pytest.raises(OutcomeUnknown):  # which that answer did not cover
        it.perform()
    assert len(it.shop.charged) == 2
    it.answer(REPEAT)
    it.perform()
    it.perform()
    assert len(it.shop.charged) == 3
    assert (it.goal.reserved, it.goal.spent) == (0, 2 * ESTIMATE + PRICE)


@pytest.mark.parametrize("choice", [SKIP, DENY])
def test_a_human_who_says_skip_is_obeyed_for_good(tmp_path: Path, choice: str) -> None:
    it = desk(tmp_path, "at_most_once")
    with pytest.raises(Crash):
        crash_after_intent(it)
    with pytest.raises(OutcomeUnknown):
        it.perform()
    it.answer(choice)
    for _ in range(2):
        with pytest.raises(EffectSkipped):
            it.perform()
    assert it.shop.calls == 0
    assert (it.goal.reserved, it.goal.spent) == (0, ESTIMATE)


def test_a_repeat_beyond_the_budget_does_not_act(tmp_path: Path) -> None:
    it = desk(tmp_path, "at_most_once")
    with pytest.raises(Crash):
        crash_after_intent(it)
    with pytest.raises(OutcomeUnknown):
        it.perform()
    it.answer(REPEAT)
    with it.ledger.write() as tx:
        budget.set_ceiling(tx, f"goal:{it.task.goal}", ESTIMATE)
    with pytest.raises(BudgetExhausted):
        it.perform()
    assert it.shop.calls == 0


def test_a_rule_may_say_skip_and_it_is_the_rules_word(tmp_path: Path) -> None:
    rulebook = Rulebook(
        "ada", policies=[Policy("never-twice", "unknown-outcome", SKIP, max_cost=ESTIMATE)]
    )
    it = desk(tmp_path, "at_most_once", rulebook=rulebook)
    with pytest.raises(Crash):
        crash_after_intent(it)
    with pytest.raises(EffectSkipped, match="policy:never-twice"):
        it.perform()
    assert it.shop.calls == 0


def test_a_lookup_adopts_what_was_done_and_repeats_what_was_not(tmp_path: Path) -> None:
    it = desk(tmp_path, "lookup")
    with pytest.raises(Crash):
        crash_in_the_call_after_the_shop(it)
    it.perform()
    assert it.shop.calls == 1


def test_a_lookup_waits_until_the_last_try_cannot_be_under_way_any_more(tmp_path: Path) -> None:
    it = desk(tmp_path, "lookup")
    it.call = replace(it.call, settles_s=300)
    with pytest.raises(Crash):
        crash_after_intent(it)
    move_clock(it.ledger, seconds=299)
    with pytest.raises(StillSettling, match="in 1 s"):
        it.perform()
    assert it.shop.calls == 0
    move_clock(it.ledger, seconds=1)
    it.perform()
    assert it.shop.calls == 1


def test_a_repeat_after_a_lookup_has_to_settle_anew(tmp_path: Path) -> None:
    it = desk(tmp_path, "lookup")
    it.call = replace(it.call, settles_s=300)
    with pytest.raises(Crash):
        crash_after_intent(it)
    move_clock(it.ledger, seconds=300)
    with pytest.raises(AnswerLost):
        it.perform(_lost)
    with pytest.raises(StillSettling):
        it.perform()


def _lost(_: str) -> Performed:
    raise AnswerLost(provider="shop", reason="reset")


def test_a_lookup_that_was_not_given_is_put_to_a_human(tmp_path: Path) -> None:
    it = desk(tmp_path, "lookup")
    it.call = replace(it.call, lookup=None)
    with pytest.raises(Crash):
        crash_after_intent(it)
    with pytest.raises(OutcomeUnknown):
        it.perform()


def refusing(error: Exception) -> Act:
    def act(_key: str) -> Performed:
        raise error

    return act


@pytest.mark.parametrize("kind", ["idempotent", "keyed", "lookup", "at_most_once"])
@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (RequestRefused(provider="shop", status=400, reason="no"), 0),
        (RateLimited(provider="shop", status=429, retry_after=1), 0),
        (RequestRefused(provider="shop", status=400, reason="half done", cost=30), 30),
    ],
)
def test_a_refused_call_gives_its_money_back_and_may_be_tried_again(
    tmp_path: Path, kind: str, error: Exception, kept: int
) -> None:
    it = desk(tmp_path, kind)
    with pytest.raises(type(error)):
        it.perform(refusing(error))
    assert (it.goal.reserved, it.goal.spent) == (0, kept)
    assert it.row()["state"] == "refused"
    it.perform()
    assert (it.goal.reserved, it.goal.spent) == (0, kept + PRICE)
    assert len(it.shop.charged) == 1


@pytest.mark.parametrize(
    "error", [AnswerLost(provider="shop", reason="reset"), OSError("reset"), KeyboardInterrupt()]
)
def test_a_call_whose_outcome_is_unknown_keeps_its_intent_and_its_money(
    tmp_path: Path, error: BaseException
) -> None:
    it = desk(tmp_path, "keyed")

    def lose(key: str) -> Performed:
        it.shop.buy(key)
        raise error

    with pytest.raises(type(error)):
        it.perform(lose)
    assert (it.row()["state"], it.goal.reserved) == ("intent", ESTIMATE)
    with pytest.raises(RateLimited):  # a refusal of the next try says nothing about the first
        it.perform(refusing(RateLimited(provider="shop", status=429, retry_after=1)))
    assert (it.row()["state"], it.goal.reserved) == ("intent", ESTIMATE)
    it.perform()
    assert len(it.shop.charged) == 1
    assert (it.goal.reserved, it.goal.spent) == (0, PRICE)


def test_spending_without_a_grant_does_not_act(tmp_path: Path) -> None:
    """F5, F18: no approval, no call."""
    it = desk(tmp_path, "keyed", granted=False)
    with pytest.raises(GateClosed, match="no human has approved"):
        it.perform()
    assert it.shop.calls == 0
    assert it.goal.reserved == 0


def test_deleting_without_a_grant_does_not_act(tmp_path: Path) -> None:
    it = desk(tmp_path, "idempotent", granted=False)
    it.call = replace(it.call, effect=Effect(EffectKind.IDEMPOTENT, RETRY, deletes=True))
    with pytest.raises(GateClosed):
        it.perform()
    assert it.shop.calls == 0


@pytest.mark.parametrize(
    "other", [{"spec": {"tool": "mix", "arguments": {"n": 2}}}, {"revision": 1}, {"goal": "g0"}]
)
def test_a_grant_does_not_fit_another_action(tmp_path: Path, other: dict[str, Any]) -> None:
    it = desk(tmp_path, "keyed")
    it.task = replace(it.task, **other)
    with pytest.raises(GateClosed):
        it.perform()
    assert it.shop.calls == 0


@pytest.mark.parametrize(
    ("estimate", "scope"), [(CAP + 1, "grant:"), (CEILING + 1, "goal:")]
)  # fmt: skip
def test_what_may_cost_more_than_was_allowed_does_not_act(
    tmp_path: Path, estimate: int, scope: str
) -> None:
    """F22: the budget is checked before the call, not after the bill."""
    it = desk(tmp_path, "keyed")
    it.call = replace(it.call, estimate=estimate)
    with pytest.raises(BudgetExhausted, match=scope):
        it.perform()
    assert it.shop.calls == 0
    assert it.goal.reserved == 0
    with it.ledger.read() as tx:
        assert tx.run("all_effects") == []


def test_all_calls_of_a_task_share_the_cap_of_its_grant(tmp_path: Path) -> None:
    it = desk(tmp_path, "keyed")
    it.perform()
    it.call = replace(it.call, step="mix-2")
    with pytest.raises(BudgetExhausted, match="grant:"):  # 100 spent, 150 asked, 200 allowed
        it.perform()
    assert it.shop.calls == 1


def test_thinking_is_paid_from_the_budget_without_a_grant(tmp_path: Path) -> None:
    it = desk(tmp_path, "keyed", granted=False)
    journal = Journal(it.ledger, it.rulebook, it.task, "executor")
    journal.perform(it.call, it.shop.buy, granted=False)
    assert it.goal.spent == PRICE


def test_other_arguments_are_another_effect(tmp_path: Path) -> None:
    it = desk(tmp_path, "idempotent")
    it.perform()
    it.call = replace(it.call, arguments={"n": 2})
    it.perform()
    assert len(it.shop.charged) == 2


def test_a_key_that_names_two_actions_is_a_conflict(tmp_path: Path) -> None:
    it = desk(tmp_path, "keyed")
    it.perform()
    with it.ledger.write() as tx:
        tx.connection.execute("UPDATE effects SET arguments = 'other'")
    with pytest.raises(EffectConflict):
        it.perform()
    assert it.shop.calls == 1


def test_the_first_value_is_what_the_journal_gives_later(tmp_path: Path) -> None:
    it = desk(tmp_path, "idempotent")
    first = it.perform(lambda _key: Performed({"pair": (1, 2), "kind": EffectKind.KEYED}))
    assert first == it.perform() == {"pair": [1, 2], "kind": "keyed"}
