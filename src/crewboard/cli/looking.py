"""`crewboard status`, `tasks`: how things stand."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crewboard.cli.options import find_workspace, option, reading

if TYPE_CHECKING:
    from crewboard.cli.facts import Facts


@click.command
@option(
    "--all",
    "everything",
    envvar="CREWBOARD_STATUS_ALL",
    is_flag=True,
    help="Also goals that have ended.",
)
@reading
def status(workspace: Path | None, *, everything: bool, as_json: bool) -> None:
    """What needs you, what is blocked, who works on what."""
    from crewboard.cli import facts
    from crewboard.cli.showing import caught_up
    from crewboard.cli.terminal import document
    from crewboard.coordination import tasks
    from crewboard.coordination.lease import holder

    place = caught_up(find_workspace(workspace))
    with place.ledger().read() as tx:
        goals = [goal for goal in tasks.goals(tx) if everything or not goal.ended]
        last = None if goals else next(iter(reversed(tasks.goals(tx))), None)
        told = {
            "workspace": str(place.root),
            "crew": facts.crew(holder(place.crew_lock)),
            "needs_you": [facts.of_decision(d) for d in facts.open_decisions(tx)],
            "blocked": [facts.of_task(t) for t in facts.blocked(tx)],
            "goals": [facts.of_goal(tx, goal) for goal in goals],
            "last_goal": facts.of_goal(tx, last) if last else None,
            "at": tx.at,
        }
    if as_json:
        document(told)
    else:
        _tell_status(told)


@click.command("tasks")
@option("--goal", metavar="GOAL", help="Of this goal only.")
@reading
def show_tasks(workspace: Path | None, goal: str | None, *, as_json: bool) -> None:
    """All tasks: state, who does them, what they wait on."""
    from crewboard.cli import facts
    from crewboard.cli.ids import find_goal
    from crewboard.cli.showing import caught_up
    from crewboard.cli.terminal import document, out, table
    from crewboard.coordination import tasks

    with caught_up(find_workspace(workspace)).ledger().read() as tx:
        found = tasks.of_goal(tx, find_goal(tx, goal).id) if goal else tasks.everything(tx)
    told = [facts.of_task(task) for task in found]
    if as_json:
        document({"tasks": told})
    elif told:
        heads = ("id", "goal", "role", "state", "waits on", "title")
        table(
            (
                (t["id"], t["goal"], t["role"], t["state"].lower(), t["waits"] or "", t["title"])
                for t in told
            ),
            heads,
        )
    else:
        out("There is no task yet.")


def _tell_status(told: "Facts") -> None:
    from crewboard.cli.account import tell_blocked, tell_decision
    from crewboard.cli.terminal import out

    for decision in told["needs_you"]:
        tell_decision(decision)
    for task in told["blocked"]:
        tell_blocked(task)
    for goal in told["goals"]:
        _tell_goal(goal, told["at"], told["crew"]["alive"])
    if not told["goals"]:
        out("No goal is open.")
        if told["last_goal"]:
            _tell_goal(told["last_goal"], told["at"], told["crew"]["alive"])
    crew = told["crew"]
    if crew["alive"]:
        out(f"crew: process {crew['pid']} is at work")
    elif told["goals"]:
        out("crew: none is at work; `crewboard resume` takes up what is open")
    else:
        out("crew: none is at work")


def _tell_goal(goal: "Facts", now: str, alive: bool) -> None:  # noqa: FBT001 - one fact
    from crewboard.cli.account import tell_cost, tell_held_back
    from crewboard.cli.terminal import line, out

    steps = goal["steps"]
    state = goal["state"].lower().replace("_", " ")
    out(
        f"{goal['id']}  {state}, {steps['done']} of {steps['total']} steps  «{line(goal['title'])}»"
    )
    for task in goal["at_work_on"]:
        for_ = _age(task["updated"], now)
        stale = "" if alive else " (its crew is gone)"
        out(f"       {task['role']} on {task['id']} «{line(task['title'])}» for {for_}{stale}")
    for task in goal["held_back"]:
        tell_held_back(task)
    out(f"       cost {tell_cost(goal['cost'])}")


def _age(since: str, now: str) -> str:
    from crewboard.clock import parse_stamp

    seconds = max(0, int((parse_stamp(now) - parse_stamp(since)).total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
