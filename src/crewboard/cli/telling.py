"""`crewboard standup`, `notes`, `recall`: what the crew reports and remembers."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crewboard.cli.options import find_workspace, option, reading

if TYPE_CHECKING:
    from crewboard.coordination.ledger import Ledger
    from crewboard.coordination.standup import Standup
    from crewboard.coordination.workspace import Workspace

_KEPT = "standup"
"""The ledger's meta row that holds the last stand-up that was written."""


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
@option("--write", is_flag=True, help="Add it to standups/DATE.md; the next one begins there.")
@reading
def standup(
    workspace: Path | None, *, write: bool, as_json: bool, day: str | None, **of: str | None
) -> None:
    """What each agent did, does next and is held up by.

    One line when nothing moved. It begins where the last written one ended, else at midnight (UTC).
    """
    from crewboard.cli.terminal import document, out, safe, talk
    from crewboard.coordination.views import standup_of

    place = find_workspace(workspace)
    ledger = place.ledger()
    previous = None if day or of["since"] or of["agent"] else _last(ledger)
    since, until = _window(ledger, day, of["since"], previous)
    found = standup_of(ledger, since, until, of["agent"], previous)
    if as_json:
        document(found.as_json())
    else:
        out(safe(found.markdown()).rstrip("\n"))
    if write:
        talk(f"written to {_write(place, ledger, found)}")


@click.command
@click.argument("day", required=False, metavar="[DATE]")
@reading
def notes(day: str | None, workspace: Path | None, *, as_json: bool) -> None:
    """The notes of a day (YYYY-MM-DD, UTC); today's by default."""
    from crewboard.cli.terminal import document, out, safe
    from crewboard.memory import notes as book

    place = find_workspace(workspace)
    asked = _day(day, "DATE") if day else datetime.now(UTC).date()
    text = book.read(place.notes, asked)
    path = book.path_of(place.notes, asked)
    if as_json:
        document({"date": asked.isoformat(), "path": str(path), "markdown": text})
    else:
        out(safe(text).removesuffix("\n") or f"There are no notes of {asked}.")


@click.command
@click.argument("query")
@option(
    "--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="At most so many."
)
@reading
def recall(query: str, workspace: Path | None, limit: int, *, as_json: bool) -> None:
    """Search the notes for the words of QUERY."""
    from crewboard.cli.terminal import document, line, out
    from crewboard.memory.recall import Recall

    place = find_workspace(workspace)
    hits = Recall(place.notes, place.state / "recall.sqlite3").search(query, limit)
    if as_json:
        document(
            {
                "query": query,
                "hits": [
                    {
                        "path": str(hit.path),
                        "line": hit.line,
                        "text": hit.text,
                        "date": hit.day or None,
                        "score": round(hit.score, 6),
                    }
                    for hit in hits
                ],
            }
        )
        return
    for hit in hits:
        out(f"{line(hit.path.relative_to(place.root))}:{hit.line}: {line(hit.text)}")
    if not hits:
        out("No note speaks of that.")


def _window(
    ledger: "Ledger", day: str | None, since: str | None, previous: "Standup | None"
) -> tuple[datetime, datetime]:
    from crewboard.cli.moments import moment

    now = ledger.clock.now()
    midnight = datetime.combine(now.date(), time(), UTC)
    if day:
        start = datetime.combine(_day(day, "--date"), time(), UTC)
        return start, start + timedelta(days=1)
    if since:
        return moment(since, now), now
    return (previous.at if previous else midnight), now


def _day(text: str, option_name: str) -> date:
    from crewboard.errors import OptionInvalid

    try:
        return date.fromisoformat(text)
    except ValueError:
        reason = "a day is written YYYY-MM-DD"
        raise OptionInvalid(option=option_name, value=text, reason=reason) from None


def _last(ledger: "Ledger") -> "Standup | None":
    from crewboard.coordination.standup import Standup

    with ledger.read() as tx:
        row = tx.one("get_meta", name=_KEPT)
    return Standup.from_json(json.loads(row["value"])) if row else None


def _write(place: "Workspace", ledger: "Ledger", found: "Standup") -> Path:
    from crewboard.canonical import canonical_json
    from crewboard.memory.page import locked, rewrite

    folder = place.root / "standups"
    folder.mkdir(exist_ok=True)
    path = folder / f"{found.at.astimezone(UTC).date().isoformat()}.md"
    text = found.markdown().encode()
    with locked(place.state / "standups.lock"):
        rewrite(path, lambda before: before + (b"\n" if before else b"") + text)
    with ledger.write() as tx:
        tx.change("set_meta", name=_KEPT, value=canonical_json(found.as_json()))
    return path
