"""`crewboard review`: the nightly review and stocktake."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crewboard.cli.options import find_workspace, option, reading

if TYPE_CHECKING:
    from crewboard.coordination.reporting.keeping import Terms
    from crewboard.coordination.workspace import Workspace


@click.command
@option("--write", is_flag=True, help="Put it into today's notes, and what lasts into MEMORY.md.")
@reading
def review(workspace: Path | None, *, write: bool, as_json: bool) -> None:
    """What today brought, what stands still, what it cost.

    Done and made with evidence, decisions and blockers by age, work that fell silent, money against its
    cap, failing checks, and the cards of each column against the last review. Written once a day.
    """
    from crewboard.cli.terminal import document, out, safe, talk
    from crewboard.coordination.reporting.keeping import review_now, write_review
    from crewboard.memory import notes

    place = find_workspace(workspace)
    ledger, terms = place.ledger(), terms_of(place)
    found = (write_review if write else review_now)(place, ledger, terms)
    if found is None:
        if as_json:
            document({"written": False})
        talk("today's review was written before; the notes are left as they are")
        return
    if as_json:
        document(found.as_json())
    else:
        out(safe(found.markdown()).rstrip("\n"))
    if write:
        talk(f"written to {notes.path_of(place.notes, found.day)}")


def terms_of(place: "Workspace", by: str | None = None) -> "Terms":
    """How crewboard.toml wants stand-ups and reviews; written by whoever calls, unless said."""
    from datetime import timedelta

    from crewboard.coordination.reporting.keeping import Terms
    from crewboard.coordination.settings import Settings
    from crewboard.coordination.workspace import human

    settings = Settings.load(place.config)
    return Terms(
        by=by or human(),
        schedule=settings.schedule.timetable(),
        silence=timedelta(hours=settings.schedule.stale_hours),
        budget=settings.memory.bytes,
    )


@contextmanager
def scheduled(place: "Workspace", broke: Callable[[], None]) -> Iterator[None]:
    """Stand-ups and reviews at their hours, in a thread, until the block is left."""
    from crewboard.cli.terminal import talk
    from crewboard.coordination.reporting.timekeeper import Timekeeper, kept

    with kept(Timekeeper(place, place.ledger(), terms_of(place, "crew"), talk), broke):
        yield
