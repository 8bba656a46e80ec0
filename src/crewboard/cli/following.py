"""`crewboard events` and `logs`: what happened, in order."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crewboard.cli import exits
from crewboard.cli.options import find_workspace, option, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crewboard.cli.facts import Facts
    from crewboard.cli.progress import Names
    from crewboard.coordination.ledger import Event, Ledger
    from crewboard.coordination.workspace import Workspace

_LOOK_S = 0.25
_TAIL_BYTES = 16_384
_TAIL_LINES = 40


@click.command
@option("--goal", metavar="GOAL", help="Of this goal only.")
@option("--task", metavar="TASK", help="Of this task only.")
@option(
    "--since", metavar="WHEN", help="An event's number, an instant, or so long ago: 30m, 2h, 1d."
)
@option("--follow", is_flag=True, help="Go on with what happens from now on; ends with Ctrl-C.")
@reading
def events(
    workspace: Path | None, *, follow: bool, as_json: bool, since: str | None, **of: str | None
) -> int:
    """What happened, one line an event.

    With --follow, --json gives JSON Lines.
    """
    from crewboard.cli.progress import Names, after
    from crewboard.cli.terminal import document

    ledger = find_workspace(workspace).ledger()
    wanted = _Wanted.of(ledger, since, of)
    if as_json and not follow:
        found = [vars(event) for event in after(ledger, wanted.first) if wanted.fits(event)]
        document({"events": found})
        return exits.DONE
    seen, names = wanted.first, Names(ledger)
    try:
        while True:
            for event in after(ledger, seen):
                seen = event.seq
                if wanted.fits(event):
                    _tell(names, event, as_json=as_json)
            if not follow:
                return exits.DONE
            time.sleep(_LOOK_S)
    except KeyboardInterrupt:  # the way in which following ends
        return exits.INTERRUPTED


@click.command
@click.argument("task", metavar="TASK")
@reading
def logs(task: str, workspace: Path | None, *, as_json: bool) -> None:
    """One task: its events, what it made, its jobs' output."""
    from crewboard.cli import account, facts
    from crewboard.cli.ids import find_task
    from crewboard.cli.progress import Names
    from crewboard.cli.terminal import document
    from crewboard.coordination.ledger import Event

    place = find_workspace(workspace)
    ledger = place.ledger()
    with ledger.read() as tx:
        found = find_task(tx, task)
        happened = [Event.of(row) for row in tx.run("events_of_task", task=found.id)]
        made = [a for a in account.artifacts(tx, found.goal) if a["task"] == found.id]
    told: Facts = {
        "task": facts.of_task(found),
        "events": [vars(event) for event in happened],
        "artifacts": made,
        "jobs": list(_job_logs(place, found.id)),
    }
    if as_json:
        document(told)
    else:
        _tell_logs(Names(ledger), told, happened)


def _tell_logs(names: "Names", told: "Facts", happened: "list[Event]") -> None:
    from crewboard.cli import account
    from crewboard.cli.terminal import line, out, safe

    task = told["task"]
    out(f"{task['id']} «{line(task['title'])}»: {task['state'].lower()}, {line(task['role'])}")
    if task["reason"]:
        account.tell_blocked(task)
    for event in happened:
        _tell(names, event, as_json=False)
    for artifact in told["artifacts"]:
        account.tell_artifact(artifact)
    for job in told["jobs"]:
        out(f"--- the end of {line(job['path'])}")
        for text in job["tail"]:
            out(safe(text))


def _job_logs(place: "Workspace", task: str) -> "Iterator[dict[str, object]]":
    for path in sorted(place.job_folder(task, ".").glob("*/log.txt")):
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
        yield {"path": str(path), "tail": text.splitlines()[-_TAIL_LINES:]}


@dataclass(frozen=True)
class _Wanted:
    """Which events: after number `first`, not before `instant`, of one goal or task."""

    first: int
    instant: str
    goal: str | None
    task: str | None

    @classmethod
    def of(cls, ledger: "Ledger", since: str | None, named: "dict[str, str | None]") -> "_Wanted":
        from crewboard.cli.ids import find_goal, find_task
        from crewboard.cli.moments import moment
        from crewboard.clock import stamp

        with ledger.read() as tx:
            goal = find_goal(tx, named["goal"]).id if named["goal"] else None
            task = find_task(tx, named["task"]).id if named["task"] else None
        if since is None or since.isdecimal():
            return cls(int(since or 0), "", goal, task)
        return cls(0, stamp(moment(since, ledger.clock.now())), goal, task)

    def fits(self, event: "Event") -> bool:
        of = self.goal in {None, event.goal} and self.task in {None, event.task}
        return of and event.at >= self.instant


def _tell(names: "Names", event: "Event", *, as_json: bool) -> None:
    from crewboard.cli.terminal import flush, json_line, line, out
    from crewboard.cli.words import words

    if as_json:
        json_line(vars(event))
        return
    out(f"{event.seq:>5} {event.at} {line(event.actor)}: {line(words(event, names.known(event)))}")
    flush()
