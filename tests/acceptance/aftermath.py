"""What must hold of a workspace after any number of kills, read from its files alone."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from acceptance.crew_driver import WITNESSED
from acceptance.paid_tools import PRICE, SERVICE
from twins.charges import Charge

from crewboard.coordination import artifacts, budget, decisions, tasks, verdicts
from crewboard.coordination.board import Column
from crewboard.coordination.decisions import Decision
from crewboard.coordination.ledger import Event, Ledger, Transaction, verify
from crewboard.coordination.tasks import State, Task
from crewboard.coordination.verdicts import workspace_key
from crewboard.coordination.workspace import Workspace
from crewboard.tools.contract.manifest import SUFFIX, tree_sha256


@dataclass(frozen=True)
class Aftermath:
    """Each method asserts one promise. Made anew after each life, it sees what is there then."""

    root: Path
    charges: Iterable[Charge]

    @cached_property
    def ledger(self) -> Ledger:
        return Workspace(self.root).ledger()

    @cached_property
    def events(self) -> list[Event]:
        with self.ledger.read() as tx:
            return [Event.of(row) for row in tx.run("events_after", seq=0, count=1_000_000)]

    @cached_property
    def tasks(self) -> list[Task]:
        with self.ledger.read() as tx:
            return tasks.everything(tx)

    @property
    def goal(self) -> Task:
        return next(task for task in self.tasks if task.kind == "goal")

    @property
    def steps(self) -> list[Task]:
        return [task for task in self.tasks if task.step and task.state is not State.CANCELED]

    @cached_property
    def decisions(self) -> list[Decision]:
        with self.ledger.read() as tx:
            return decisions.everything(tx)

    def check_life(self) -> None:
        """What holds at every moment, also between two lives."""
        self.chain_holds()
        self.nothing_acknowledged_is_lost()
        self.nothing_is_charged_twice()

    def check_end(self) -> None:
        """What holds once the goal is through."""
        self.check_life()
        self.everything_is_done_once()
        self.artifacts_are_there()
        self.verdicts_hold()
        self.money_adds_up()
        self.board_tells_it()

    def chain_holds(self) -> None:
        assert verify(self.events) is None

    def nothing_acknowledged_is_lost(self) -> None:
        """A commit that its writer heard of is there for ever, with the hash that it had."""
        log = self.ledger.path.parent / WITNESSED
        heard = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        known = {str(event.seq): event.hash for event in self.events}
        assert [(seq, known.get(seq)) for seq, _ in heard] == [(seq, h) for seq, h in heard]

    def nothing_is_charged_twice(self) -> None:
        found = Counter((charge.model, charge.body_sha256) for charge in self.charges)
        assert [body for body, count in found.items() if count > 1] == []
        keys = Counter(charge.key for charge in self.charges if charge.key)
        assert [key for key, count in keys.items() if count > 1] == []

    def everything_is_done_once(self) -> None:
        assert self.goal.state is State.COMPLETED, self.goal.reason
        ended = Counter(
            event.task
            for event in self.events
            if event.kind == "task.moved" and event.data["state"] == State.COMPLETED
        )
        names = Counter(step.step for step in self.steps)
        for step in [*self.steps, self.goal]:
            assert step.state is State.COMPLETED, (step.title, step.state, step.reason)
            assert ended[step.id] == 1, step.title
        assert set(names.values()) == {1}

    def artifacts_are_there(self) -> None:
        with self.ledger.read() as tx:
            made = artifacts.everything(tx)
        assert {each.task for each in made} == {s.id for s in self.steps if s.spec["tool"]}
        for each in made:
            path = self.root / each.path
            assert tree_sha256(path) == each.sha256, each.path
            assert path.with_name(path.name + SUFFIX).is_file(), each.path
        assert len({(each.task, each.name) for each in made}) == len(made)

    def verdicts_hold(self) -> None:
        """Each artifact was accepted, once, by another than who made it."""
        key = workspace_key(Workspace(self.root).state / "key")
        with self.ledger.read() as tx:
            signed = verdicts.everything(tx)
            made = artifacts.everything(tx)
        assert all(verdicts.holds(verdict, key) for verdict in signed)
        assert all(verdict.accepts and verdict.signer == "qa" for verdict in signed)
        judged = Counter((verdict.task, verdict.sha256) for verdict in signed)
        assert judged == Counter({(each.task, each.sha256) for each in made})

    def money_adds_up(self) -> None:
        """What was spent is what the effects say; nothing stays set aside; the bill is no higher."""
        with self.ledger.read() as tx:
            books = {each.scope: each for each in budget.everything(tx)}
            effects = tx.run("all_effects")
            spent = sum(_counted(dict(row)) for row in effects)
        assert {row["state"] for row in effects} <= {"done", "refused", "skipped"}
        assert all(each.reserved == 0 for each in books.values()), books
        assert books[f"goal:{self.goal.id}"].spent == spent
        assert sum(b.spent for scope, b in books.items() if scope.startswith("day:")) == spent

    def board_tells_it(self) -> None:
        """Every step stands once on the board, and stands under Done."""
        text = Workspace(self.root).board.read_text("utf-8")
        sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
        done = next(body for title, body in sections.items() if Column.DONE.value in title)
        for step in self.steps:
            mark = re.compile(rf"\^{step.id}$", re.MULTILINE)
            assert len(mark.findall(text)) == 1, (step.title, text)
            assert len(mark.findall(done)) == 1, (step.title, text)

    def dropped(self, reason: str) -> int:
        """Rows that the manifests say were dropped for `reason`."""
        with self.ledger.read() as tx:
            told = {m.task: m.manifest["accounting"] for m in artifacts.everything(tx)}
        return sum(each["dropped"].get(reason, 0) for each in told.values() if each)

    def batches_paid(self) -> int:
        """How many batches of rows the labelling service has charged for."""
        return sum(charge.model == SERVICE for charge in self.charges)

    def batches_told(self) -> int:
        """How many the ledger says were done, each at its price."""
        with self.ledger.read() as tx:
            done = _done_batches(tx)
        assert {row["cost"] for row in done} <= {PRICE}
        return len(done)


def _done_batches(tx: Transaction) -> list[dict[str, Any]]:
    rows = [dict(row) for row in tx.run("all_effects")]
    return [
        r
        for r in rows
        if r["tool"] == "paid-label" and r["kind"] != "pure" and r["state"] == "done"
    ]


def _counted(effect: dict[str, Any]) -> int:
    """A skipped effect counts as spent: nobody knows."""
    known = effect["estimate"] if effect["state"] == "skipped" else effect["cost"]
    return int(known or 0)
