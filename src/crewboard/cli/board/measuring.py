"""`crewboard board stats`, `burn`: how work flows, from the ledger's events."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crewboard.cli.board.desk import Desk, wants_json
from crewboard.cli.options import in_workspace, option, reading

if TYPE_CHECKING:
    from crewboard.coordination.board.flow import Flow, Spread, Track
    from crewboard.coordination.ledger import Event, Ledger

_BATCH = 1000
_DAY_H = 48
_OF = {"steps": ("work", "question"), "goals": ("goal",)}
_cards_of = option(
    "--of",
    type=click.Choice(list(_OF)),
    default="steps",
    show_default=True,
    help="The cards that are counted.",
)


@click.command
@option(
    "--since",
    default="90d",
    show_default=True,
    metavar="WHEN",
    help="From this moment, or 2h, 30d.",
)
@_cards_of
@reading
def stats(workspace: Path | None, since: str, of: str, *, as_json: bool) -> None:
    """Cycle and lead time, work in progress, throughput, ages and blocked time.

    Times are hours: the median, and what 85 of 100 cards stay within. Cards that only people keep have
    no events and are not counted.
    """
    from crewboard.cli.moments import moment
    from crewboard.cli.terminal import document
    from crewboard.coordination.board.flow import flow

    ledger = Desk.at(workspace).place.ledger()
    now = ledger.clock.now()
    found = flow(_tracks(ledger, of), moment(since, now), now)
    if wants_json(as_json):
        document(_facts(found))
    else:
        _tell(found)


@click.command
@option(
    "--out",
    "target",
    envvar="CREWBOARD_BOARD_BURN_OUT",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE.svg",
    help="Where to write it.",
)
@_cards_of
@in_workspace
def burn(workspace: Path | None, target: Path, of: str) -> None:
    """Draw burn-up, burn-down and cumulative flow as one SVG."""
    from crewboard.cli.terminal import line, out
    from crewboard.coordination.board.chart import svg
    from crewboard.coordination.board.flow import days
    from crewboard.errors import WorkspaceUnwritable
    from crewboard.tools.files.atomic import write_whole

    place = Desk.at(workspace).place
    ledger = place.ledger()
    found = days(_tracks(ledger, of), ledger.clock.now())
    if not found:
        out("There is nothing to draw yet: no card was ever given to a crew.")
        return
    try:
        write_whole(target, svg(found, f"{place.root.name}, {of}").encode())
    except OSError as error:
        raise WorkspaceUnwritable(path=target.parent, reason=error.strerror) from None
    out(f"{line(target)}: {len(found)} day{'s'[: len(found) > 1]}, to {found[-1].day}")


def _tracks(ledger: "Ledger", cards: str) -> "list[Track]":
    from crewboard.coordination.board.flow import tracks

    with ledger.read() as tx:
        return tracks(_events(tx), _OF[cards])


def _events(tx: Any) -> "Iterator[Event]":
    from crewboard.coordination.ledger import Event

    seq = 0
    while rows := tx.run("events_after", seq=seq, count=_BATCH):
        yield from map(Event.of, rows)
        seq = rows[-1]["seq"]


def _facts(found: "Flow") -> dict[str, Any]:
    from crewboard.clock import stamp

    return {
        **asdict(found),
        "since": stamp(found.since),
        "until": stamp(found.until),
        "aging": [{**asdict(each), "stage": each.stage.value} for each in found.aging],
    }


def _tell(found: "Flow") -> None:
    from crewboard.cli.terminal import line, out, table

    rows = (
        ("cycle time", *_spread(found.cycle)),
        ("lead time", *_spread(found.lead)),
        ("blocked", *_spread(found.blocked)),
    )
    table(rows, ("", "cards", "median", "p85"))
    out(f"in progress: {found.wip} now, {found.wip_average:.1f} on average")
    out(f"done: {found.done}; per week, the last one last: {', '.join(map(str, found.per_week))}")
    for each in found.aging:
        held = f", blocked {_time(each.blocked)}" if each.blocked else ""
        out(
            f"  {_time(each.age):>6} {each.stage.value.lower()}{held}  ^{each.id} {line(each.title)}"
        )


def _spread(found: "Spread") -> tuple[str, str, str]:
    return str(found.count), _time(found.median), _time(found.p85)


def _time(hours: float | None) -> str:
    if hours is None:
        return "-"
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < _DAY_H else f"{hours / 24:.1f} d"
