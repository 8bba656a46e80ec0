"""What of the ledger's events becomes a line of the daily notes, and in what words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from crewboard.clock import parse_stamp, stamp
from crewboard.coordination import tasks
from crewboard.coordination.budget import usd
from crewboard.coordination.ledger import Event, Ledger
from crewboard.coordination.tasks import BLOCKED, GONE, State, Task
from crewboard.coordination.views import words
from crewboard.coordination.views.books import HUMAN, REVIEW
from crewboard.coordination.workspace import Workspace
from crewboard.memory import notes
from crewboard.memory.notes import Note


@dataclass(frozen=True)
class _Happened:
    """What an event says, and the task that it is about, if any."""

    data: Mapping[str, Any]
    task: Task | None

    @property
    def title(self) -> str:
        return f"«{self.task.title}»" if self.task else "a task"


def note_of(event: Event, task: Task | None) -> Note | None:
    """One bullet for an event that people want to remember; None for the others."""
    tell = _TOLD.get(event.kind)
    text = tell(_Happened(event.data, task)) if tell else None
    if text is None:
        return None
    card = str(event.data.get("decision") or event.task or "")
    return Note(name_of(event), parse_stamp(event.at), event.actor, text, card)


def restore(workspace: Workspace, ledger: Ledger, day: date) -> int:
    """Tell the events of `day` again whose lines were taken out of its notes; how many were."""
    since = datetime.combine(day, time(), UTC)
    gone = notes.removed(workspace.notes, day)
    with ledger.read() as tx:
        about = {task.id: task for task in tasks.everything(tx)}
        span = {"since": stamp(since), "until": stamp(since + timedelta(days=1))}
        events = [Event.of(row) for row in tx.run("events_between", **span)]
    told = (
        note_of(event, about.get(event.task or "")) for event in events if name_of(event) in gone
    )
    return notes.append(workspace.notes, day, filter(None, told), anew=True)


def name_of(event: Event) -> str:
    """Name an event by its number and the start of its hash: the notes of two machines may meet in one
    repository, and each has an event 123."""
    return f"{event.seq}.{event.hash[:8]}"


def _created(it: _Happened) -> str | None:
    if it.data["kind"] != "goal":
        return None
    return f"set a goal for {it.data['role']}: {it.data['title']}"


def _planned(it: _Happened) -> str:
    steps, revision = it.data["steps"], it.data["revision"]
    again = f", plan {revision}" if revision > 1 else ""
    assumed = _listed("; assumed: ", it.data["assumed"])
    return f"planned {words.count(len(steps), 'step')} ({', '.join(steps)}{again}){assumed}"


def _made(it: _Happened) -> str:
    rows = _listed(", ", [words.rows(it.data["rows"], it.data["accounting"])])
    return f"made {it.data['name']}{rows}: `{it.data['path']}`"


def _judged(it: _Happened) -> str:
    judged = f"{words.judged(it.data['judgement'])} {it.title} (sha256:{it.data['sha256'][:12]})"
    return judged + _listed(": ", it.data["findings"])


def _asked(it: _Happened) -> str:
    return f"asked {it.data['owner']}: {it.data['question']} ({' / '.join(it.data['options'])})"


def _answered(it: _Happened) -> str:
    return f"chose {it.data['choice']} via {it.data['via']}{_listed(': ', [it.data['note']])}"


def _revoked(it: _Happened) -> str:
    return f"took the answer {it.data['choice']} back{_listed(': ', [it.data.get('note')])}"


def _stands(it: _Happened) -> str:
    return (
        f"lets the answer {it.data['choice']} stand for this action until {it.data['until'][:10]}"
    )


def _stands_no_more(it: _Happened) -> str:
    return f"ended the standing answer{_listed(': ', [it.data.get('note')])}"


def _overdue(it: _Happened) -> str:
    return f"got no answer in time; on expiry: {it.data['on_expiry']}"


def _moved(it: _Happened) -> str | None:
    """Ends and blocks. That a review or a question ended, its verdict or its answer tells; that a
    step was dropped, the end of its goal or the next plan."""
    state, reason = it.data["state"], it.data.get("reason")
    if reason and (state in BLOCKED or it.data["waits"] == HUMAN):
        return f"{it.title} is blocked: {words.blocked(**reason)}"
    if it.task is None or it.task.kind in {REVIEW, "question"}:
        return None
    if state == State.COMPLETED:
        return f"completed {it.title}"
    if state == State.CANCELED and it.task.kind == "goal":
        return f"withdrew {it.title}" + _listed(": ", [it.data.get("note")])
    return None


def _recovered(it: _Happened) -> str:
    return f"took {it.title} up again after a crash (recovery {it.data['recoveries']})"


def _reworked(it: _Happened) -> str:
    return f"runs {it.title} again with other arguments (rework {it.data['attempt']})"


def _paid(it: _Happened) -> str | None:
    if not it.data["cost"]:
        return None
    return f"paid {usd(it.data['cost'])} USD for {it.data['tool']} ({it.data['step']})"


def _refused(it: _Happened) -> str:
    charged = f", {usd(it.data['cost'])} USD charged" if it.data["cost"] else ""
    return f"{it.data['tool']} ({it.data['step']}) was refused{charged}: {it.data['why']}"


def _paused(it: _Happened) -> str:
    gone = (
        "took its card off the board, which cancels it in a day"
        if it.data["column"] == GONE
        else ""
    )
    return f"{gone or 'held back'}: {it.title}"


def _resumed(it: _Happened) -> str:
    return f"let {it.title} go on"


def _amended(it: _Happened) -> str:
    return f"put the goal in other words: {it.data['text']}"


def _wiped(it: _Happened) -> str:
    return f"saved a board without any of {len(it.data['cards'])} cards: they are put back"


def _ticked(it: _Happened) -> str | None:
    ticked = " and ".join(it.data["choices"])
    return f"ticked {ticked}: {it.data['outcome']}" if ticked else None


def _undelivered(it: _Happened) -> str:
    return f"a message to {it.data['to']} was given up: {it.data['why']}"


def _listed(lead: str, texts: Iterable[str | None]) -> str:
    found = "; ".join(text for text in texts if text)
    return lead + found if found else ""


_TOLD: Mapping[str, Callable[[_Happened], str | None]] = {
    "task.created": _created,
    "plan.made": _planned,
    "artifact.made": _made,
    "verdict.signed": _judged,
    "decision.asked": _asked,
    "decision.answered": _answered,
    "decision.overdue": _overdue,
    "decision.revoked": _revoked,
    "standing.given": _stands,
    "standing.ended": _stands_no_more,
    "task.moved": _moved,
    "task.recovered": _recovered,
    "task.reworked": _reworked,
    "effect.done": _paid,
    "effect.refused": _refused,
    "message.dead": _undelivered,
    "task.paused": _paused,
    "task.resumed": _resumed,
    "goal.amended": _amended,
    "board.wiped": _wiped,
    "decision.ticked": _ticked,
}
