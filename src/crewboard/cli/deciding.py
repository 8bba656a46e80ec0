"""`crewboard decisions`, `approve`, `reject`, `revoke`: what waits for a human, and the human's answer."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crewboard.cli.options import find_workspace, in_workspace, option, reading
from crewboard.clock import parse_stamp

if TYPE_CHECKING:
    from crewboard.coordination.decisions import Decision
    from crewboard.coordination.ledger import Transaction
    from crewboard.coordination.policy import Rulebook
    from crewboard.coordination.tasks import Task
    from crewboard.coordination.workspace import Workspace


@click.command("decisions")
@option(
    "--all",
    "everything",
    envvar="CREWBOARD_DECISIONS_ALL",
    is_flag=True,
    help="Also what was answered, and what was revoked.",
)
@option("--standing", is_flag=True, help="The answers that were given for always.")
@option("--stats", is_flag=True, help="How you answer, and the rules that would follow from it.")
@reading
def show(workspace: Path | None, *, as_json: bool, **which: bool) -> None:
    """What waits for you, and the commands that answer it."""
    from crewboard.cli import decided
    from crewboard.cli.showing import caught_up

    place = caught_up(find_workspace(workspace))
    if which["stats"]:
        decided.tell_stats(place, as_json=as_json)
    elif which["standing"]:
        decided.tell_standing(place, as_json=as_json)
    else:
        decided.tell(place, everything=which["everything"], as_json=as_json)


@click.command
@click.argument("decision", metavar="D-ID")
@option("--choose", metavar="OPTION", help="The option; may be left out where there is only one.")
@option("--note", default="", help="Why; it is kept with the answer.")
@option("--alike", is_flag=True, help="Also every open question that asks for exactly the same.")
@option("--always", is_flag=True, help="Whenever exactly this is asked again; needs --until.")
@option("--until", metavar="DATE", help="Until when --always holds: 2026-12-01, or 30d from now.")
@in_workspace
def approve(decision: str, workspace: Path | None, **given: Any) -> None:
    """Answer a decision, as the human who is logged in here."""
    from crewboard.errors import OptionInvalid

    if given["always"] != bool(given["until"]):
        raise OptionInvalid(
            option="--until", value=given["until"] or "", reason="--always and --until go together"
        )
    _answer(decision, workspace, _Given(**given))


@click.command
@click.argument("decision", metavar="D-ID")
@option("--note", required=True, help="Why; it is kept with the answer.")
@in_workspace
def reject(decision: str, workspace: Path | None, note: str) -> None:
    """Refuse what a decision asks for.

    The task that asked is told so, with your note.
    """
    from crewboard.coordination.decisions import DENY

    _answer(decision, workspace, _Given(DENY, note))


@click.command
@click.argument("decision", metavar="D-ID")
@option("--note", required=True, help="Why; it is kept with the answer.")
@option("--standing", is_flag=True, help="Only end what was answered for always.")
@in_workspace
def revoke(decision: str, workspace: Path | None, note: str, *, standing: bool) -> None:
    """Take an answer back.

    What it allowed and nobody has done is asked anew; what was done is put to you as a question.
    """
    from crewboard.cli import decided
    from crewboard.cli.ids import decision_id
    from crewboard.cli.showing import show_board
    from crewboard.coordination import decisions
    from crewboard.coordination.deciding import revocation
    from crewboard.coordination.deciding.revocation import Revocation
    from crewboard.coordination.settings import Settings
    from crewboard.coordination.verdicts import workspace_key
    from crewboard.coordination.workspace import human

    place = find_workspace(workspace)
    rulebook = Settings.load(place.config).rulebook()
    ledger = place.ledger()
    given = Revocation(human(), note, workspace_key(place.state / "key"))
    with ledger.write() as tx:
        asked = decisions.get(tx, decision_id(tx, decision))
        _refuse_agent(asked)
        if standing:
            revocation.end_standing(tx, rulebook, asked.id, given)
        else:
            found = revocation.revoke(tx, rulebook, asked.id, given)
    show_board(place, ledger)
    if standing:
        decided.tell_ended(asked)
    else:
        decided.tell_revoked(found)


@dataclass(frozen=True)
class _Given:
    """What stands on the line of an answer."""

    choose: str | None
    note: str
    alike: bool = False
    always: bool = False
    until: str | None = None


def _answer(name: str, workspace: Path | None, given: _Given) -> None:
    from crewboard.cli.ids import decision_id
    from crewboard.cli.showing import show_board
    from crewboard.coordination import decisions
    from crewboard.coordination.deciding import inbox
    from crewboard.coordination.settings import Settings

    place = find_workspace(workspace)
    rulebook = Settings.load(place.config).rulebook()
    ledger = place.ledger()
    with ledger.write() as tx:
        asked = decisions.get(tx, decision_id(tx, name))
        same = [asked]
        if given.alike:
            signature = inbox.signature_of(asked)
            same += [
                each
                for each in decisions.waiting(tx)
                if each.id != asked.id and inbox.signature_of(each) == signature
            ]
        decided = [_decide(tx, rulebook, each, given) for each in same]
    show_board(place, ledger)
    for each, task in decided:
        _tell(place, each, task)


def _decide(
    tx: "Transaction", rulebook: "Rulebook", asked: "Decision", given: _Given
) -> "tuple[Decision, Task]":
    from crewboard.coordination import tasks
    from crewboard.coordination.deciding import standing
    from crewboard.coordination.decisions import Answer
    from crewboard.coordination.workspace import human

    task = tasks.get(tx, asked.task)
    _refuse_moot(asked, task)
    _refuse_agent(asked)
    answer = Answer(given.choose or _only_option(asked), human(), "cli", given.note)
    decided = rulebook.answer(tx, asked.id, answer)
    if given.until:
        standing.keep(tx, decided, _until(given.until, parse_stamp(tx.at)))
    return decided, task


def _until(text: str, now: datetime) -> datetime:
    """`2026-12-01T09:00Z`, `2026-12-01`, or so long from `now`: `30d`, `12h`. OptionInvalid."""
    from crewboard.errors import OptionInvalid

    units = {"h": "hours", "d": "days"}
    try:
        if text[-1:] in units and text[:-1].isdecimal():
            return now + timedelta(**{units[text[-1]]: int(text[:-1])})
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise OptionInvalid(
            option="--until", value=text, reason="write 2026-12-01, 2026-12-01T09:00Z, or 30d"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


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

    if decided.waiting:
        last, has = decided.votes[-1], len(decided.approvals(decided.votes[-1].choice))
        out(
            f"{decided.id}: {line(last.signature)} approves {line(last.choice)}, "
            f"{has} of {decided.needs}: it waits for another"
        )
        return
    out(f"{decided.id}: {line(decided.decided_by)} chose {line(decided.choice)}")
    moved = "is told so" if decided.state == "rejected" else "goes on"
    pid = holder(place.crew_lock)
    if pid is None:
        out(f"{task.id} «{line(task.title)}» {moved} once a crew works: crewboard resume")
    else:
        out(f"{task.id} «{line(task.title)}» {moved}: the crew (process {pid}) takes it up")
