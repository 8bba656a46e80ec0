"""What `crewboard standup` does: tells one, writes one, or reads the log."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from crewboard.cli.terminal import document, out, safe, talk

if TYPE_CHECKING:
    from crewboard.coordination.ledger import Ledger
    from crewboard.coordination.standup import Standup
    from crewboard.coordination.workspace import Workspace


@dataclass(frozen=True)
class Of:
    """Of whom, of which time, and what it calls itself."""

    agent: str | None
    day: str | None
    since: str | None
    part: str


def tell(place: "Workspace", of: Of, *, as_json: bool) -> None:
    """The stand-up of now, or of another time; nothing is written."""
    from crewboard.coordination.views.standups import last_standup, standup_of

    ledger = place.ledger()
    if of.agent is not None:
        _refuse_strangers(place, ledger, of.agent)
    with ledger.read() as tx:
        previous = None if of.day or of.since or of.agent else last_standup(tx)
    since, until = _window(ledger, of, previous)
    _show(standup_of(ledger, since, until, of.agent, previous), of.part, as_json=as_json)


def write(place: "Workspace", part: str, *, as_json: bool) -> None:
    """The part of today that is due, or `part`, put into the log; once."""
    from crewboard.cli.reviewing import terms_of
    from crewboard.coordination.reporting import scribe
    from crewboard.coordination.reporting.keeping import write_standup

    ledger, terms = place.ledger(), terms_of(place)
    part = part or terms.schedule.part_at(ledger.clock.now())
    found = write_standup(place, ledger, terms, part)
    path = scribe.log_of(place)
    if found is None:
        if as_json:
            document({"written": False, "part": part})
        talk(f"today's {part} stand-up was written before; {path} is left as it is")
        return
    _show(found, part, as_json=as_json)
    talk(f"written to {path}")


def read_log(place: "Workspace", *, as_json: bool) -> None:
    """STANDUPS.md as it lies."""
    from crewboard.coordination.reporting import scribe
    from crewboard.coordination.reporting.standup_log import entries
    from crewboard.memory.page import settled

    path = scribe.log_of(place)
    data = settled(path) or b""
    if as_json:
        found = [asdict(each) | {"by_crew": bool(each.key)} for each in entries(data)]
        document({"path": str(path), "entries": found})
    else:
        text = safe(data.decode("utf-8", "replace")).removesuffix("\n")
        out(text or "No stand-up was written yet.")


def day_of(text: str, option_name: str) -> date:
    """A day as people type it. OptionInvalid."""
    from crewboard.errors import OptionInvalid

    try:
        return date.fromisoformat(text)
    except ValueError:
        reason = "a day is written YYYY-MM-DD"
        raise OptionInvalid(option=option_name, value=text, reason=reason) from None


def _refuse_strangers(place: "Workspace", ledger: "Ledger", agent: str) -> None:
    """Of whom nobody has heard, a stand-up would say that nothing moved. UnknownName."""
    from crewboard.coordination import tasks

    with ledger.read() as tx:
        heard_of = {task.role for task in tasks.everything(tx)}
    if agent in heard_of:
        return
    from crewboard.agents.roles import load_roles
    from crewboard.coordination.settings import Settings
    from crewboard.errors import UnknownName
    from crewboard.tools.contract import installed_tools

    settings = Settings.load(place.config)
    known = {"crew", *load_roles(settings, place.root, installed_tools(settings.plugins.tools))}
    if agent not in known:
        raise UnknownName(kind="agent", name=agent, known=", ".join(sorted(known)))


def _show(found: "Standup", part: str, *, as_json: bool) -> None:
    if as_json:
        document(found.as_json())
    else:
        out(safe(found.markdown(part)).rstrip("\n"))


def _window(ledger: "Ledger", of: Of, previous: "Standup | None") -> tuple[datetime, datetime]:
    from crewboard.cli.moments import moment

    now = ledger.clock.now()
    midnight = datetime.combine(now.date(), time(), UTC)
    if of.day:
        start = datetime.combine(day_of(of.day, "--date"), time(), UTC)
        return start, start + timedelta(days=1)
    if of.since:
        return moment(of.since, now), now
    return (previous.at if previous else midnight), now
