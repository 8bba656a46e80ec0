"""Stand-ups from the ledger: what each agent did in a stretch of time, and what is open now."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crewboard.clock import parse_stamp, stamp
from crewboard.coordination.lease import holder
from crewboard.coordination.ledger import Event, Ledger, Transaction
from crewboard.coordination.standup import Activity, Said, Standup, standup
from crewboard.coordination.tasks import State, Task
from crewboard.coordination.views import words
from crewboard.coordination.views.board import status
from crewboard.coordination.views.books import REVIEW, Books, is_blocked, is_withdrawn

_MOST_NEXT = 5
_NO_MOVE = frozenset({"crew.started", "effect.intended"})
_NO_AGENT = ("human:", "policy:", "peer:")
_CREW = "crew"


@dataclass(frozen=True)
class _Look:
    """What happened between `since` and `until`, and the books as they stand now. `lost` are messages
    that were given up, by sender; `idle` is what waits for a crew when none lives."""

    since: datetime
    until: datetime
    events: Sequence[Event]
    books: Books
    lost: Sequence[tuple[str, Said]]
    idle: Said | None

    @classmethod
    def at(cls, ledger: Ledger, since: datetime, until: datetime) -> "_Look":
        with ledger.read() as tx:
            rows = tx.run("events_between", since=stamp(since), until=stamp(until))
            lost = [_lost(row) for row in map(dict, tx.run("out_dead"))]
            idle = None if _lives(ledger) else _idle(tx)
            return cls(since, until, [Event.of(row) for row in rows], Books.read(tx), lost, idle)


def standup_of(
    ledger: Ledger,
    since: datetime,
    until: datetime,
    agent: str | None = None,
    previous: Standup | None = None,
) -> Standup:
    """The stand-up of [`since`, `until`), of everybody or of one agent.

    What was done and spent is counted from the events of that time; what comes next, is asked and is
    blocked is as the ledger has it now. When nothing moved it is still: since `previous` was, or
    without one since the last thing that moved.
    """
    look = _Look.at(ledger, since, until)
    names = {agent} if agent else _agents(look)
    found = standup((_activity(look, name) for name in names), until, previous)
    moved = any(e.kind not in _NO_MOVE for e in look.events if agent in {None, e.actor})
    if previous is None and not moved:
        return replace(found, still_since=_last_move(look, agent))
    return found


def _agents(look: _Look) -> set[str]:
    """Everybody who did something or has something open; people report for themselves."""
    named = {event.actor for event in look.events}
    named |= {task.role for task in look.books.tasks.values() if not task.ended or is_blocked(task)}
    named |= {sender for sender, _ in look.lost} | ({_CREW} if look.idle else set())
    return {name for name in named if not name.startswith(_NO_AGENT)}


def _activity(look: _Look, name: str) -> Activity:
    own = [event for event in look.events if event.actor == name]
    return Activity(
        agent=name,
        at=look.until,
        done=tuple(said for event in own if (said := _done(event, look.books))),
        next=tuple(_next(look.books, name)),
        asks=tuple(_asks(look.books, name)),
        blockers=tuple(_blockers(look, name)),
        cost=sum(event.data.get("cost") or 0 for event in own),
    )


def _done(event: Event, books: Books) -> Said | None:
    """A task ended well, a plan made, a verdict signed. An artifact is told with its task."""
    task = books.tasks.get(event.task or "")
    if task is None:
        return None
    if event.kind == "plan.made":
        return Said(
            f"planned {words.count(len(event.data['steps']), 'step')}: «{task.title}»", task.id
        )
    if event.kind == "verdict.signed":
        return Said(f"{words.judged(event.data['judgement'])} «{task.title}»", task.id)
    if event.kind == "task.moved" and event.data["state"] == State.COMPLETED:
        return _completed(task, books)
    return None


def _completed(task: Task, books: Books) -> Said | None:
    if task.kind == REVIEW:
        return None
    if answer := books.answer(task.id):
        return Said(f"«{task.title}»: {answer.choice}, by {answer.decided_by}", task.id)
    evidence = tuple(made.path for made in books.made(task.id))
    return Said(f"completed «{task.title}»", task.id, evidence)


def _next(books: Books, name: str) -> Iterator[Said]:
    """What the agent goes on with, what it is on before what it has not begun."""
    own = [task for task in books.tasks.values() if task.role == name and _goes_on(books, task)]
    own.sort(key=lambda task: task.state is State.SUBMITTED)
    for task in own[:_MOST_NEXT]:
        how = status(books, task)
        yield Said(f"«{task.title}»{f' ({how})' if how else ''}", task.id)
    if len(own) > _MOST_NEXT:
        yield Said(f"and {len(own) - _MOST_NEXT} more")


def _goes_on(books: Books, task: Task) -> bool:
    return not (task.ended or is_blocked(task) or is_withdrawn(books, task))


def _asks(books: Books, name: str) -> Iterator[Said]:
    for each in books.open_decisions():
        if each.asked_by == name:
            due = f", due {each.due[:16].replace('T', ' ')} UTC" if each.due else ""
            asked = parse_stamp(each.at)
            yield Said(f"{each.text} ({each.owner} decides{due})", each.id, each.evidence, asked)


def _blockers(look: _Look, name: str) -> Iterator[Said]:
    for task in look.books.tasks.values():
        if task.role != name or not task.reason or not is_blocked(task):
            continue
        if not is_withdrawn(look.books, task):
            text = f"«{task.title}»: {words.blocked(**vars(task.reason))}"
            yield Said(text, task.id, since=look.books.since[task.id])
    yield from (said for sender, said in look.lost if sender == name)
    if name == _CREW and look.idle:
        yield look.idle


def _lives(ledger: Ledger) -> bool:
    return holder(ledger.path.with_name("crew.lock")) is not None


def _idle(tx: Transaction) -> Said | None:
    """What could go on if a crew lived: tasks with mail, and those that a dead one was on."""
    rows = [*tx.run("runnable_tasks", at=tx.at), *tx.run("abandoned_tasks", fence=-1)]
    if not rows:
        return None
    oldest = parse_stamp(min(row["updated"] for row in rows))
    waiting = words.count(len({row["id"] for row in rows}), "task")
    return Said(f"no crew runs, {waiting} could go on: `crewboard resume`", since=oldest)


def _lost(row: dict[str, str]) -> tuple[str, Said]:
    why = json.loads(row["error"])["text"] if row["error"] else "no reason was given"
    text = f"a message to {row['recipient']} was given up: {why}"
    return row["sender"], Said(text, row["task"] or "", since=parse_stamp(row["at"]))


def _last_move(look: _Look, agent: str | None) -> datetime:
    """The newest change before `since`, as the books date it; `since` when there is none."""
    books = look.books
    moves = [(task.role, task.updated) for task in books.tasks.values()]
    moves += [(made.made_by, made.at) for made in books.artifacts]
    moves += [(verdict.signer, verdict.at) for verdict in books.verdicts]
    moves += [(each.asked_by, each.decided or each.at) for each in books.decisions]
    times = [parse_stamp(at) for who, at in moves if agent in {None, who}]
    return min(max(times, default=look.since), look.since)
