"""What each thing that a person did on the board does to the work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crewboard.coordination import marks, pauses, tasks
from crewboard.coordination.board.card import ID, Column
from crewboard.coordination.board.changes import Change, Did
from crewboard.coordination.bus.envelope import message_id
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.steering import giving
from crewboard.coordination.steering.giving import HUMAN, Gift
from crewboard.coordination.steering.save import Save
from crewboard.coordination.tasks import GONE, State, Task
from crewboard.memory.inert import worded

_PAUSING = {Column.BLOCKED, Column.BACKLOG}


@dataclass(frozen=True)
class Steersman:
    """Obeys the changes of one save. Each is an event first, whether it moves anything or not."""

    tx: Transaction
    save: Save
    gifts: Mapping[Change, Gift]
    roles: frozenset[str]

    def obey(self, change: Change, *, quiet: bool = False) -> None:
        """`quiet`: tell only what moves the work."""
        task = self._task(change.card)
        rule = _RULES.get(change.did)
        moves = change in self.gifts or (rule is not None and bool(ID.match(change.card)))
        if moves or not quiet:
            self._tell(change, task)
        if gift := self.gifts.get(change):
            self._give(change, gift)
        elif rule and moves:
            rule(self, change, task)

    def _tell(self, change: Change, task: Task | None) -> None:
        known = {"card": change.card, "title": change.title, "lane": change.lane}
        said = {"was": change.was, "now": change.now, **self.save.facts}
        facts = {name: value for name, value in {**known, **said}.items() if value}
        goal, about = (task.goal, task.id) if task else (None, None)
        self.tx.event(change.did.value, self.save.by, goal, about, **facts)

    def _task(self, card: str) -> Task | None:
        row = self.tx.one("get_task", id=card) if card else None
        return Task.of(row) if row else None

    def _give(self, change: Change, gift: Gift) -> None:
        line = self.save.line(change.line)
        again = message_id("card", self.save.version, change.line)
        giving.give(self.tx, self.save.by, again, gift, line)

    def moved(self, change: Change, task: Task | None) -> None:
        if task is None:
            return
        if change.column is None:
            marks.mark(self.tx, task.id, lane=change.lane, home=_home(task))
        elif task.ended:
            self._say(task, _ended(task))
        elif change.column is Column.DONE:
            self._say(task, _DONE.format(who=self._who, id=task.id))
        elif change.column in _PAUSING:
            self._hold_back(task, change.column)
        elif change.column is Column.IN_PROGRESS:
            self._go_on(task)

    def _hold_back(self, task: Task, column: Column) -> None:
        blocked = column is Column.BLOCKED and task.waits == HUMAN
        waiting = column is Column.BACKLOG and task.state is State.SUBMITTED and not task.paused
        if not blocked and not waiting:
            pauses.pause(self.tx, task, self.save.by, column.name)

    def _go_on(self, task: Task) -> None:
        pauses.resume(self.tx, task, self.save.by)
        if task.waits == HUMAN:
            tasks.wake(self.tx, task.id, f"board:{self.save.version}")
        elif task.state is State.SUBMITTED and not task.paused:
            self._say(task, "it starts by itself once what it waits on is done")

    def added(self, change: Change, task: Task | None) -> None:
        """A card that came back: its line was pasted again, or an undo restored it."""
        marks.mark(self.tx, change.card, hidden=False)
        if task is not None and task.paused and task.paused.gone:
            pauses.resume(self.tx, task, self.save.by)
        elif task is not None and change.column is not None:
            self.moved(change, task)

    def removed(self, change: Change, task: Task | None) -> None:
        """Work is held back for a day, then cancelled. What has ended is only taken off the board, and a
        question that waits for an answer comes back: no answer is one."""
        if task is not None and not task.ended:
            pauses.pause(self.tx, task, self.save.by, GONE)
        elif task is not None or self._is_settled(change.card):
            marks.mark(self.tx, change.card, hidden=True)

    def _is_settled(self, card: str) -> bool:
        row = self.tx.one("get_decision", id=card)
        return row is not None and row["state"] not in {"open", "overdue"}

    def retitled(self, change: Change, task: Task | None) -> None:
        if task is None:
            return
        self.tx.change("rename_task", id=task.id, title=worded(change.title), at=task.updated)
        wanted = giving.wanted(change.title, self.roles) if _unplanned(self.tx, task) else None
        if wanted:
            giving.amend(self.tx, task, self.save.by, Gift(wanted))
            tasks.wake(self.tx, task.id, f"board:{self.save.version}")

    def ticked(self, change: Change, task: Task | None) -> None:
        """The box of the card itself; those of options are ruled on together."""
        if task is not None and not task.ended and change.now == change.title:
            self._say(task, _DONE.format(who=self._who, id=task.id))

    def _say(self, task: Task, text: str) -> None:
        marks.mark(self.tx, task.id, says=text)

    @property
    def _who(self) -> str:
        return self.save.by.removeprefix("human:")


def _unplanned(tx: Transaction, task: Task) -> bool:
    """Whether a card's goal waits for a human before its plan: then its words are what is planned."""
    given = task.kind == "goal" and "card" in task.spec and not task.ended
    return given and task.waits == HUMAN and not tasks.children(tx, task.id)


def _home(task: Task) -> str:
    """The column that a task's state gives it, as far as a lane of people's own needs to know."""
    if task.paused:
        return task.paused.column
    if task.state in tasks.BLOCKED or task.waits == HUMAN:
        return Column.BLOCKED.name
    if task.state is State.COMPLETED:
        return Column.DONE.name
    return Column.BACKLOG.name if task.state is State.SUBMITTED else Column.IN_PROGRESS.name


def _ended(task: Task) -> str:
    return f"it ended ({task.state.lower()}) and stays so; state what is wanted as a new goal"


_DONE = (
    "{who} moved this to Done; it is done when what it makes is accepted by QA. "
    "To end it without: `crewboard cancel {id}`"
)
_Rule = Callable[[Steersman, Change, Task | None], None]
_RULES: Mapping[Did, _Rule] = {
    Did.MOVED: Steersman.moved,
    Did.ADDED: Steersman.added,
    Did.REMOVED: Steersman.removed,
    Did.RETITLED: Steersman.retitled,
    Did.TICKED: Steersman.ticked,
}
