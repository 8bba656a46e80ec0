"""B3: work that stands still, in words or in fact, and columns that hold too much."""

import re
from collections.abc import Iterator
from datetime import timedelta

from crewboard.coordination.board.card import Column
from crewboard.coordination.board.labels import LABELS
from crewboard.coordination.board.lint.rule import Page, Rule, Severity, Spot
from crewboard.coordination.board.outline import Item

_WAITS = re.compile(
    r"\b(?:blocked(?! issues?)|waiting (?:on|for)|awaiting|awaits|stuck (?:on|at|because)|on hold"
    r"|still needed)\b",
    re.IGNORECASE,
)
_SETTLED = re.compile(r"\b(?:unblocked|no longer|was blocked|resolved|fixed)\b", re.IGNORECASE)
_CAUSE = re.compile(
    r"(?::|\s[\u2013\u2014-]\s|\bbecause\b|\bdue to\b|\bsince\b)\s*\S", re.IGNORECASE
)
_OWNER = re.compile(r"(?<![\w.])@\w|\b(?:owner|assignee|asks?|waits? (?:on|for))\b", re.IGNORECASE)
_NEEDED = re.compile(
    r"\b(?:need(?:s|ed)?|until|requires|unblocks?|to (?:do|fix|settle))\b", re.IGNORECASE
)
_WORKING = frozenset({"WORKING", "INPUT_REQUIRED", "AUTH_REQUIRED"})
_STALE = timedelta(days=1)
_DAY = 86_400


def blocked_elsewhere(page: Page) -> Iterator[Spot]:
    """A card that says it waits, in a lane that says it does not. The crew's own cards say it by design,
    and so does an inbox of decisions."""
    for item in page.within(Column.BACKLOG, Column.IN_PROGRESS):
        if item.id in _known(page) or _in_inbox(item):
            continue
        for at, text in enumerate(page.texts(item), item.start):
            found = _WAITS.search(text)
            if found and not _SETTLED.search(text) and "[x]" not in text.casefold():
                says = f"«{item.title[:60]}» says «{found[0]}», and stands in {page.lane_of(item)}"
                yield Spot(at, says, item.id)
                break


def blocked_without_facts(page: Page) -> Iterator[Spot]:
    asked = {"cause": _CAUSE, "owner": _OWNER, "needed": _NEEDED}
    words = {"cause": "no cause", "owner": "no owner", "needed": "nothing that would help"}
    for item in page.within(Column.BLOCKED):
        text = "\n".join(page.texts(item))
        lacking = [
            words[name]
            for name, shape in asked.items()
            if f"{LABELS[name]} {name}:" not in text and not shape.search(text)
        ]
        if lacking:
            says = f"«{item.title[:60]}» is blocked, and names {' and '.join(lacking)}"
            yield Spot(item.start, says, item.id)


def stale(page: Page) -> Iterator[Spot]:
    """What the board shows as being worked on, while nobody does."""
    facts, now = page.case.facts, page.case.now
    if facts is None or now is None:
        return
    for item in page.within(Column.IN_PROGRESS):
        task = facts.tasks.get(item.id)
        if task is None or task.state not in _WORKING:
            continue
        quiet = now - task.last
        days = int(quiet.total_seconds() // _DAY)
        if not facts.crew_alive and task.state == "WORKING" and not task.at_rest:
            says = f"{task.role} is said to work on ^{item.id}, and no crew runs"
            yield Spot(item.start, says, item.id)
        elif quiet > _STALE:
            says = (
                f"nothing has happened to ^{item.id} ({task.role}) for {days} day{'s'[: days > 1]}"
            )
            yield Spot(item.start, says, item.id, "See `crewboard logs` for what it waits on.")


def too_much_at_once(page: Page) -> Iterator[Spot]:
    for column, limit in page.case.limits.items():
        found = [item for item in page.within(column) if page.in_section(item)]
        if len(found) > limit:
            lane = page.outline.lanes[found[0].lane]
            yield Spot(lane.start, f"{lane.title} holds {len(found)} cards, its limit is {limit}")


def _known(page: Page) -> frozenset[str]:
    return page.case.facts.ids if page.case.facts else frozenset()


def _in_inbox(item: Item) -> bool:
    return bool(item.group) and _INBOX.search(item.group) is not None


_INBOX = re.compile(r"\bwaiting on .+ decisions?\b", re.IGNORECASE)
RULES = (
    Rule(
        "B301",
        Severity.WARNING,
        "a card waits, and does not stand in Blocked",
        "Move it to Blocked and say on whom it waits, or put the question as a decision.",
        blocked_elsewhere,
    ),
    Rule(
        "B302",
        Severity.WARNING,
        "a blocked card lacks its cause, its owner or what is needed",
        "Write beneath it `cause: …`, `owner: @name` and `needed: …`.",
        blocked_without_facts,
    ),
    Rule(
        "B303",
        Severity.WARNING,
        "what is shown as in progress stands still",
        "`crewboard resume` takes it up.",
        stale,
    ),
    Rule(
        "B304",
        Severity.WARNING,
        "a column holds more than its limit",
        "Finish something before the next begins, or raise the limit under [board] in crewboard.toml.",
        too_much_at_once,
    ),
)
