"""Standing answers: one human's word for exactly one action, for every time it is asked until a day.

It answers an action of the same digest, offered on the same terms (option, costs, caps, reversible),
and nothing that only resembles it. It is recorded as the standing answer's, never as the human's.
"""

import json
import sqlite3
from dataclasses import asdict, dataclass
from datetime import datetime

from crewboard.canonical import canonical_json, digest
from crewboard.clock import stamp
from crewboard.coordination.decisions import DENY, HUMANS_ONLY, Answer, Decision, Taken
from crewboard.coordination.ledger import Transaction
from crewboard.errors import DecisionUnanswerable, UnknownName
from crewboard.redact import redact_json

VIA = "standing"


@dataclass(frozen=True)
class Standing:
    """`decision` is the one that was answered for always: it names the standing answer too."""

    decision: str
    kind: str
    action: str
    terms: str
    choice: str
    given_by: str
    note: str
    at: str
    until: str
    ended: Taken | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Standing":
        ended = Taken(**json.loads(row["ended"])) if row["ended"] else None
        return cls(**{**dict(row), "ended": ended})

    @property
    def rule(self) -> str:
        """The name under which it answers."""
        return f"policy:always-{self.decision}"

    def alive(self, at: str) -> bool:
        return self.ended is None and at < self.until

    def answer(self) -> Answer:
        note = f"{self.given_by} said always, at {self.decision}, until {self.until}"
        return Answer(self.choice, self.rule, VIA, note)


def keep(tx: Transaction, decision: Decision, until: datetime) -> Standing:
    """Let the answer of `decision` stand for its action until then.

    DecisionUnanswerable for a no, for what took several humans or was answered in another's right, and
    for a day that has passed.
    """
    if stamp(until) <= tx.at:
        reason = f"{stamp(until)} has passed"
    elif decision.needs > 1:
        reason = "what takes several humans is asked every time"
    elif decision.kind in HUMANS_ONLY:
        reason = f"a {decision.kind} is asked every time"
    elif decision.choice in {None, DENY}:
        reason = "only what was allowed can be allowed always"
    elif not _own_word(decision):
        reason = "only a human who holds the right themselves says always"
    else:
        return _keep(tx, decision, until)
    raise DecisionUnanswerable(decision=decision.id, reason=reason)


def fitting(tx: Transaction, decision: Decision) -> list[Standing]:
    """The standing answers that live and were given to exactly this, on these terms."""
    rows = tx.run("standing_for", kind=decision.kind, action=decision.digest, at=tx.at)
    found = [Standing.of(row) for row in rows]
    return [each for each in found if each.terms == _terms(decision, each.choice)]


def get(tx: Transaction, decision: str) -> Standing | None:
    row = tx.one("get_standing", decision=decision)
    return Standing.of(row) if row else None


def everything(tx: Transaction) -> list[Standing]:
    return [Standing.of(row) for row in tx.run("all_standing")]


def end(tx: Transaction, decision: Decision, by: str, note: str) -> bool:
    """End a standing answer; whether there was a living one. What it has answered stays answered."""
    ended = canonical_json(redact_json({"by": by, "at": tx.at, "note": note}))
    if not tx.change("end_standing", decision=decision.id, ended=ended):
        return False
    tx.event("standing.ended", by, decision.goal, decision.task, decision=decision.id, note=note)
    return True


def end_named(tx: Transaction, decision: Decision, by: str, note: str) -> None:
    """As `end`; UnknownName where none lives."""
    if not end(tx, decision, by, note):
        known = ", ".join(each.decision for each in everything(tx) if each.alive(tx.at))
        raise UnknownName(kind="standing answer", name=decision.id, known=known or "none")


def _keep(tx: Transaction, decision: Decision, until: datetime) -> Standing:
    choice = str(decision.choice)
    kept = Standing(
        decision.id, decision.kind, decision.digest, _terms(decision, choice), choice,
        str(decision.decided_by), decision.note or "", tx.at, stamp(until), None,
    )  # fmt: skip
    values = {name: value for name, value in asdict(kept).items() if name != "ended"}
    tx.change("insert_standing", **values)
    tx.event(
        "standing.given", kept.given_by, decision.goal, decision.task, decision=decision.id,
        kind=kept.kind, choice=choice, action=kept.action, until=kept.until,
    )  # fmt: skip
    return kept


def _own_word(decision: Decision) -> bool:
    by = decision.decided_by or ""
    return by.startswith("human:") and " for " not in by and decision.via == "cli"


def _terms(decision: Decision, choice: str) -> str:
    option = decision.option(choice)
    offered = [option.name, option.consequence, option.cost] if option else None
    caps = [permission.cap for permission in decision.grants]
    return digest([offered, decision.cost, caps, decision.reversible])
