"""Reminders: each open question at half of its time and again near its end, once each, in one batch.

What was told stands in the ledger, so that neither a restart nor a clock that jumps tells it twice: after
a jump over both marks only the later one is told. What is overdue is told by `decisions.expire`.
"""

from dataclasses import dataclass

from crewboard.clock import parse_stamp
from crewboard.coordination.decisions import Decision
from crewboard.coordination.ledger import Transaction

MARKS = (50, 90)
"""In % of the time from the question to its deadline."""


@dataclass(frozen=True)
class Reminder:
    decision: Decision
    mark: int


def pending(tx: Transaction) -> list[Reminder]:
    """What people are to be reminded of now. Reads only: it is safe to ask at every turn."""
    rows = tx.run("timed_decisions", at=tx.at, last=MARKS[-1])
    found = [Reminder(each, _mark(each, tx.at)) for each in map(Decision.of, rows)]
    return [each for each in found if each.mark > each.decision.reminded]


def remind(tx: Transaction) -> list[Reminder]:
    """Tell everything that is pending, in one event `decisions.reminded`; none when nothing is."""
    found = pending(tx)
    for each in found:
        tx.change("mark_reminded", id=each.decision.id, mark=each.mark)
    if found:
        told = [
            {
                "decision": each.decision.id,
                "owner": each.decision.owner,
                "question": each.decision.text,
                "due": each.decision.due,
                "mark": each.mark,
            }
            for each in found
        ]
        tx.event("decisions.reminded", "crew", None, None, decisions=told)
    return found


def _mark(decision: Decision, at: str) -> int:
    """The last mark that has passed; 0 before the first."""
    asked, due = parse_stamp(decision.asked), parse_stamp(decision.due or decision.asked)
    share = 100 * (parse_stamp(at) - asked) / (due - asked) if due > asked else 0
    return max((mark for mark in MARKS if share >= mark), default=0)
