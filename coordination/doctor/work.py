"""What is going on, and what should be: the crew, its tasks, its effects, its mail, its questions."""

import json
from collections.abc import Iterator
from datetime import timedelta

from crewboard.clock import parse_stamp
from crewboard.coordination import decisions
from crewboard.coordination.deciding.quorum import Rights
from crewboard.coordination.doctor.finding import Case, Finding, Level
from crewboard.coordination.lease import holder

_RESUME = "crewboard resume"
_SKEW = timedelta(minutes=5)


def crew(case: Case) -> Iterator[Finding]:
    """Whether one lives, by its lock; its lease shows whether it still beats."""
    process = holder(case.workspace.crew_lock)
    with case.ledger.read() as tx:
        lease = tx.one("get_lease", name="crew")
        waiting = len(tx.run("runnable_tasks", at=tx.at))
        now = tx.at
    if process is None:
        if waiting:
            says = f"no crew runs, and {waiting} task(s) could go on"
            yield Finding(Level.WARN, "crew", says, _RESUME)
        else:
            yield Finding(Level.OK, "crew", "no crew runs, and nothing waits for one")
    elif lease is None or lease["expires"] < now:
        says = f"process {process} holds the crew's lock, but has not renewed its lease"
        yield Finding(Level.WARN, "crew", says, f"see whether process {process} hangs")
    else:
        yield Finding(Level.OK, "crew", f"a crew runs (process {process})")


def abandoned(case: Case) -> Iterator[Finding]:
    """What a crew left that died: the next one takes it up by itself."""
    alive = holder(case.workspace.crew_lock) is not None
    with case.ledger.read() as tx:
        lease = tx.one("get_lease", name="crew")
        fence = lease["fence"] if alive and lease else -1
        left = [row["id"] for row in tx.run("abandoned_tasks", fence=fence)]
        intents = [row for row in tx.run("all_effects") if row["state"] == "intent"]
    if left:
        says = f"{_names(left)} was being worked on when the crew died"
        yield Finding(Level.WARN, "abandoned", says, _RESUME)
    if intents and not alive:
        calls = [f"{row['tool']} of {row['task']}" for row in intents]
        says = f"nobody knows yet whether this was done: {_names(calls)}"
        yield Finding(Level.WARN, "abandoned", says, f"{_RESUME}: what is uncertain is put to you")


def letters(case: Case) -> Iterator[Finding]:
    with case.ledger.read() as tx:
        dead = tx.run("out_dead")
    for row in dead:
        why = json.loads(row["error"])["text"] if row["error"] else "no reason was written down"
        says = f"{row['sender']}'s message to {row['recipient']} was never delivered: {why}"
        yield Finding(Level.WARN, "messages", says, "settle the cause, then start the goal again")


def questions(case: Case) -> Iterator[Finding]:
    """A question that nobody may answer, and those that are overdue."""
    rights = _rights(case)
    with case.ledger.read() as tx:
        waiting = decisions.waiting(tx)
    for each in waiting:
        if rights and (stuck := rights.deadlock(each)):
            says = f"nobody may answer decision {each.id}: {stuck}"
            yield Finding(Level.FAIL, "decisions", says, "name somebody under [[approvers]]")
        elif each.state == "overdue":
            says = f"decision {each.id} is overdue since {each.due}; {each.owner} decides"
            remedy = f"crewboard approve {each.id} --choose {each.options[0].name}"
            yield Finding(Level.WARN, "decisions", says, remedy)


def clock(case: Case) -> Iterator[Finding]:
    """The last event lies ahead: this machine's clock was set back, and times here mean little."""
    with case.ledger.read() as tx:
        last = tx.one("last_event")
        rows = tx.run("events_after", seq=last["seq"] - 1, count=1) if last else []
        ahead = rows and parse_stamp(rows[0]["at"]) > parse_stamp(tx.at) + _SKEW
    if ahead:
        says = f"the last event is dated {rows[0]['at']}, which is still to come"
        yield Finding(Level.WARN, "clock", says, "set this machine's clock right")


def _rights(case: Case) -> Rights | None:
    from crewboard.coordination.settings import Settings
    from crewboard.errors import ConfigInvalid

    try:
        return Settings.load(case.workspace.config).rulebook().rights
    except ConfigInvalid:
        return None  # told by the check of the settings


def _names(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 - enough to look up
    return ", ".join(names[:3]) + more
