"""Events in words: one line each, for whoever follows a crew or reads back what happened."""

from collections.abc import Callable, Mapping
from typing import Any

from crewboard.coordination.budget import usd
from crewboard.coordination.ledger import Event

Titles = Mapping[str, str]
"""Task id -> title."""
_TELLING = frozenset(
    {
        "plan.made", "artifact.made", "verdict.signed", "decision.asked", "decision.answered",
        "decision.overdue", "task.recovered", "task.reworked", "effect.refused", "message.dead",
    }
)  # fmt: skip
_SHORT = 8


def worth_telling(event: Event) -> bool:
    """Whether someone who watches wants to hear it."""
    if event.kind == "task.moved":
        return event.data.get("waits") != "children"
    return event.kind in _TELLING or (event.kind == "effect.done" and event.data.get("cost", 0) > 0)


def words(event: Event, titles: Titles) -> str:
    """What happened; an event of an unknown kind (a plugin's) is told by its name and facts."""
    teller = _TELLERS.get(event.kind)
    if teller is not None:
        return teller(event, titles)
    told = ", ".join(f"{name}={value}" for name, value in event.data.items())
    return f"{event.kind}: {told}" if told else event.kind


def _title(event: Event, titles: Titles) -> str:
    return f"«{titles.get(event.task or '', event.task or 'the crew')}»"


def _created(event: Event, titles: Titles) -> str:
    del titles
    kind, title = event.data.get("kind", "task"), event.data.get("title", "")
    return f"{kind} for {event.data.get('role')}: «{title}»"


def _moved(event: Event, titles: Titles) -> str:
    title, state = _title(event, titles), event.data.get("state")
    waits = event.data.get("waits") or ""
    reason: dict[str, Any] = event.data.get("reason") or {}
    if state in {"FAILED", "REJECTED"}:
        return f"{title} is blocked: {reason.get('cause', 'no cause was given')}"
    if waits == "retry":
        return f"{title} backs off: {event.data.get('cause', 'it failed for now')}"
    if waits.startswith("decision:"):
        return f"{title} waits for a decision"
    if reason:
        return f"{title} needs you: {reason.get('cause')} {reason.get('needed')}"
    told = {
        "WORKING": "is at work",
        "COMPLETED": "is done",
        "CANCELED": f"was cancelled by {event.actor}",
        "INPUT_REQUIRED": f"is submitted for {waits}" if waits else "waits for input",
        "AUTH_REQUIRED": f"waits for {waits or 'permission'}",
    }
    return f"{title} {told.get(str(state), f'is {state}')}"


def _planned(event: Event, titles: Titles) -> str:
    del titles
    steps = event.data.get("steps", [])
    return f"planned {len(steps)} steps: {', '.join(steps)}"


def _made(event: Event, titles: Titles) -> str:
    rows = event.data.get("rows")
    count = f", {rows:,} rows" if isinstance(rows, int) else ""
    return f"{_title(event, titles)} made {event.data.get('name')}{count}: {event.data.get('path')}"


def _signed(event: Event, titles: Titles) -> str:
    findings = "; ".join(event.data.get("findings", []))
    said = {"accept": "accepted", "waived": "accepted with a waiver", "rework": "did not accept"}
    judgement = said.get(event.data.get("judgement", ""), "judged")
    sha256 = event.data.get("sha256", "")[:_SHORT]
    return f"{judgement} {sha256} of {_title(event, titles)}{f': {findings}' if findings else ''}"


def _asked(event: Event, titles: Titles) -> str:
    del titles
    decision, options = event.data.get("decision"), event.data.get("options", [])
    return (
        f"asks {event.data.get('owner')}: {event.data.get('question')} "
        f"-> crewboard approve {decision} --choose {'|'.join(options)}"
    )


def _answered(event: Event, titles: Titles) -> str:
    del titles
    note = f" ({event.data['note']})" if event.data.get("note") else ""
    return f"chose {event.data.get('choice')} for {event.data.get('decision')}{note}"


def _overdue(event: Event, titles: Titles) -> str:
    del titles
    return f"decision {event.data.get('decision')} is overdue: {event.data.get('on_expiry')}"


def _recovered(event: Event, titles: Titles) -> str:
    return f"{_title(event, titles)} is taken up again after a crash"


def _reworked(event: Event, titles: Titles) -> str:
    return f"{_title(event, titles)} is tried again with other arguments"


def _done(event: Event, titles: Titles) -> str:
    cost = event.data.get("cost", 0)
    spent = f" for {usd(cost)} USD" if cost else ""
    return f"{event.data.get('tool')} ({event.data.get('step')}) ended in {_title(event, titles)}{spent}"


def _intended(event: Event, titles: Titles) -> str:
    most = usd(event.data.get("estimate", 0))
    return f"{event.data.get('tool')} ({event.data.get('step')}) begins, at most {most} USD"


def _refused(event: Event, titles: Titles) -> str:
    return (
        f"{event.data.get('tool')} was refused in {_title(event, titles)}: {event.data.get('why')}"
    )


def _dead(event: Event, titles: Titles) -> str:
    del titles
    return f"a message to {event.data.get('to')} could not be delivered: {event.data.get('why')}"


def _received(event: Event, titles: Titles) -> str:
    del titles
    return f"message to {event.data.get('to')}: {event.data.get('text')}"


def _started(event: Event, titles: Titles) -> str:
    del titles
    return f"a crew took up work (its {event.data.get('fence')}. time in this workspace)"


_TELLERS: Mapping[str, Callable[[Event, Titles], str]] = {
    "task.created": _created,
    "task.moved": _moved,
    "task.recovered": _recovered,
    "task.reworked": _reworked,
    "plan.made": _planned,
    "artifact.made": _made,
    "verdict.signed": _signed,
    "decision.asked": _asked,
    "decision.answered": _answered,
    "decision.overdue": _overdue,
    "effect.done": _done,
    "effect.intended": _intended,
    "effect.refused": _refused,
    "message.dead": _dead,
    "message.received": _received,
    "crew.started": _started,
}
