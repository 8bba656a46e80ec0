"""The board as the ledger sees it: one card for each goal, step and decision."""

from collections.abc import Iterable
from datetime import datetime

from crewboard.clock import parse_stamp
from crewboard.coordination.artifacts import Artifact
from crewboard.coordination.board import (
    Blocker,
    BoardView,
    Card,
    Column,
    Evidence,
)
from crewboard.coordination.board.wording import minute
from crewboard.coordination.budget import usd
from crewboard.coordination.marks import CardMark
from crewboard.coordination.tasks import Pause, State, Task
from crewboard.coordination.verdicts import WAIVED, Verdict
from crewboard.coordination.views import words
from crewboard.coordination.views.asked import decision_cards
from crewboard.coordination.views.books import REVIEW, Books, is_blocked, is_withdrawn


def board_view(books: Books, title: str, synced: datetime) -> BoardView:
    """Everything that the crew has to say on the board, in the order in which it came up. What people
    took off it is not said again."""
    shown = [
        each for each in books.tasks.values() if each.kind != REVIEW and not _hidden(books, each.id)
    ]
    asked = [each for each in books.decisions if not _hidden(books, each.id)]
    cards = tuple(_card(books, each) for each in shown)
    return BoardView(title, synced, cards, tuple(decision_cards(books, asked)))


def column(books: Books, task: Task) -> Column:
    if is_withdrawn(books, task):
        return Column.WITHDRAWN
    if task.paused and not task.ended:
        return Column.WITHDRAWN if task.paused.gone else Column[task.paused.column]
    if is_blocked(task):
        return Column.BLOCKED
    if task.state is State.COMPLETED:
        return Column.DONE
    return Column.BACKLOG if task.state is State.SUBMITTED else Column.IN_PROGRESS


def _hidden(books: Books, card: str) -> bool:
    return card in books.marks and books.marks[card].hidden


def _card(books: Books, task: Task) -> Card:
    home = column(books, task)
    marked = books.marks.get(task.id, CardMark(task.id))
    return Card(
        id=task.id,
        title=task.title,
        column=home,
        owner=task.role,
        status=status(books, task),
        details=tuple(_details(books, task)),
        evidence=tuple(_evidence(books, made) for made in _proof(books, task)),
        blocker=_blocker(books, task),
        adopts=str(task.spec.get("card", "")),
        says=marked.says if marked.at >= task.updated else "",
        lane=marked.lane if marked.home == home.name else "",
    )


def status(books: Books, task: Task) -> str:
    """What a card says beside its title: how far it is, and what it waits on."""
    facts = [_progress(books, task), _now(books, task)]
    return ", ".join(fact for fact in facts if fact)


def _progress(books: Books, task: Task) -> str:
    steps = books.steps(task.id)
    done = sum(step.state is State.COMPLETED for step in steps)
    return f"{done} of {len(steps)} steps" if steps else ""


def _now(books: Books, task: Task) -> str:
    if task.ended or is_blocked(task):
        return ""
    if task.paused:
        return f"held back by {task.paused.by.removeprefix('human:')}"
    return _needs(books, task) if task.state is State.SUBMITTED else _at_work(books, task)


def _at_work(books: Books, task: Task) -> str:
    held = " and ".join(each.id for each in books.held_by(task.id))
    if task.waits == REVIEW:
        return f"in review, which waits on {held}" if held else "in review"
    if held:
        return f"waits on {held}"
    if answer := books.answer(task.id):
        return f"answered: {answer.choice}"
    if task.waits == "retry" and task.not_before:
        return f"try {task.attempts + 1} at {minute(parse_stamp(task.not_before))}"
    return "" if books.steps(task.id) else "working"


def _needs(books: Books, task: Task) -> str:
    done = {step.step for step in books.steps(task.goal) if step.state is State.COMPLETED}
    needs = [name for name in task.spec.get("needs", ()) if name not in done]
    return f"after {', '.join(needs)}" if needs else ""


def _details(books: Books, task: Task) -> Iterable[str]:
    if task.kind == "goal":
        yield from _spending(books, task)
    elif cost := books.costs.get(task.id):
        yield f"cost {usd(cost.actual)} USD, estimated {usd(cost.estimate)}"
    if task.state is State.COMPLETED and (answer := books.answer(task.id)):
        yield f"{answer.choice}, decided by {answer.decided_by} via {answer.via} ({answer.id})"


def _spending(books: Books, goal: Task) -> Iterable[str]:
    """A goal's money, where it has any: spent and set aside, against its ceiling."""
    found = books.budgets.get(f"goal:{goal.id}")
    if found is None or not (found.spent or found.reserved or found.ceiling):
        return
    limit = f" of {usd(found.ceiling)}" if found.ceiling is not None else ""
    reserved = f", {usd(found.reserved)} reserved" if found.reserved else ""
    yield f"spent {usd(found.spent)}{limit} USD{reserved}"


def _proof(books: Books, task: Task) -> Iterable[Artifact]:
    """What a task made; for a goal that was reached, what the last of its steps made."""
    yield from books.made(task.id)
    if task.state is State.COMPLETED:
        steps = books.steps(task.id)
        needed = {name for step in steps for name in step.spec.get("needs", ())}
        for step in steps:
            if step.step not in needed:
                yield from books.made(step.id)


def _evidence(books: Books, made: Artifact) -> Evidence:
    verdict = books.verdict(made)
    rows = words.rows(made.rows, made.manifest.get("accounting"))
    return Evidence(made.path, made.sha256, rows, _judgement(verdict) if verdict else "")


def _judgement(verdict: Verdict) -> str:
    """The word, and for a waiver who gave it and why: that is its last finding."""
    if verdict.judgement == WAIVED and verdict.findings:
        return f"{WAIVED}, {verdict.findings[-1]}"
    return verdict.judgement


def _blocker(books: Books, task: Task) -> Blocker | None:
    reason = task.reason
    if task.paused and task.paused.column == Column.BLOCKED.name and not task.ended:
        return _paused(task.paused)
    if reason is None or not is_blocked(task):
        return None
    return Blocker(reason.cause, reason.owner, reason.tried, reason.needed, books.since[task.id])


def _paused(pause: Pause) -> Blocker:
    who = pause.by.removeprefix("human:")
    needed = "move it to In Progress to go on, or delete it to cancel"
    return Blocker(
        f"paused by {who} on the board", who, "nothing meanwhile", needed, parse_stamp(pause.at)
    )
