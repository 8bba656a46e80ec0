"""Stand-ups and reviews kept: each part of a day once, told in the ledger first and then on its page.

Whoever asks for it, by hand, from cron or by the schedule of `crewboard serve`, comes through here. The
key (job, day, part) is looked up and noted in the transaction that tells, so two that ask at once are
told once.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from crewboard.canonical import canonical_json
from crewboard.clock import parse_stamp, stamp
from crewboard.coordination.ledger import Ledger, Transaction
from crewboard.coordination.reporting import scribe, timesheet
from crewboard.coordination.reporting.curation import curate
from crewboard.coordination.reporting.curator import Curator, RulesCurator
from crewboard.coordination.reporting.review import Review, Stock
from crewboard.coordination.reporting.schedule import REVIEW, STANDUP, Schedule, key
from crewboard.coordination.reporting.scribe import Entry
from crewboard.coordination.reporting.timesheet import Timesheet
from crewboard.coordination.standup import Standup
from crewboard.coordination.views.look import Look, Window
from crewboard.coordination.views.pages import refresh
from crewboard.coordination.views.reviews import Asked, review_of
from crewboard.coordination.views.standups import LAST, last_standup, standup_in
from crewboard.coordination.workspace import Workspace
from crewboard.errors import CrewboardError
from crewboard.memory.longterm import BUDGET

_LAST_REVIEW = "review"


@dataclass(frozen=True)
class Terms:
    """How a workspace wants it: by whom it is written, by which schedule, when silent work counts as
    stale, and what MEMORY.md may hold (bytes)."""

    by: str
    schedule: Schedule
    silence: timedelta = timedelta(hours=24)
    budget: int = BUDGET
    curator: Curator = field(default_factory=RulesCurator)


def write_standup(
    workspace: Workspace, ledger: Ledger, terms: Terms, part: str = "", day: date | None = None
) -> Standup | None:
    """Write the stand-up of `part` of `day` into the log; by default the one that the hour calls for.
    None when it was written before. A page that cannot be written is raised after the ledger has it."""
    with ledger.write() as tx:
        sheet, now = timesheet.set_schedule(tx, terms.schedule, terms.by), parse_stamp(tx.at)
        part, day = part or terms.schedule.part_at(now), day or terms.schedule.local_day(now)
        name = key(STANDUP, day, part)
        found = None if name in sheet.kept else _standup(ledger, tx, sheet, name, day)
        if found:
            tx.event("standup.written", terms.by, None, None, **_told(found, name, day, part))
            tx.change("set_meta", name=LAST, value=canonical_json(found.as_json()))
            text = found.markdown(part, day)
            scribe.leave(tx, Entry(scribe.LOG, name, day.isoformat(), text))
            timesheet.keep(tx, sheet, name, sheet.counts_from(name, day, now))
    scribe.deliver(workspace, ledger)
    return found


def _standup(ledger: Ledger, tx: Transaction, sheet: Timesheet, name: str, day: date) -> Standup:
    now, previous = parse_stamp(tx.at), last_standup(tx)
    counts = sheet.counts_from(name, day, now)
    begun = Window.open_end(tx, min(now, sheet.schedule.midnight(day)), now)
    window = Window(previous.at, now, previous.seq) if previous else begun
    found = standup_in(Look.at(ledger, window), None, previous)
    slot = counts if sheet.since <= counts < now else None
    return replace(found, missed=sheet.missed(STANDUP, counts, name), slot=slot)


def _told(found: Standup, name: str, day: date, part: str) -> dict[str, object]:
    return {
        "slot": name,
        "day": day.isoformat(),
        "part": part,
        "still": found.still_since is not None,
        "missed": list(found.missed),
        "cost": sum(each.cost for each in found.agents),
        "upto": found.seq,
    }


# ── the review ───────────────────────────────────────────────────────────────────────────────────


def review_now(workspace: Workspace, ledger: Ledger, terms: Terms) -> Review:
    """Today's review as it would be written now. Writes nothing."""
    checks = _failing(workspace)
    with ledger.read() as tx:
        sheet = timesheet.read(tx) or Timesheet(terms.schedule, parse_stamp(tx.at), {}, {})
        asked = _asked(tx, sheet, terms, terms.schedule.local_day(parse_stamp(tx.at)))
    return review_of(ledger, replace(asked, checks=checks))


def write_review(
    workspace: Workspace, ledger: Ledger, terms: Terms, day: date | None = None
) -> Review | None:
    """Write the review of `day` into its notes, and what is worth keeping into MEMORY.md; by default
    of the day that it is where the schedule lives. None when that was done before."""
    day = day or terms.schedule.local_day(ledger.clock.now())
    name = key(REVIEW, day)
    with ledger.read() as tx:
        sheet = timesheet.read(tx)
    if sheet and name in sheet.kept:
        scribe.deliver(workspace, ledger)
        return None
    refresh(workspace, ledger)  # the notes first: facts name their lines
    faults = _try(lambda: curate(workspace, ledger, terms.curator, terms.budget))
    checks = (*_failing(workspace), *faults)
    with ledger.write() as tx:
        sheet = timesheet.set_schedule(tx, terms.schedule, terms.by)
        asked = replace(_asked(tx, sheet, terms, day), checks=checks)
        found = None if name in sheet.kept else review_of(ledger, asked)
        if found:
            _tell(tx, sheet, found, terms.by)
    scribe.deliver(workspace, ledger)
    return found


def _tell(tx: Transaction, sheet: Timesheet, found: Review, by: str) -> None:
    name, now = key(REVIEW, found.day), parse_stamp(tx.at)
    stock = {"day": found.day.isoformat(), "counts": dict(found.stock.counts)}
    tx.event("review.written", by, None, None, slot=name, stock=stock, missed=list(found.missed))
    kept = {"until": stamp(found.until), "seq": found.seq, "stock": stock}
    tx.change("set_meta", name=_LAST_REVIEW, value=canonical_json(kept))
    scribe.leave(tx, Entry(scribe.NOTES, "review", found.day.isoformat(), found.markdown()))
    timesheet.keep(tx, sheet, name, sheet.counts_from(name, found.day, now))


def _asked(tx: Transaction, sheet: Timesheet, terms: Terms, day: date) -> Asked:
    """From where the last review ended, else from the day's beginning, until now."""
    now = parse_stamp(tx.at)
    row = tx.one("get_meta", name=_LAST_REVIEW)
    last = json.loads(row["value"]) if row else None
    begun = Window.open_end(tx, min(now, terms.schedule.midnight(day)), now)
    name = key(REVIEW, day)
    return Asked(
        day=day,
        window=Window(parse_stamp(last["until"]), now, last["seq"]) if last else begun,
        before=Stock(date.fromisoformat(last["stock"]["day"]), last["stock"]["counts"])
        if last
        else None,
        silence=terms.silence,
        missed=sheet.missed(REVIEW, sheet.counts_from(name, day, now), name),
    )


def _failing(workspace: Workspace) -> tuple[str, ...]:
    """What the doctor finds wrong, each in one sentence."""
    from crewboard.coordination.doctor import Level, doctor

    return tuple(
        f"{each.check}: {each.says}" for each in doctor(workspace) if each.level is not Level.OK
    )


def _try(work: Callable[[], object]) -> tuple[str, ...]:
    """A page in the way of one part of the night's work is told among its checks; the rest goes on."""
    try:
        work()
    except (CrewboardError, OSError) as error:
        return (f"memory: {error}",)
    return ()
