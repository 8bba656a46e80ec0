"""Stand-ups from the ledger: what each agent did in a stretch of time, and what is open now."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from crewboard.clock import parse_stamp
from crewboard.coordination.ledger import Event, Ledger, Transaction
from crewboard.coordination.standup import Activity, Said, Standup, standup
from crewboard.coordination.tasks import State, Task
from crewboard.coordination.views import words
from crewboard.coordination.views.board import status
from crewboard.coordination.views.books import REVIEW, Books, is_blocked, is_withdrawn
from crewboard.coordination.views.look import CREW, Look, Window

LAST = "standup"
"""The ledger's meta row that holds the last stand-up that was written."""
_MOST_NEXT = 5
_NO_AGENT = ("human:", "policy:", "peer:")


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
    window = Window(since, until, previous.seq if previous else None)
    return standup_in(Look.at(ledger, window), agent, previous)


def last_standup(tx: Transaction) -> Standup | None:
    """The last stand-up that was written; the next one begins where it ended."""
    row = tx.one("get_meta", name=LAST)
    return Standup.from_json(json.loads(row["value"])) if row else None


def standup_in(look: Look, agent: str | None = None, previous: Standup | None = None) -> Standup:
    """The stand-up of one look."""
    names = {agent} if agent else _agents(look)
    found = standup((_activity(look, name) for name in names), look.window.until, previous)
    found = replace(found, seq=look.told)
    moved = any(agent in {None, event.actor} for event in look.moves)
    if previous is None and not moved:
        return replace(found, still_since=_last_move(look, agent))
    return found


def _agents(look: Look) -> set[str]:
    """Everybody who did something or has something open; people report for themselves."""
    named = {event.actor for event in look.moves}
    named |= {task.role for task in look.books.tasks.values() if not task.ended or is_blocked(task)}
    named |= {sender for sender, _ in look.lost} | ({CREW} if look.idle else set())
    return {name for name in named if not name.startswith(_NO_AGENT)}


def _activity(look: Look, name: str) -> Activity:
    own = [event for event in look.events if event.actor == name]
    return Activity(
        agent=name,
        at=look.window.until,
        done=tuple(said for event in own if (said := done(event, look.books))),
        next=tuple(_next(look.books, name)),
        asks=tuple(asks(look.books, name)),
        blockers=tuple(blockers(look, name)),
        cost=sum(event.data.get("cost") or 0 for event in own),
    )


def done(event: Event, books: Books) -> Said | None:
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


def asks(books: Books, name: str) -> Iterator[Said]:
    for each in books.open_decisions():
        if each.asked_by == name:
            due = f", due {each.due[:16].replace('T', ' ')} UTC" if each.due else ""
            asked = parse_stamp(each.at)
            yield Said(f"{each.text} ({each.owner} decides{due})", each.id, each.evidence, asked)


def blockers(look: Look, name: str) -> Iterator[Said]:
    for task in look.books.tasks.values():
        if task.role != name or not task.reason or not is_blocked(task):
            continue
        if not is_withdrawn(look.books, task):
            text = f"«{task.title}»: {words.blocked(**vars(task.reason))}"
            yield Said(text, task.id, since=look.books.since[task.id])
    yield from (said for sender, said in look.lost if sender == name)
    if name == CREW and look.idle:
        yield look.idle


def _last_move(look: Look, agent: str | None) -> datetime:
    """The newest change before `since`, as the books date it; `since` when there is none."""
    books = look.books
    moves = [(task.role, task.updated) for task in books.tasks.values()]
    moves += [(made.made_by, made.at) for made in books.artifacts]
    moves += [(verdict.signer, verdict.at) for verdict in books.verdicts]
    moves += [(each.asked_by, each.decided or each.at) for each in books.decisions]
    times = [parse_stamp(at) for who, at in moves if agent in {None, who}]
    return min(max(times, default=look.window.since), look.window.since)
