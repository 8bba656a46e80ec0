"""The journal around every effect: written down before, settled after, never done twice.

    transaction 1   check the grant, reserve the money, write the intent
    the call        under a key that is the same for every try
    transaction 2   write the result, settle the money

After a crash the intent is there and the result is not. What then happens is what the effect declared:
a keyed or idempotent call is made again under the same key, a lookup asks the other side, and what can
do neither is put to a human. Pure work is only written down afterwards.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

from crewboard.canonical import canonical_json, digest, sha256_text
from crewboard.clock import parse_stamp
from crewboard.coordination import budget, grants
from crewboard.coordination.decisions import Option, Question
from crewboard.coordination.ledger import Ledger, Transaction
from crewboard.coordination.policy import Rulebook
from crewboard.coordination.tasks import Task
from crewboard.errors import (
    CrewboardError,
    EffectConflict,
    EffectSkipped,
    OutcomeUnknown,
    StillSettling,
)
from crewboard.redact import redact
from crewboard.tools.contract import EffectCall, OnUnknown
from crewboard.tools.contract.context import Performed
from crewboard.tools.contract.effect import EffectKind

REPEAT, SKIP = "repeat", "skip"


def action_digest(task: Task) -> str:
    """The digest of the exact action that a planned task is: what a grant is bound to."""
    tool = task.spec.get("tool")
    return digest([task.goal, task.revision, task.step, tool, task.spec.get("arguments")])


@dataclass(frozen=True)
class Journal:
    """The effects of one task. `granted` says that a spending or deleting call needs a grant of the
    task's own; an agent's own thinking is paid from the goal's budget instead. `goal_ceiling` holds for
    a goal that came without a budget, as a peer's does."""

    ledger: Ledger
    rulebook: Rulebook
    task: Task
    agent: str
    day_ceiling: int | None = None
    role_ceiling: int | None = None
    goal_ceiling: int | None = None

    def key(self, call: EffectCall) -> str:
        """What names the action for ever: run, step, tool and arguments; never the attempt."""
        return digest([self.task.id, call.step, call.tool, digest(call.arguments)])

    def perform(
        self, call: EffectCall, act: Callable[[str], Performed], *, granted: bool = True
    ) -> Any:
        """The value of `act(key)`, done once. Raises what `act` raises, OutcomeUnknown while a human
        has to say whether it was done, EffectSkipped when they said to leave it."""
        key = self.key(call)
        if call.effect.kind is EffectKind.PURE:
            return self._perform_pure(key, call, act)
        with self.ledger.write() as tx:
            row = self._known(tx, key, call)
            if row is not None and row["state"] == "done":
                return json.loads(row["result"])
            repeats = row is not None and row["state"] == "intent"
            if not repeats:
                self._intend(tx, key, call, granted=granted)
        if repeats and (found := self._settle_unknown(key, call)) is not None:
            return json.loads(_written(found.value))
        return self._act(key, call, act, unsure=repeats)

    def _perform_pure(self, key: str, call: EffectCall, act: Callable[[str], Performed]) -> Any:
        with self.ledger.read() as tx:
            row = self._known(tx, key, call)
        if row is not None:
            return json.loads(row["result"])
        performed = act(key)
        result = _written(performed.value)
        with self.ledger.write() as tx:
            named = self._named(key, call)
            tx.change("record_effect", **named, cost=performed.cost, result=result, at=tx.at)
            self._tell_done(tx, key, call, performed.cost, result)
        return json.loads(result)

    def _act(
        self, key: str, call: EffectCall, act: Callable[[str], Performed], *, unsure: bool
    ) -> Any:
        """Act and settle. A refusal settles nothing while an earlier try under the same key may still
        have been charged (`unsure`): the intent and its reservation stay."""
        try:
            performed = act(key)
        except CrewboardError as error:
            retried = unsure and call.effect.on_unknown is OnUnknown.RETRY
            if not error.outcome_unknown and not retried:
                cost = error.facts.get("cost", 0)
                self._refuse(key, call, int(cost) if isinstance(cost, int) else 0, str(error))
            raise
        with self.ledger.write() as tx:
            return self._close(tx, key, call, performed)

    def _known(self, tx: Transaction, key: str, call: EffectCall) -> sqlite3.Row | None:
        row = tx.one("get_effect", key=key)
        if row is not None and row["arguments"] != digest(call.arguments):
            raise EffectConflict(key=key[:12])
        if row is not None and row["state"] == "skipped":
            raise EffectSkipped(what=f"{call.tool} ({call.step})", by="a human")
        return row

    def _intend(self, tx: Transaction, key: str, call: EffectCall, *, granted: bool) -> None:
        scopes = self._scopes()
        scopes.append(f"day:{tx.at[:10]}")
        budget.set_ceiling(tx, scopes[-1], self.day_ceiling)
        if budget.get(tx, scopes[0]).ceiling is None:
            budget.set_ceiling(tx, scopes[0], self.goal_ceiling)
        if self.role_ceiling is not None and not granted:
            budget.set_ceiling(tx, scopes[1], self.role_ceiling)
        if granted and (call.effect.spends or call.effect.deletes):
            grant = grants.consume(tx, action_digest(self.task), self.task.id)
            scopes.append(f"grant:{grant.id}")
            budget.set_ceiling(tx, scopes[-1], grant.cap)
        budget.reserve(tx, scopes, call.estimate, f"{call.tool} ({call.step})")
        self._open(tx, key, call, scopes)
        tx.event(
            "effect.intended", self.agent, self.task.goal, self.task.id,
            key=key, tool=call.tool, step=call.step, estimate=call.estimate,
        )  # fmt: skip

    def _scopes(self) -> list[str]:
        return [f"goal:{self.task.goal}", f"role:{self.task.goal}:{self.agent}"]

    def _open(self, tx: Transaction, key: str, call: EffectCall, scopes: list[str]) -> None:
        tx.change(
            "open_effect",
            **self._named(key, call),
            estimate=call.estimate,
            scopes=canonical_json(scopes),
            at=tx.at,
        )

    def _named(self, key: str, call: EffectCall) -> dict[str, Any]:
        return {
            "key": key,
            "goal": self.task.goal,
            "task": self.task.id,
            "step": call.step,
            "tool": call.tool,
            "kind": call.effect.kind,
            "arguments": digest(call.arguments),
            "provider": call.provider,
        }

    def _close(self, tx: Transaction, key: str, call: EffectCall, performed: Performed) -> Any:
        """Settle an open effect; its value as the journal gives it ever after."""
        self._settle_money(tx, key, performed.cost)
        result = _written(performed.value)
        tx.change(
            "settle_effect", key=key, state="done", cost=performed.cost, result=result, at=tx.at
        )
        self._tell_done(tx, key, call, performed.cost, result)
        return json.loads(result)

    def _tell_done(
        self, tx: Transaction, key: str, call: EffectCall, cost: int, result: str
    ) -> None:
        tx.event(
            "effect.done", self.agent, self.task.goal, self.task.id,
            key=key, tool=call.tool, step=call.step, cost=cost, result=sha256_text(result),
        )  # fmt: skip

    def _refuse(self, key: str, call: EffectCall, cost: int, why: str) -> None:
        """It was certainly not done, or done for nothing: give the reservation back, keep the cost."""
        with self.ledger.write() as tx:
            self._settle_money(tx, key, cost)
            tx.change("settle_effect", key=key, state="refused", cost=cost, result=None, at=tx.at)
            tx.event(
                "effect.refused", self.agent, self.task.goal, self.task.id,
                key=key, tool=call.tool, step=call.step, cost=cost, why=why,
            )  # fmt: skip

    def _settle_money(self, tx: Transaction, key: str, spent: int) -> None:
        row = tx.one("get_effect", key=key)
        if row is not None and row["state"] == "intent":
            budget.settle(tx, json.loads(row["scopes"]), row["estimate"], spent)

    def _settle_unknown(self, key: str, call: EffectCall) -> Performed | None:
        """An open intent was found: what its effect declared for that. None means: do it (again)."""
        policy = call.effect.on_unknown
        if policy is OnUnknown.RETRY:
            return None
        if policy is OnUnknown.LOOKUP and call.lookup is not None:
            self._let_settle(key, call)
            found: Performed | None = call.lookup(key)
            with self.ledger.write() as tx:
                if found is None:
                    tx.change("try_effect_again", key=key, at=tx.at)
                else:
                    self._close(tx, key, call, found)
            return found
        self._ask(key, call)
        return None

    def _let_settle(self, key: str, call: EffectCall) -> None:
        """Looking too early finds nothing, and what is still under way would be done twice."""
        with self.ledger.read() as tx:
            row = tx.one("get_effect", key=key)
        if row is None:
            return
        since = (self.ledger.clock.now() - parse_stamp(row["at"])).total_seconds()
        left = min(call.settles_s, call.settles_s - since)  # a clock that went back waits no longer
        if left > 0:
            what = f"{call.tool} ({call.step})"
            raise StillSettling(provider=call.provider, what=what, retry_after=ceil(left))

    def _ask(self, key: str, call: EffectCall) -> None:
        """Put it to a human. Returns when they said to repeat it, raises otherwise."""
        with self.ledger.write() as tx:
            row = tx.one("get_effect", key=key)
            tries = row["tries"] if row else 1
            decision = self.rulebook.ask(tx, self._question(key, call, tries))
            if row is not None and not decision.waiting:
                self._go_on(tx, key, call, row, repeat=decision.choice == REPEAT)
        what = f"{call.tool} ({call.step})"
        if decision.waiting:
            raise OutcomeUnknown(what=what, provider=call.provider, decision=decision.id)
        if decision.choice != REPEAT:
            raise EffectSkipped(what=what, by=decision.decided_by)

    def _go_on(
        self, tx: Transaction, key: str, call: EffectCall, row: sqlite3.Row, *, repeat: bool
    ) -> None:
        """What nobody knows counts as spent. The repeat is paid anew: from the budgets, and under the
        answer that allowed it in place of the grant that the first try used up."""
        scopes = json.loads(row["scopes"])
        budget.settle(tx, scopes, row["estimate"], row["estimate"])
        if not repeat:
            tx.change("settle_effect", key=key, state="skipped", cost=None, result=None, at=tx.at)
            return
        scopes = [scope for scope in scopes if not scope.startswith("grant:")]
        budget.reserve(tx, scopes, call.estimate, f"{call.tool} ({call.step})")
        self._open(tx, key, call, scopes)

    def _question(self, key: str, call: EffectCall, tries: int) -> Question:
        cost = budget.usd(call.estimate)
        return Question(
            kind="unknown-outcome",
            goal=self.task.goal,
            task=self.task.id,
            text=f"The crew stopped during {call.tool} ({call.step}), and {call.provider} cannot "
            "say whether it was done. Repeat it?",
            options=(
                Option(REPEAT, f"it may be paid twice, at most {cost} USD more", call.estimate),
                Option(SKIP, "go on without it; what was reserved counts as spent"),
            ),
            action={"effect": key, "try": tries},
            asked_by=self.agent,
            owner=self.rulebook.owner,
            decides=f"whether {call.tool} is called once more, with what it costs",
        )


def _written(value: Any) -> str:
    """`value` as it is kept, secrets masked: what is given the first time must not differ from the next."""
    return redact(canonical_json(value))
