"""`crewboard standup`, `notes`, `recall`: what the crew reports and remembers."""

from datetime import UTC, datetime
from pathlib import Path

import click

from crewboard.cli.options import find_workspace, option, reading


@click.command
@option("--agent", metavar="ROLE", help="Of this role only.")
@option(
    "--date",
    "day",
    envvar="CREWBOARD_STANDUP_DATE",
    metavar="YYYY-MM-DD",
    help="Of this day (UTC).",
)
@option("--since", metavar="WHEN", help="From this instant, or so long ago: 30m, 2h, 1d.")
@option("--write", is_flag=True, help="Put it on top of STANDUPS.md; the next one begins there.")
@option(
    "--part",
    type=click.Choice(["morning", "evening"]),
    help="Which of the day's it is; by the hour if not said.",
)
@option("--log", is_flag=True, help="Read STANDUPS.md as it lies, people's entries included.")
@reading
def standup(
    workspace: Path | None, *, write: bool, as_json: bool, log: bool, **of: str | None
) -> None:
    """What each agent did, does next and is held up by.

    One line when nothing moved. It begins where the last written one ended, else at midnight (UTC).
    Each part of a day is written once; the stand-ups that nobody wrote are counted and told.
    """
    from crewboard.cli import standups

    _refuse_both(write=write, log=log, of=of)
    place = find_workspace(workspace)
    if log:
        standups.read_log(place, as_json=as_json)
    elif write:
        standups.write(place, of["part"] or "", as_json=as_json)
    else:
        asked = standups.Of(of["agent"], of["day"], of["since"], of["part"] or "")
        standups.tell(place, asked, as_json=as_json)


@click.command
@click.argument("day", required=False, metavar="[DATE]")
@option("--restore", is_flag=True, help="Write the crew's lines again that were taken out.")
@reading
def notes(day: str | None, workspace: Path | None, *, as_json: bool, restore: bool) -> None:
    """The notes of a day (YYYY-MM-DD, UTC); today's by default.

    Add, change and take out what you like in the file: what you wrote stays, and what you took out does
    not come back by itself.
    """
    from crewboard.cli.standups import day_of
    from crewboard.cli.terminal import document, out, safe, talk
    from crewboard.memory import notes as book

    place = find_workspace(workspace)
    asked = day_of(day, "DATE") if day else datetime.now(UTC).date()
    if restore:
        from crewboard.coordination.views.notes import restore as tell_again

        talk(f"{tell_again(place, place.ledger(), asked)} of the crew's lines written again")
    text, gone = book.read(place.notes, asked), len(book.removed(place.notes, asked))
    if as_json:
        path = str(book.path_of(place.notes, asked))
        document({"date": asked.isoformat(), "path": path, "markdown": text, "taken_out": gone})
        return
    out(safe(text).removesuffix("\n") or f"There are no notes of {asked}.")
    if gone:
        talk(f"{gone} of the crew's lines were taken out by hand; `--restore` writes them again")


@click.command
@click.argument("query")
@option(
    "--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="At most so many."
)
@option("--tokens", type=click.IntRange(64), help="As an agent is given it: within so many tokens.")
@option("--read-all", is_flag=True, help="First let the model of [recall] read every note.")
@reading
def recall(query: str, workspace: Path | None, *, as_json: bool, **of: int) -> None:
    """Search the notes for what answers QUERY.

    Words and their stems, card ids (^t41x9) and days (yesterday, last week, 2026-11-03) count; with a
    model under [recall], meaning does too. What was not searched is said.
    """
    from crewboard.cli import remembering

    asked = remembering.Asked(query, **of)
    remembering.answer(find_workspace(workspace), asked, as_json=as_json)


def _refuse_both(*, write: bool, log: bool, of: dict[str, str | None]) -> None:
    """The written one is everybody's and of now; the log is read as it lies. OptionInvalid."""
    from crewboard.errors import OptionInvalid

    narrowed = next((name for name in ("agent", "day", "since") if of[name]), None)
    narrowed = narrowed or ("part" if log and of["part"] else None)
    if (write or log) and narrowed:
        option_name = "--date" if narrowed == "day" else f"--{narrowed}"
        reason = f"it does not go with {'--log' if log else '--write'}"
        raise OptionInvalid(option=option_name, value=of[narrowed], reason=reason)
    if write and log:
        raise OptionInvalid(option="--log", value=True, reason="it does not go with --write")
