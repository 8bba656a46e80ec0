"""Events in words: one line each, for whoever follows a crew or reads back what happened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class _It:
    """An event, and what its task is called."""

    event: Event
    title: str

    def __getitem__(self, name: str) -> Any:
        """A fact of the event; empty where an older or newer crewboard did not write it."""
        return self.event.data.get(name, "")


def worth_telling(event: Event) -> bool:
    """Whether someone who watches wants to hear it."""
    if event.kind == "task.moved":
        return event.data.get("waits") != "children"
    return event.kind in _TELLING or (event.kind == "effect.done" and event.data.get("cost", 0) > 0)


def words(event: Event, titles: Titles) -> str:
    """What happened; an event of an unknown kind (a plugin's) is told by its name and facts."""
    it = _It(event, f"«{titles.get(event.task or '', event.task or 'the crew')}»")
    if event.kind in _TELLERS:
        return _TELLERS[event.kind](it)
    told = ", ".join(f"{name}={value}" for name, value in event.data.items())
    return f"{event.kind}: {told}" if told else event.kind


def _moved(it: _It) -> str:
    state, waits = it["state"], it["waits"] or ""
    reason: dict[str, Any] = it["reason"] or {}
    if state in {"FAILED", "REJECTED"}:
        return f"{it.title} is blocked: {reason.get('cause', 'no cause was given')}"
    if waits == "retry":
        return f"{it.title} backs off: {it['cause'] or 'it failed for now'}"
    if waits.startswith("decision:"):
        return f"{it.title} waits for a decision"
    if reason:
        return f"{it.title} needs you: {reason.get('cause')} {reason.get('needed')}"
    told = {
        "WORKING": "is at work",
        "COMPLETED": "is done",
        "CANCELED": f"was cancelled by {it.event.actor}",
        "INPUT_REQUIRED": f"is submitted for {waits}" if waits else "waits for input",
        "AUTH_REQUIRED": f"waits for {waits or 'permission'}",
    }
    return f"{it.title} {told.get(state, f'is {state}')}"


def _made(it: _It) -> str:
    count = f", {it['rows']:,} rows" if isinstance(it["rows"], int) else ""
    return f"{it.title} made {it['name']}{count}: {it['path']}"


def _signed(it: _It) -> str:
    said = {"accept": "accepted", "waived": "accepted with a waiver", "rework": "did not accept"}
    findings = f": {'; '.join(it['findings'])}" if it["findings"] else ""
    return f"{said.get(it['judgement'], 'judged')} {it['sha256'][:_SHORT]} of {it.title}{findings}"


def _asked(it: _It) -> str:
    answer = f"crewboard approve {it['decision']} --choose {'|'.join(it['options'])}"
    return f"asks {it['owner']}: {it['question']} -> {answer}"


def _answered(it: _It) -> str:
    note = f" ({it['note']})" if it["note"] else ""
    return f"chose {it['choice']} for {it['decision']}{note}"


def _done(it: _It) -> str:
    spent = f" for {usd(it['cost'])} USD" if it["cost"] else ""
    return f"{it['tool']} ({it['step']}) ended in {it.title}{spent}"


_TELLERS: Mapping[str, Callable[[_It], str]] = {
    "task.created": lambda it: f"{it['kind']} for {it['role']}: «{it['title']}»",
    "task.moved": _moved,
    "goal.amended": lambda it: f"put {it.title} in other words: {it['text']}",
    "goal.supplied": lambda it: f"found {', '.join(it['sources'])} for {it.title}",
    "task.recovered": lambda it: f"{it.title} is taken up again after a crash",
    "task.reworked": lambda it: f"{it.title} is tried again with other arguments",
    "plan.made": lambda it: f"planned {len(it['steps'])} steps: {', '.join(it['steps'])}",
    "artifact.made": _made,
    "verdict.signed": _signed,
    "decision.asked": _asked,
    "decision.answered": _answered,
    "decision.overdue": lambda it: f"decision {it['decision']} is overdue: {it['on_expiry']}",
    "effect.done": _done,
    "effect.intended": lambda it: (
        f"{it['tool']} ({it['step']}) begins, at most {usd(it['estimate'] or 0)} USD"
    ),
    "effect.refused": lambda it: f"{it['tool']} was refused in {it.title}: {it['why']}",
    "message.dead": lambda it: f"a message to {it['to']} could not be delivered: {it['why']}",
    "message.received": lambda it: f"message to {it['to']}: {it['text']}",
    "crew.started": lambda it: f"took up work (fence {it['fence']})",
}
