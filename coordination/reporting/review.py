"""The nightly review: what the day brought, what stands still, what it cost, and the stock by column.

It is told from the ledger and from the doctor's checks, in the daily notes under `## 🌙 Review (DATE)`.
A part of which there is nothing to say is left out; the stocktake never is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crewboard.clock import stamp
from crewboard.coordination.board.wording import age, minute
from crewboard.coordination.standup import Said, missed_ones
from crewboard.memory.inert import code, inert

_MILLION = 1_000_000


@dataclass(frozen=True)
class Stock:
    """How many cards stand in each column, by the column's name, and on which day that was counted."""

    day: date
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Spent:
    """Millionths of a US dollar; `ceiling` None where nothing bounds it."""

    what: str
    spent: int
    reserved: int
    ceiling: int | None


@dataclass(frozen=True)
class Made:
    """One artifact: `rows` says how many of how many, `judged` what QA said of it, if anything."""

    name: str
    path: str
    sha256: str
    rows: str
    judged: str
    card: str


@dataclass(frozen=True)
class Review:
    """What happened in [since, until), and how things stood then. `memory` says what was kept in mind, `seq`
    is the number of the last event that is told."""

    day: date
    since: datetime
    until: datetime
    stock: Stock
    before: Stock | None = None
    done: tuple[Said, ...] = ()
    made: tuple[Made, ...] = ()
    decisions: tuple[Said, ...] = ()
    blockers: tuple[Said, ...] = ()
    stale: tuple[Said, ...] = ()
    spent: tuple[Spent, ...] = ()
    failing: tuple[str, ...] = ()
    memory: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    seq: int | None = None

    def markdown(self) -> str:
        """Word it as a section of the daily notes; what is oldest stands first where age matters."""
        parts = {
            "Done": [f"✅ {_point(said)}" for said in self.done],
            "Made": [_made(each) for each in self.made],
            "Waiting on decisions": [_aged(said, self.until) for said in _oldest(self.decisions)],
            "Blocked": [_aged(said, self.until) for said in _oldest(self.blockers)],
            "Stale": [_aged(said, self.until) for said in _oldest(self.stale)],
            "Spent": [_spent(each) for each in self.spent],
            "Failing checks": [inert(text) for text in self.failing],
            "Memory": [inert(text) for text in self.memory],
        }
        lines = [f"## 🌙 Review ({self.day.isoformat()})", self._stocktake(), self._span()]
        for title, points in parts.items():
            lines += [f"**{title}:**", *(f"- {point}" for point in points)] if points else []
        if self.missed:
            lines.append(f"**Missed:** {missed_ones(self.missed, 'review')}")
        return "\n".join(lines) + "\n"

    def as_json(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "since": stamp(self.since),
            "until": stamp(self.until),
            "stock": dict(self.stock.counts),
            "before": _stock(self.before),
            "made": [vars(each) for each in self.made],
            "spent": [vars(each) for each in self.spent],
            **{name: [_said(each) for each in getattr(self, name)] for name in _SAID},
            **{name: list(getattr(self, name)) for name in ("failing", "memory", "missed")},
        }

    def _stocktake(self) -> str:
        before = self.before.counts if self.before else {}
        names = [*self.stock.counts, *(name for name in before if name not in self.stock.counts)]
        counted = [_counted(name, self.stock.counts.get(name, 0), before.get(name, 0) if before else None)
                   for name in names]  # fmt: skip
        against = f", against {self.before.day.isoformat()}" if self.before else ""
        return f"**Stocktake:** {' · '.join(counted)}{against}"

    def _span(self) -> str:
        moved = "" if self.done or self.made else "Nothing was finished. "
        return f"_{moved}From {minute(self.since)} to {minute(self.until)}._"


_SAID = ("done", "decisions", "blockers", "stale")


def _counted(name: str, now: int, before: int | None) -> str:
    return f"{inert(name)} {now}" + (f" ({now - before:+d})" if before is not None else "")


def _oldest(said: Iterable[Said]) -> list[Said]:
    """By age, oldest first; what bears no date stands last."""
    return sorted(said, key=lambda each: (each.since is None, each.since and stamp(each.since)))


def _aged(said: Said, now: datetime) -> str:
    return _point(said) + (f" (for {age(said.since, now)})" if said.since else "")


def _point(said: Said) -> str:
    paths = "".join(f" {code(path)}" for path in said.evidence)
    return inert(said.text) + paths + (f" ^{inert(said.card)}" if said.card else "")


def _made(made: Made) -> str:
    facts = [inert(made.name), made.rows, f"{code(made.path)} sha256:{made.sha256[:12]}"]
    judged = f"QA: {inert(made.judged)}" if made.judged else "no verdict yet"
    return " · ".join(filter(None, [*facts, judged])) + f" ^{made.card}"


def _spent(each: Spent) -> str:
    limit = f" of ${each.ceiling / _MILLION:,.2f}" if each.ceiling is not None else ", no ceiling"
    reserved = f", ${each.reserved / _MILLION:,.2f} reserved" if each.reserved else ""
    return f"{inert(each.what)}: ${each.spent / _MILLION:,.2f}{limit}{reserved}"


def _said(said: Said) -> dict[str, Any]:
    since = stamp(said.since) if said.since else None
    return {"text": said.text, "card": said.card, "evidence": list(said.evidence), "since": since}


def _stock(stock: Stock | None) -> dict[str, Any] | None:
    return {"day": stock.day.isoformat(), "counts": dict(stock.counts)} if stock else None
