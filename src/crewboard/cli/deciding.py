"""`crewboard decisions`, `approve`, `reject`: what waits for a human, and the human's answer."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crewboard.cli.options import find_workspace, in_workspace, option, reading

if TYPE_CHECKING:
    from crewboard.coordination.decisions import Decision
    from crewboard.coordination.tasks import Task
    from crewboard.coordination.workspace import Workspace


@click.command("decisions")
@option(
    "--all",
    "everything",
    envvar="CREWBOARD_DECISIONS_ALL",
    is_flag=True,
    help="Also what was answered.",
)
@reading
def show(workspace: Path | None, *, everything: bool, as_json: bool) -> None:
    """What waits for you, and the commands that answer it."""
    from crewboard.cli import account, facts
    from crewboard.cli.terminal import document, out
    from crewboard.coordination import decisions

    with find_workspace(workspace).ledger().read() as tx:
        found = decisions.everything(tx) if everything else facts.open_decisions(tx)
    told = [facts.of_decision(decision) for decision in found]
    if as_json:
        document({"decisions": told})
        return
    for each in told:
        if each["state"] in {"open", "overdue"}:
            account.tell_decision(each)
        else:
            _tell_answered(each)
    if not told:
        out("No decision waits.")


@click.command
@click.argument("decision", metavar="D-ID")
@option("--choose", metavar="OPTION", help="The option; may be left out where there is only one.")
@option("--note", default="", help="Why; it is kept with the answer.")
@in_workspace
def approve(decision: str, workspace: Path | None, choose: str | None, note: str) -> None:
    """Answer a decision, as the human who is logged in here."""
    _answer(decision, workspace, choose, note)


@click.command
@click.argument("decision", metavar="D-ID")
@option("--note", required=True, help="Why; it is kept with the answer.")
@in_workspace
def reject(decision: str, workspace: Path | None, note: str) -> None:
    """Refuse what a decision asks for.

    The task that asked is told so, with your note.
    """
    from crewboard.coordination.decisions import DENY

    _answer(decision, workspace, DENY, note)


def _answer(given: str, workspace: Path | None, choice: str | None, note: str) -> None:
    from crewboard.cli.ids import decision_id
    from crewboard.cli.showing import show_board
    from crewboard.coordination import decisions, tasks
    from crewboard.coordination.decisions import Answer
    from crewboard.coordination.settings import Settings
    from crewboard.coordination.workspace import human

    place = find_workspace(workspace)
    rulebook = Settings.load(place.config).rulebook()
    ledger = place.ledger()
    with ledger.write() as tx:
        asked = decisions.get(tx, decision_id(tx, given))
        task = tasks.get(tx, asked.task)
        _refuse_moot(asked, task)
        _refuse_agent(asked)
        answer = Answer(choice or _only_option(asked), human(), "cli", note)
        decided = rulebook.answer(tx, asked.id, answer)
    show_board(place, ledger)
    _tell(place, decided, task)


def _only_option(asked: "Decision") -> str:
    from crewboard.errors import DecisionUnanswerable

    if len(asked.options) == 1:
        return asked.options[0].name
    names = ", ".join(option.name for option in asked.options)
    raise DecisionUnanswerable(decision=asked.id, reason=f"--choose one of {names}")


def _refuse_moot(asked: "Decision", task: "Task") -> None:
    from crewboard.errors import DecisionUnanswerable

    if asked.choice is None and task.ended:
        reason = f"its task {task.id} has ended ({task.state})"
        raise DecisionUnanswerable(decision=asked.id, reason=reason)


def _refuse_agent(asked: "Decision") -> None:
    """A process that an agent's job started bears a mark, and speaks for no human."""
    import os

    from crewboard.errors import ApproverNotAllowed

    if os.environ.get("CREWBOARD_AGENT"):
        raise ApproverNotAllowed(
            approver="A process of an agent's job (CREWBOARD_AGENT is set)",
            decision=asked.id,
            reason="an agent never answers a question of the crew",
            owner=asked.owner,
        )


def _tell(place: "Workspace", decided: "Decision", task: "Task") -> None:
    from crewboard.cli.terminal import line, out
    from crewboard.coordination.lease import holder

    out(f"{decided.id}: {line(decided.decided_by)} chose {line(decided.choice)}")
    moved = "is told so" if decided.state == "rejected" else "goes on"
    pid = holder(place.crew_lock)
    if pid is None:
        out(f"{task.id} «{line(task.title)}» {moved} once a crew works: crewboard resume")
    else:
        out(f"{task.id} «{line(task.title)}» {moved}: the crew (process {pid}) takes it up")


def _tell_answered(told: dict[str, object]) -> None:
    from crewboard.cli.terminal import line, out

    if told["choice"] is None:
        out(f"  {line(told['state']):<10} {told['id']}: {line(told['question'])}")
        return
    out(f"  answered   {told['id']}: {line(told['question'])}")
    note = f" ({line(told['note'])})" if told["note"] else ""
    who = f"{line(told['decided_by'])}, via {told['via']}, {told['decided']}"
    out(f"             {line(told['choice'])}{note}: {who}")
