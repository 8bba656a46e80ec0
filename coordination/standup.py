"""Stand-ups: what each agent did, does next, asks and is held up by, told from events.

A stand-up in which nothing moved is one line. A blocker's age counts from its first event, however
often it was reported since.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from crewboard.canonical import digest
from crewboard.clock import parse_stamp, stamp
from crewboard.coordination.board.wording import age, minute
from crewboard.memory.inert import code, inert

_HEADINGS = {"morning": "🌅 Morning Stand-up", "evening": "🌆 Evening Stand-up"}
_LATE = timedelta(minutes=15)
_NAMED = 3  # so many missed ones are named; of more, the first and the last
_MILLION = 1_000_000


@dataclass(frozen=True)
class Said:
    """One point. `card` is the id of its card, `evidence` are paths; `since` is its first event."""

    text: str
    card: str = ""
    evidence: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True)
class Activity:
    """What one agent reports at one moment; `cost` in millionths of a US dollar, since its last."""

    agent: str
    at: datetime
    done: tuple[Said, ...] = ()
    next: tuple[Said, ...] = ()
    asks: tuple[Said, ...] = ()
    blockers: tuple[Said, ...] = ()
    cost: int = 0


@dataclass(frozen=True)
class Standup:
    """One stand-up, one activity an agent, by name; `still_since` is set when nothing moved.

    `missed` are the stand-ups before it that nobody wrote, as the schedule names them; `slot` is the
    hour for which it was due, `seq` the number of the last event that it tells of.
    """

    at: datetime
    agents: tuple[Activity, ...]
    still_since: datetime | None = None
    missed: tuple[str, ...] = ()
    slot: datetime | None = None
    seq: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, from which `from_json` makes an equal stand-up."""
        plain: dict[str, Any] = _jsonable(asdict(self))
        return plain

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Standup":
        still, slot = value["still_since"], value.get("slot")
        return cls(
            parse_stamp(value["at"]),
            tuple(map(_activity, value["agents"])),
            parse_stamp(still) if still else None,
            tuple(value.get("missed", ())),
            parse_stamp(slot) if slot else None,
            value.get("seq"),
        )

    def markdown(self, part: str = "", day: date | None = None) -> str:
        """Word it in the crews' own format: as `part` of `day` where the reader's day is known (morning,
        evening, or an hour of their own), else by its minute."""
        heading = f"## {_heading(part, day or self.at.astimezone(UTC).date(), self.at)}"
        head = [heading, *self._late()]
        if self.still_since:
            return "\n".join([*head, self._still(self.still_since)]) + "\n"
        body = [line for each in self.agents for line in _did(each)]
        body += _section("Next", [(each.agent, said) for each in self.agents for said in each.next])
        held = [(each.agent, said) for each in self.agents for said in (*each.asks, *each.blockers)]
        body += _section("Asks / Blockers", held, self.at)
        missed = [f"**Missed:** {missed_ones(self.missed)}"] if self.missed else []
        return "\n".join([*head, *body, *missed]) + "\n"

    def _late(self) -> list[str]:
        if self.slot is None or self.at - self.slot < _LATE:
            return []
        return [f"_Written {minute(self.at)}, {age(self.slot, self.at)} late._"]

    def _still(self, since: datetime) -> str:
        blockers = [said for each in self.agents for said in each.blockers]
        asks = sum(len(each.asks) for each in self.agents)
        facts = [f"Nothing moved since {minute(since)}"]
        if asks:
            facts.append(f"{asks} open {'ask' if asks == 1 else 'asks'}")
        if blockers:
            oldest = min(said.since or self.at for said in blockers)
            count = f"{len(blockers)} {'blocker' if len(blockers) == 1 else 'blockers'}"
            facts.append(f"{count}, the oldest for {age(oldest, self.at)}")
        if self.missed:
            facts.append(f"missed: {missed_ones(self.missed)}")
        return "; ".join(facts) + "."


def missed_ones(labels: tuple[str, ...], noun: str = "stand-up") -> str:
    """Count what was missed, and name it: `2 stand-ups (2026-11-20 evening, 2026-11-21 morning)`."""
    named = ", ".join(labels) if len(labels) <= _NAMED else f"{labels[0]} to {labels[-1]}"
    return f"{len(labels):,} {noun}{'s' * (len(labels) != 1)} ({inert(named)})"


def standup(
    activities: Iterable[Activity], at: datetime, previous: Standup | None = None
) -> Standup:
    """Gather what was reported since `previous`, one activity for each agent.

    Who reported nothing keeps what was open. Without anything done or spent, and with the same
    plans, asks and blockers as before, the stand-up is still, and says since when.
    """
    before = {each.agent: each for each in previous.agents} if previous else {}
    now = _merged(activities, before)
    still = previous is not None and not _moved(now, before)
    since = (previous.still_since or previous.at) if still and previous else None
    return Standup(at, tuple(now[name] for name in sorted(now)), since)


def _merged(activities: Iterable[Activity], before: dict[str, Activity]) -> dict[str, Activity]:
    """Join each agent's reports: what was done adds up, what is open is as last told."""
    merged = {name: replace(each, done=(), cost=0) for name, each in before.items()}
    first = {
        _key(each.agent, said): _since(each, said)
        for each in before.values()
        for said in each.blockers
    }
    for each in sorted(activities, key=lambda a: a.at):
        held = tuple(replace(said, since=_first(first, each, said)) for said in each.blockers)
        told = merged.get(each.agent)
        done, cost = (told.done, told.cost) if told else ((), 0)
        merged[each.agent] = replace(
            each, done=_unique(done + each.done), blockers=held, cost=cost + each.cost
        )
    return merged


def _first(first: dict[tuple[str, str], datetime], each: Activity, said: Said) -> datetime:
    """When a blocker was first told; later reports of the same one do not make it younger."""
    key, since = _key(each.agent, said), _since(each, said)
    first[key] = min(first.get(key, since), since)
    return first[key]


def _moved(now: dict[str, Activity], before: dict[str, Activity]) -> bool:
    if any(each.done or each.cost for each in now.values()):
        return True
    return any(_open(each) != _open(before.get(name)) for name, each in now.items())


def _open(activity: Activity | None) -> str:
    """Digest what is open without its times: a later report of the same is no news."""
    if activity is None:
        return digest([[], [], []])
    parts = (activity.next, activity.asks, activity.blockers)
    return digest([[[said.text, said.card] for said in part] for part in parts])


def _unique(said: tuple[Said, ...]) -> tuple[Said, ...]:
    return tuple({(each.text, each.card): each for each in said}.values())


def _key(agent: str, said: Said) -> tuple[str, str]:
    """Name a blocker: the same card is the same blocker; without a card, the same text is."""
    return agent, said.card or said.text


def _since(activity: Activity, said: Said) -> datetime:
    return said.since or activity.at


def _heading(part: str, day: date, at: datetime) -> str:
    if not part:
        return f"Stand-up ({minute(at)})"
    known = _HEADINGS.get(part)
    return (
        f"{known} ({day.isoformat()})" if known else f"Stand-up ({day.isoformat()} {inert(part)})"
    )


def _did(activity: Activity) -> list[str]:
    spent = f" (${activity.cost / _MILLION:,.2f})" if activity.cost else ""
    if not activity.done and not spent:
        return []
    points = [f"- ✅ {_point(said)}" for said in activity.done]
    return [f"**{inert(activity.agent)}:**{spent}", *points]


def _section(title: str, points: list[tuple[str, Said]], now: datetime | None = None) -> list[str]:
    lines = [f"- {inert(agent)}: {_point(said)}{_aged(said, now)}" for agent, said in points]
    return [f"**{title}:**", *lines] if lines else []


def _aged(said: Said, now: datetime | None) -> str:
    return f" (for {age(said.since, now)})" if said.since and now else ""


def _point(said: Said) -> str:
    card = f" ^{inert(said.card)}" if said.card else ""
    return inert(said.text) + "".join(f" {code(path)}" for path in said.evidence) + card


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, dict):
        return {key: _jsonable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(each) for each in value]
    return value


def _activity(value: dict[str, Any]) -> Activity:
    kinds = ("done", "next", "asks", "blockers")
    points = {kind: tuple(map(_said, value[kind])) for kind in kinds}
    return Activity(value["agent"], parse_stamp(value["at"]), **points, cost=value["cost"])


def _said(value: dict[str, Any]) -> Said:
    since = parse_stamp(value["since"]) if value["since"] else None
    return Said(value["text"], value["card"], tuple(value["evidence"]), since)
