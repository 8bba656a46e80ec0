"""What a watching person hears while a crew works: on a terminal a live line, elsewhere plain lines."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from crewboard.cli.terminal import line, talk
from crewboard.cli.words import words, worth_telling
from crewboard.clock import parse_stamp
from crewboard.coordination.ledger import Event, Ledger

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

_PAGE = 500
_EVERY_S = 10.0


class Voice(Protocol):
    """Where progress is told."""

    def say(self, text: str) -> None: ...

    def working(self, task: str, text: str) -> None:
        """How far a tool is. Told often: the voice passes on what a person can follow."""
        ...


class Plain:
    """Lines on stderr; a tool's progress every ten seconds at most."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def say(self, text: str) -> None:
        talk(text)

    def working(self, task: str, text: str) -> None:
        now = time.monotonic()
        if now - self._told.setdefault(task, now) >= _EVERY_S:
            self._told[task] = now
            talk(text)


class Live:
    """Lines above one that moves."""

    def __init__(self, console: "Console", status: "Status") -> None:
        self._console, self._status = console, status

    def say(self, text: str) -> None:
        self._console.print(line(text), markup=False, highlight=False, soft_wrap=True)

    def working(self, task: str, text: str) -> None:
        from rich.text import Text

        del task
        self._status.update(Text(line(text, 100)))


@contextmanager
def voice() -> Iterator[Voice]:
    if not sys.stderr.isatty():
        yield Plain()
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("the crew works") as status:
        yield Live(console, status)


class Names:
    """What tasks are called, and which are reviews; read again when an unknown one turns up."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._titles: dict[str, str] = {}
        self._reviews: set[str] = set()

    def known(self, event: Event) -> dict[str, str]:
        """The titles, the event's own among them."""
        if event.task and event.task not in self._titles:
            with self._ledger.read() as tx:
                rows = tx.run("all_tasks")
            self._reviews |= {row["id"] for row in rows if row["kind"] == "review"}
            self._titles.update({row["id"]: row["title"] for row in rows})
        return self._titles

    def routine(self, event: Event) -> bool:
        """A review that begins or ends: its verdict is told."""
        self.known(event)
        ends = event.data.get("state") in {"WORKING", "COMPLETED"} and not event.data.get("waits")
        return event.kind == "task.moved" and event.task in self._reviews and ends

    def title(self, task: str) -> str:
        return self._titles.get(task, task)


class Reporter:
    """Tells new events, and what tools report in between. `told` may be called from every thread."""

    def __init__(self, ledger: Ledger, say: Voice) -> None:
        self._ledger, self._voice = ledger, say
        self._names = Names(ledger)
        self._lock = threading.Lock()
        self._seen = last_seq(ledger)

    def catch_up(self) -> None:
        """Tell what was written since the last time."""
        for event in after(self._ledger, self._seen):
            self._seen = event.seq
            if worth_telling(event) and not self._names.routine(event):
                self._voice.say(self._worded(event))

    def told(self, task: str, done: int, total: int | None, note: str) -> None:
        """The crew's callback for tools at work."""
        count = f"{done:,} of {total:,}" if total else f"{done:,}"
        with self._lock:
            title = self._names.title(task)
            self._voice.working(task, f"{title}: {count}{f' ({note})' if note else ''}")

    def _worded(self, event: Event) -> str:
        told = words(event, self._names.known(event))
        return f"{event.at[11:19]} {event.actor}: {told}{self._pause(event)}"

    def _pause(self, event: Event) -> str:
        if event.data.get("waits") != "retry":
            return ""
        with self._ledger.read() as tx:
            row = tx.one("get_task", id=event.task)
        if row is None or row["not_before"] is None:
            return ""
        seconds = (parse_stamp(row["not_before"]) - parse_stamp(event.at)).total_seconds()
        return f" (again in {max(seconds, 0):.0f} s)"


def after(ledger: Ledger, seq: int) -> Iterator[Event]:
    """The events after `seq`, page by page; between pages others may write."""
    while True:
        with ledger.read() as tx:
            rows = tx.run("events_after", seq=seq, count=_PAGE)
        for row in rows:
            event = Event.of(row)
            seq = event.seq
            yield event
        if len(rows) < _PAGE:
            return


def last_seq(ledger: Ledger) -> int:
    with ledger.read() as tx:
        row = tx.one("last_event")
    return int(row["seq"]) if row else 0
