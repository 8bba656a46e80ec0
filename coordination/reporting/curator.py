"""Curators: who says what of the ledger is worth keeping in mind. The built-in one needs no model."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from crewboard.clock import parse_stamp
from crewboard.coordination.decisions import Decision
from crewboard.coordination.ledger import Event
from crewboard.coordination.tasks import BLOCKED, State, Task
from crewboard.coordination.views import words
from crewboard.coordination.views.books import HUMAN, Books
from crewboard.coordination.views.notes import name_of
from crewboard.memory.inert import code, inert
from crewboard.memory.longterm import Fact

_MEASURES = 3
_HASH = 12
_NOTE = 120


@dataclass(frozen=True)
class Material:
    """What a curator reads: the next events since the last night (at most some thousands), the books as
    they stand now, and what is kept in mind already. All text in it is data."""

    events: Sequence[Event]
    books: Books
    known: Sequence[Fact]


class Curator(Protocol):
    def curate(self, material: Material) -> Iterable[Fact]:
        """What to keep in mind from now on, and what holds no more.

        `text` is for the words of our own code. Whatever a model, a row, a tool or a peer worded goes
        into `quoted`, with its `origin`.
        """
        ...


class RulesCurator:
    """Keeps what was decided, accepted, blocked and settled by a standing rule: by kind of event, and
    with no judgement of its own."""

    def curate(self, material: Material) -> Iterator[Fact]:
        for event in material.events:
            if rule := _RULES.get(event.kind):
                yield from rule(event, material.books)


def _decided(event: Event, books: Books) -> Iterator[Fact]:
    decision = _decision(event, books)
    if decision is None or not decision.choice:
        return
    by = inert(decision.decided_by or "nobody")
    about = _about(event, "Decisions", f"decision:{decision.id}", decision.choice)
    note = f", who noted: {inert(decision.note, _NOTE)}" if decision.note and "human:" in by else ""
    text = f"^{decision.id} **{inert(decision.choice)}** by {by} via {inert(decision.via or '-')}{note}"
    yield about(text=f"{text}; asked", quoted=decision.text, origin=decision.asked_by)
    if by.startswith("policy:"):
        yield _standing(event, decision, books)


def _standing(event: Event, decision: Decision, books: Books) -> Fact:
    """A rule that answers for people, and how often it has."""
    rule = (decision.kind, decision.decided_by)
    same = [each for each in books.decisions if (each.kind, each.decided_by) == rule]
    key = _rules_key(decision.kind, decision.decided_by or "")
    text = (
        f"{inert(decision.kind)}: **{inert(decision.choice or '')}** without asking,"
        f" by {inert(decision.decided_by or '')} ({words.count(len(same), 'time')})"
    )
    return _about(event, "Standing answers", key, decision.choice or "")(text=text)


def _rules_key(kind: str, rule: str) -> str:
    return f"standing:{_slug(kind)}:{_slug(rule)}"


def _given(event: Event, books: Books) -> Iterator[Fact]:
    """A human's word for one action, for every time it is asked until a day."""
    decision, choice = _decision(event, books), event.data["choice"]
    if decision is not None:
        about = _about(event, "Standing answers", _always(decision), choice)
        always = f"{inert(decision.kind)}: **{inert(choice)}** always for this action"
        yield about(
            text=f"{always}, by {inert(event.actor)} until {event.data['until'][:10]}; asked",
            quoted=decision.text,
            origin=decision.asked_by,
        )


def _ended(event: Event, books: Books) -> Iterator[Fact]:
    decision = _decision(event, books)
    if decision is not None:
        gone = f"ended by {event.actor} on {event.at[:10]}"
        yield _about(event, "Standing answers", _always(decision), "")(text="", gone=gone)


def _always(decision: Decision) -> str:
    """The key of the standing answer that a decision gave; the rule is named so where it answers."""
    return _rules_key(decision.kind, f"policy:always-{decision.id}")


def _revoked(event: Event, books: Books) -> Iterator[Fact]:
    decision = _decision(event, books)
    if decision is not None:
        about = _about(event, "Decisions", f"decision:{decision.id}", decision.choice or "")
        yield about(text="", gone=f"revoked by {event.actor} on {event.at[:10]}")


def _judged(event: Event, books: Books) -> Iterator[Fact]:
    """An artifact that was accepted or waived, with its hash and what was measured of it."""
    task = books.tasks.get(event.task or "")
    if task is None or event.data["judgement"] not in {"accept", "waived"}:
        return
    sha256, measured = event.data["sha256"], event.data.get("measured", {})
    for made in books.made(task.id):
        if made.sha256 != sha256 or made.rows == 0:
            continue
        rows = words.rows(made.rows, made.manifest.get("accounting"))
        proof = f"{code(made.path)} sha256:{sha256[:_HASH]}"
        word = words.judged(event.data["judgement"])
        facts = [f"{inert(made.name)} of ^{task.id}", rows, *_measures(measured), proof]
        key = f"artifact:{task.goal}:{_slug(task.step or task.id)}:{_slug(made.name)}"
        about = _about(event, "Artifacts", key, f"sha256:{sha256[:_HASH]}")
        yield about(text=f"{', '.join(filter(None, facts))}, {word} by {inert(event.actor)}")


def _moved(event: Event, books: Books) -> Iterator[Fact]:
    """A blocker's cause; and that it is one no more, once its task moves on or ends."""
    task = books.tasks.get(event.task or "")
    reason, state = event.data.get("reason"), event.data["state"]
    if task is None:
        return
    key = f"blocker:{task.id}"
    if reason and (state in BLOCKED or event.data.get("waits") == HUMAN):
        told = f"{reason['cause']}; needed: {reason['needed']}"
        about = _about(event, "Blockers", key, _slug(reason["cause"]))
        yield about(text=f"^{task.id} was blocked", quoted=told, origin=_source(task))
    elif not reason:
        gone = f"{State(state).value.lower().replace('_', ' ')} on {event.at[:10]}"
        yield _about(event, "Blockers", key, "")(text="", gone=gone)


def _source(task: Task) -> str:
    """Whose words a block's cause repeats: those of the tool, which repeats rows and providers."""
    tool = task.spec.get("tool")
    return f"tool {tool}" if tool else task.role


_RULES: Mapping[str, Callable[[Event, Books], Iterator[Fact]]] = {
    "decision.answered": _decided,
    "decision.revoked": _revoked,
    "standing.given": _given,
    "standing.ended": _ended,
    "verdict.signed": _judged,
    "task.moved": _moved,
}


def _about(event: Event, section: str, key: str, value: str) -> Callable[..., Fact]:
    def fact(text: str, **more: str) -> Fact:
        return Fact(key, value, section, parse_stamp(event.at).date(), text, name_of(event), **more)

    return fact


def _decision(event: Event, books: Books) -> Decision | None:
    name = event.data.get("decision")
    return next((each for each in books.decisions if each.id == name), None)


def _measures(measured: Mapping[str, Any]) -> list[str]:
    """The numbers of QA that tell most: fractions first, then counts, then what is only 0 or 1. Words
    that were measured may be a row's, and are left out."""
    numbers = {name: value for name, value in sorted(measured.items())
               if isinstance(value, int | float) and not isinstance(value, bool)}  # fmt: skip
    telling = sorted(
        numbers, key=lambda name: (numbers[name] == int(numbers[name]), numbers[name] in {0, 1})
    )
    return [f"{inert(name)} {numbers[name]:.4g}" for name in telling[:_MEASURES]]


def _slug(text: str) -> str:
    """`text` as part of a fact's name: letters, digits, and a dash for every run of others."""
    kept = "".join(c if c.isalnum() and c.isascii() else "-" for c in text.casefold())
    return "-".join(filter(None, kept.split("-")))[:60] or "-"
