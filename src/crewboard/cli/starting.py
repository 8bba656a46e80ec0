"""`crewboard start`, `resume` and `cancel`: goals in, crews at work, goals out."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from crewboard.cli import exits
from crewboard.cli.options import find_workspace, in_workspace, option, with_json


@click.command
@click.argument("goal")
@option("--pipeline", metavar="NAME", help="The plan to follow: see `crewboard pipelines`.")
@option("--data", multiple=True, type=click.Path(), metavar="FILE", help="Raw rows; repeatable.")
@option(
    "--set",
    "pairs",
    envvar="CREWBOARD_START_SET",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter; repeatable.",
)
@option("--budget", metavar="USD", help="The most that the goal may cost.")
@option("--model", metavar="PROVIDER/MODEL", help="Who thinks: see `crewboard models`.")
@option("--wait/--detach", default=True, help="Stay and tell, or work in the background.")
@with_json
@in_workspace
def start(workspace: Path | None, *, wait: bool, as_json: bool, **given: Any) -> int:
    """State a GOAL, and have a crew carry it out.

    For instance: crewboard start "Clean these rows and fine-tune" --data raw.jsonl --budget 5

    Ends with 0 when the goal is done, 3 when a decision waits for you, 4 when you have to do something
    outside of the crew, 5 when it failed.
    """
    from crewboard.cli.wish import Wish, state, understood

    place = find_workspace(workspace)
    asked = understood(place, Wish(**given))
    goal = state(place, asked)
    if wait:
        return _see_through(place, goal, as_json=as_json)
    return _detach(place, goal, as_json=as_json)


@click.command
@option("--stay", is_flag=True, help="Wait for answers too, until every goal has ended.")
@with_json
@in_workspace
def resume(workspace: Path | None, *, stay: bool, as_json: bool) -> int:
    """Take up everything unfinished, wherever it stopped."""
    from crewboard.cli import account, outcome
    from crewboard.cli.running import watching
    from crewboard.cli.showing import caught_up
    from crewboard.cli.terminal import document, out

    place = caught_up(find_workspace(workspace))
    with watching(place, None) as watch:
        goals = watch.open_goals
        if goals:
            watch.run(stay=stay)
    with place.ledger().read() as tx:
        told = [account.account(tx, place, goal) for goal in goals]
        codes = [outcome.exit_code(tx, goal) for goal in goals]
    if as_json:
        document({"goals": told})
    elif not goals:
        out("Nothing waits to be taken up.")
    else:
        for each in told:
            account.tell(each)
    return _interrupted() if watch.stop.asked else outcome.worst(codes)


@click.command
@click.argument("task", metavar="TASK|GOAL")
@option("--note", default="", help="Why; it is kept.")
@in_workspace
def cancel(task: str, workspace: Path | None, note: str) -> None:
    """Cancel a task or a goal, and everything below it.

    A tool at work on it hears of it.
    """
    from crewboard.cli.ids import find_task
    from crewboard.cli.showing import show_board
    from crewboard.cli.terminal import line, out
    from crewboard.coordination import tasks
    from crewboard.coordination.workspace import human
    from crewboard.errors import TaskEnded

    place = find_workspace(workspace)
    ledger = place.ledger()
    with ledger.write() as tx:
        found = find_task(tx, task)
        if found.ended:
            raise TaskEnded(task=found.id, state=found.state)
        cancelled = tasks.cancel(tx, found, human(), note)
    show_board(place, ledger)
    out(f"cancelled {found.id} «{line(found.title)}» and {len(cancelled) - 1} below it")


def _see_through(place: Any, goal: str, *, as_json: bool) -> int:
    from crewboard.cli import account
    from crewboard.cli.running import see_through, watching
    from crewboard.cli.terminal import ReaderGone, document

    with watching(place, goal) as watch:
        see_through(watch)
    with place.ledger().read() as tx:
        told = account.account(tx, place, goal)
    with suppress(ReaderGone):  # the goal stands as it stands, whoever listens
        document(told) if as_json else account.tell(told)
    code: int = told["exit_code"]
    return _interrupted() if watch.stop.asked else code


def _detach(place: Any, goal: str, *, as_json: bool) -> int:
    from crewboard.cli.background import crew_in_background
    from crewboard.cli.terminal import document, out, talk

    process = crew_in_background(place)
    if as_json:
        document({"goal": goal, "pid": process, "log": str(place.log)})
        return exits.DONE
    out(goal)
    talk(
        f"the crew works in the background (process {process}); follow it with "
        "`crewboard events --follow` or `crewboard status`"
    )
    return exits.DONE


def _interrupted() -> int:
    from crewboard.cli.terminal import complain

    complain("interrupted; everything is kept. Go on with `crewboard resume`.")
    return exits.INTERRUPTED
