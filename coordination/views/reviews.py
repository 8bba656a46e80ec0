"""The review of a stretch of time from the ledger."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crewboard.clock import parse_stamp, stamp
from crewboard.coordination.board import Column
from crewboard.coordination.lease import holder
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.reporting.review import Made, Review, Spent, Stock
from crewboard.coordination.standup import Said
from crewboard.coordination.tasks import State, Task
from crewboard.coordination.views import words
from crewboard.coordination.views.board import column
from crewboard.coordination.views.books import REVIEW, Books, is_blocked
from crewboard.coordination.views.look import Look, Window
from crewboard.coordination.views.standups import asks, blockers, done

_COUNTED = (Column.DONE, Column.IN_PROGRESS, Column.BACKLOG, Column.BLOCKED)
_WAITING = "Waiting on decisions"


@dataclass(frozen=True)
class Asked:
    """Which review is wanted. `checks` are the faults that the doctor found, `before` is the stock that
    the last review counted, `silence` how long work may go without an event before it counts as stale."""

    day: date
    window: Window
    checks: Sequence[str] = ()
    before: Stock | None = None
    silence: timedelta = timedelta(hours=24)
    missed: tuple[str, ...] = ()


def review_of(ledger: Ledger, asked: Asked) -> Review:
    """What the events of the window brought, and how the books stand now."""
    look = Look.at(ledger, asked.window)
    roles = sorted({*(task.role for task in look.books.tasks.values()), *_people(look)})
    return Review(
        day=asked.day,
        since=asked.window.since,
        until=asked.window.until,
        stock=Stock(asked.day, _stock(look.books)),
        before=asked.before,
        done=tuple(_done(look)),
        made=tuple(_made(look)),
        decisions=tuple(said for name in roles for said in asks(look.books, name)),
        blockers=tuple(said for name in roles for said in blockers(look, name)),
        stale=tuple(_stale(ledger, look, asked.silence)),
        spent=tuple(_spent(look)),
        failing=tuple(asked.checks),
        memory=tuple(_memory(look)),
        missed=asked.missed,
        seq=look.told,
    )


def _people(look: Look) -> set[str]:
    """Who asks or sent what, without being the role of a task."""
    return {each.asked_by for each in look.books.decisions} | {sender for sender, _ in look.lost}


def _stock(books: Books) -> dict[str, int]:
    cards = Counter(column(books, task) for task in books.tasks.values() if task.kind != REVIEW)
    counts = {each.value.partition(" ")[2]: cards[each] for each in _COUNTED}
    return {**counts, _WAITING: len(books.open_decisions())}


def _done(look: Look) -> Iterator[Said]:
    told = (done(event, look.books) for event in look.events if event.kind == "task.moved")
    yield from dict.fromkeys(said for said in told if said)


def _made(look: Look) -> Iterator[Made]:
    """One line for each artifact registered in the window, the same bytes once."""
    keys = {
        (e.task, e.data["name"], e.data["sha256"]) for e in look.events if e.kind == "artifact.made"
    }
    for made in look.books.artifacts:
        if (made.task, made.name, made.sha256) not in keys:
            continue
        verdict = look.books.verdict(made)
        rows = words.rows(made.rows, made.manifest.get("accounting"))
        judged = verdict.judgement if verdict else ""
        yield Made(made.name, made.path, made.sha256, rows, judged, made.task)


def _stale(ledger: Ledger, look: Look, silence: timedelta) -> Iterator[Said]:
    """Work that a dead crew holds, and work of which nothing was heard for `silence`."""
    alive = holder(ledger.path.with_name("crew.lock")) is not None
    with ledger.read() as tx:
        lease = tx.one("get_lease", name="crew")
        heard = {row["task"]: row["at"] for row in tx.run("last_heard")}
    fence = lease["fence"] if alive and lease else None
    for task in look.books.tasks.values():
        since = parse_stamp(max(heard.get(task.id, ""), task.created))
        if task.holder is not None and task.holder != fence and not task.ended:
            yield Said(f"«{task.title}» is held by a crew that is dead", task.id, since=since)
        elif _working(look.books, task) and look.window.until - since >= silence:
            yield Said(f"«{task.title}» ({task.role}): no event", task.id, since=since)


def _working(books: Books, task: Task) -> bool:
    """Whether somebody should be on it: not a goal, whose steps speak for it, and not what waits on
    people, which stands among the decisions and blockers."""
    at_work = task.state is State.WORKING and task.kind != "goal" and not is_blocked(task)
    return at_work and not books.held_by(task.id)


def _spent(look: Look) -> Iterator[Spent]:
    """The days (UTC) against their cap, and every goal that is open or moved, where it has money."""
    moved = {event.goal for event in look.events}
    days = sorted({event.at[:10] for event in look.events} | {stamp(look.window.until)[:10]})
    scopes = {f"day:{day}": day for day in days}
    for task in look.books.tasks.values():
        if task.kind == "goal" and (not task.ended or task.id in moved):
            scopes[f"goal:{task.id}"] = f"«{task.title}»"
    for scope, what in scopes.items():
        found = look.books.budgets.get(scope)
        if found and (found.spent or found.reserved or found.ceiling):
            yield Spent(what, found.spent, found.reserved, found.ceiling)


def _memory(look: Look) -> Iterator[str]:
    for event in look.events:
        if event.kind == "memory.curated":
            yield event.data["says"]
